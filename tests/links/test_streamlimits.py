"""
How much of a stream is read: how large its stanzas may be, how deep, and what becomes of those that are too much.
"""

import pytest

from pushsvc.links.faults import TooMuch
from pushsvc.links.limits import AUTHENTICATED, UNAUTHENTICATED, Limits
from tests.links.reading import HEADER, PASSED_ON, Reader, reading, stanza


@pytest.mark.parametrize("piece", [1, 7])
def test_W9_whatIsReadPastLeavesNoText(piece: int) -> None:
    """
    W-9: Of a stanza that is too large nothing is left, not even what was read of a text, in the one after it.
    """
    data = b"<message>" + b"x" * 20_000 + b"</message><iq>z</iq>"

    reader = reading(*[data[at : at + piece] for at in range(0, len(data), piece)], limits=PASSED_ON)

    assert ["<message/>"] == [each.toXml().replace(" xmlns='jabber:server'", "") for each in reader.refused]
    assert [["z"]] == [each.children for each in reader.stanzas]


def test_W8_deepNestingIsRefused() -> None:
    """
    W-8: A hundred thousand elements within one another are refused at the limit.
    """
    nested = b"<a>" * 100_000

    with pytest.raises(TooMuch) as refusal:
        reading(nested)

    assert "policy-violation" == refusal.value.condition


def test_W8_nestingUpToTheLimitIsFine() -> None:
    """
    W-8: The stream is the first level, and the limit is the last that passes.
    """
    limits = Limits(size=10_000, elements=100, depth=4)

    assert 1 == len(reading(b"<a><b><c/></b></a>", limits=limits).stanzas)
    with pytest.raises(TooMuch):
        reading(b"<a><b><c><d/></c></b></a>", limits=limits)


@pytest.mark.parametrize("piece", [1, 7, 4096, 100_000])
def test_W9_stanzaSizeIsCountedExactly(piece: int) -> None:
    """
    W-9: Before authentication 10,000 bytes pass and 10,001 do not, whatever shares a read with them.
    """
    before, after = b"<iq/>" * 30, b"<iq/>" * 30

    def read(size: int) -> Reader:
        data = before + stanza(size) + after
        return reading(*(data[i : i + piece] for i in range(0, len(data), piece)), limits=UNAUTHENTICATED)

    assert 61 == len(read(10_000).stanzas)
    with pytest.raises(TooMuch):
        read(10_001)


def test_W9_manySmallStanzasInOneReadAreFine() -> None:
    """
    W-9: What counts is each stanza, not the read.
    """
    assert 50_000 == len(reading(b"<iq><a/></iq>" * 50_000, limits=UNAUTHENTICATED).stanzas)


def test_W9_elementsAreCounted() -> None:
    """
    W-9: A stanza has only so many elements, as they cost far more than their bytes.
    """
    limits = Limits(size=10_000, elements=10)

    assert 2 == len(reading((b"<iq>" + b"<a/>" * 9 + b"</iq>") * 2, limits=limits).stanzas)
    with pytest.raises(TooMuch):
        reading(b"<iq>" + b"<a/>" * 10 + b"</iq>", limits=limits)


def test_W9_whitespaceBetweenStanzasCostsNothing() -> None:
    """
    W-9: Keep-alives neither add up to a stanza that is too large, nor stay in memory.
    """
    reader = reading(*([b" " * 1_000] * 1_000), b"<iq/>", limits=UNAUTHENTICATED)

    assert 1 == len(reader.stanzas)
    assert [] == reader.stanzas[0].children
    assert 0 == len(reader.header.children)


def test_W9_headersAreLimited() -> None:
    """
    W-9: A header that never ends is refused, too.
    """
    reader = Reader(UNAUTHENTICATED)

    reader.parse(b"<stream version='")
    with pytest.raises(TooMuch):
        for _ in range(10):
            reader.parse(b"1" * 1_000)


def test_W9_unfinishedTagsAreLimited() -> None:
    """
    W-9: A tag that comes in drops is looked at from its start with each, so it may not become large.
    """
    reader = reading(b"<iq><a b='")

    with pytest.raises(TooMuch):
        for _ in range(40):
            reader.parse(b"x" * 1_000)


def test_limitsCanChangeInTheMiddleOfARead() -> None:
    """
    The stanza after the one that authenticates the peer may be large, also in the same read.
    """
    reader = reading(limits=UNAUTHENTICATED)
    reader.ElementEvent = lambda element: (reader.stanzas.append(element), setattr(reader, "limits", AUTHENTICATED))

    reader.parse(b"<handshake/>" + stanza(100_000))

    assert ["handshake", "message"] == [stanza.name for stanza in reader.stanzas]


@pytest.mark.parametrize(
    "excess",
    [
        b"<iq to='x'>" + b"<a>" * 100 + b"</a>" * 100 + b"</iq>",
        b"<iq to='x'>" + b"<a/>" * 200 + b"</iq>",
        b"<iq to='x'>" + b"y" * 30_000 + b"</iq>",
        b"<iq to='x'>" + b"<a b='" + b"y" * 30_000 + b"'/></iq>",
        b"<iq to='x' y='" + b"y" * 30_000 + b"'/>",
        b"<iq to='x' y='" + b"y" * 30_000 + b"'><a/>text</iq>",
    ],
)
@pytest.mark.parametrize("piece", [1_000, 1_000_000])
def test_W9_whatOthersWroteDoesNotEndTheStream(excess: bytes, piece: int) -> None:
    """
    W-9: Where a peer passes on what anybody wrote, a stanza beyond the limits is read past, and its sender is known.
    """
    data = b"<iq/>" + excess + b"<message>after</message>"

    reader = reading(*(data[i : i + piece] for i in range(0, len(data), piece)), limits=PASSED_ON)

    assert ["iq", "message"] == [stanza.name for stanza in reader.stanzas]
    assert "after" == str(reader.stanzas[1])
    assert [("x", [])] == [(stanza["to"], stanza.children) for stanza in reader.refused]


def test_W9_theStanzaAfterOneThatIsReadPastHasItsOwnLimits() -> None:
    """
    W-9: What is read past lends nothing to what follows.
    """
    excess = b"<iq>" + b"<a/>" * 200 + b"</iq>"

    reader = reading(excess + stanza(10_000) + excess + stanza(10_001) + b"<iq/>", limits=PASSED_ON)

    assert ["message", "iq"] == [stanza.name for stanza in reader.stanzas]
    assert ["iq", "iq", "message"] == [stanza.name for stanza in reader.refused]


def test_W8_whatIsNotWholeYetIsCountedToo() -> None:
    """
    W-8, W-9: An element that is too deep, or one too many, need not wait for the end of its stanza; and however many
    come at once, they are counted before they are many more.
    """
    for excess in (b"<a>" * 64, b"<a/>" * 4_001):
        with pytest.raises(TooMuch):
            reading(b"<iq>", excess)

    reader = reading(b"<iq>")
    with pytest.raises(TooMuch):
        reader.parse(b"<a/>" * 50_000)
    assert reader._fed < 40_000


def test_W9_whatIsCountedInDropsIsNotCountedWithEach() -> None:
    """
    W-9: A stanza that comes in drops is counted a few times.
    """
    counted = []

    class Counting(Reader):
        def _count(self) -> None:
            counted.append(self._fed)
            super()._count()

    reader = Counting()
    for drop in (HEADER, b"<iq>", *([b"<a/>"] * 3_000), b"</iq>"):
        reader.parse(drop)

    assert 1 == len(reader.stanzas)
    assert len(counted) < 20
