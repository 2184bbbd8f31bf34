"""
What of a stream's XML is read, and what is refused.
"""

import gc
import weakref
from itertools import pairwise
from typing import Any
from xml.etree.ElementTree import TreeBuilder

import pytest
from hypothesis import given
from hypothesis import strategies as some
from twisted.words.xish import domish

from pushsvc.links.elementstream import ElementStream
from pushsvc.links.faults import RestrictedXML, StreamFault, TooMuch, UnsupportedEncoding
from pushsvc.links.limits import AUTHENTICATED, UNAUTHENTICATED, Limits

HEADER = b"<?xml version='1.0'?><s:stream xmlns='jabber:server' xmlns:s='http://etherx.jabber.org/streams'>"
PASSED_ON = Limits(size=10_000, elements=100, skips=True)


class Reader(ElementStream):
    """
    Keeps what comes out.
    """

    def __init__(self, limits: Limits = AUTHENTICATED) -> None:
        super().__init__(limits)
        self.header: Any = None
        self.stanzas: list[Any] = []
        self.refused: list[Any] = []
        self.ended = False
        self.texts: list[int] = []
        self.DocumentStartEvent = lambda header: setattr(self, "header", header)
        self.ElementEvent = self.stanzas.append
        self.RefusedEvent = self.refused.append
        self.DocumentEndEvent = lambda: setattr(self, "ended", True)

    def makeBuilder(self) -> TreeBuilder:
        """
        One that counts the pieces of texts.
        """
        texts = self.texts

        class Counting(TreeBuilder):
            def data(self, data: str, /) -> None:
                texts.append(len(data))
                super().data(data)

        return Counting()


def reading(*pieces: bytes, limits: Limits = AUTHENTICATED) -> Reader:
    """
    A stream that has read its header, and these.
    """
    reader = Reader(limits)
    for piece in (HEADER, *pieces):
        reader.parse(piece)
    return reader


def stanza(size: int) -> bytes:
    """
    A stanza of this many bytes.
    """
    return b"<message>" + b"x" * (size - 19) + b"</message>"


def test_headerStanzasAndEnd() -> None:
    """
    A stream is a header, stanzas, and an end.
    """
    reader = reading(b"<iq id='1'><a xmlns='b'>c</a></iq> <message/></s:stream>")

    assert ("http://etherx.jabber.org/streams", "stream") == (reader.header.uri, reader.header.name)
    assert "jabber:server" == reader.header.defaultUri
    assert ["<iq xmlns='jabber:server' id='1'><a xmlns='b'>c</a></iq>", "<message xmlns='jabber:server'/>"] == [
        stanza.toXml() for stanza in reader.stanzas
    ]
    assert reader.ended


XML_TEXT = some.text(some.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Cn"]), max_size=20)
TREES = some.recursive(
    some.tuples(XML_TEXT, some.just([])),
    lambda children: some.tuples(XML_TEXT, some.lists(children, max_size=3)),
    max_leaves=8,
)


def _tree(text: str, children: list[Any]) -> domish.Element:
    element = domish.Element(("jabber:server", "part"))
    element["said"] = text
    for child in children:
        element.addChild(_tree(*child))
        element.addContent(text)
    return element


@given(trees=some.lists(TREES, min_size=1, max_size=4), cuts=some.lists(some.integers(0, 2_000), max_size=12))
def test_stanzasComeOutWholeHoweverTheyAreCut(trees: list[Any], cuts: list[int]) -> None:
    """
    It does not matter in which pieces stanzas arrive.
    """
    sent = [_tree(*tree).toXml(defaultUri="jabber:server") for tree in trees]
    data = HEADER + "\n".join(sent).encode()
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]

    reader = Reader()
    for start, end in pairwise(places):
        reader.parse(data[start:end])

    assert sent == [stanza.toXml(defaultUri="jabber:server") for stanza in reader.stanzas]


@pytest.mark.parametrize(
    "evil",
    [
        b"<!-- a comment -->",
        b"<?a processing instruction?>",
        b"<iq><!-- a comment --></iq>",
        b"<iq><?a processing instruction?></iq>",
    ],
)
def test_W6_commentsAndProcessingInstructionsEndTheStream(evil: bytes) -> None:
    """
    W-6: Comments and processing instructions are restricted-xml, between stanzas and within.
    """
    with pytest.raises(RestrictedXML) as refusal:
        reading(evil)

    assert "restricted-xml" == refusal.value.condition


@pytest.mark.parametrize(
    "prologue",
    [
        b"<!DOCTYPE s:stream>",
        b"<!DOCTYPE s:stream [<!ATTLIST iq type CDATA 'set'>]>",
        b"<!DOCTYPE s:stream [<!ENTITY lol 'lol'><!ENTITY lol2 '&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;'>]>",
        b"<!DOCTYPE s:stream SYSTEM 'http://example.org/some.dtd'>",
    ],
)
def test_W6_billionLaughsAreRefusedAtOnce(prologue: bytes) -> None:
    """
    W-6: A DTD is refused where it begins, before any entity or default attribute is declared.
    """
    reader = Reader()

    with pytest.raises(RestrictedXML):
        reader.parse(b"<?xml version='1.0'?>" + prologue + b"<s:stream xmlns:s='x'><iq>&lol2;</iq>")

    assert (None, []) == (reader.header, reader.stanzas)


def test_W6_unknownEntitiesAreNotWellFormed() -> None:
    """
    W-6: Only the five entities that XML has of its own are known.
    """
    assert "&<>'\"" == str(reading(b"<iq>&amp;&lt;&gt;&apos;&quot;</iq>").stanzas[0])
    with pytest.raises(StreamFault) as refusal:
        reading(b"<iq>&lol;</iq>")
    assert "not-well-formed" == refusal.value.condition


@pytest.mark.parametrize("bit", ["\n", "&lt;", "ü\n"])
def test_W7_longTextsAreNotPutTogetherBitByBit(bit: str) -> None:
    """
    W-7: 200,000 lines or entities are a few long texts, not 200,000 short ones to be joined.
    """
    reader = reading(b"<iq>" + bit.encode() * 200_000 + b"</iq>", limits=Limits(size=2_000_000, elements=10))

    assert bit.replace("&lt;", "<") * 200_000 == str(reader.stanzas[0])
    assert len(reader.texts) < 200


def test_W7_textsThatComeBitByBitArePutTogetherOnce() -> None:
    """
    W-7: Of a text that comes in very many reads, few pieces are kept: each takes more room than a few characters.
    """
    reader = reading(b"<message><body>")
    for number in range(5_000):
        reader.parse(b"%d" % (number % 10))
    reader.parse(b"<b/>")
    reader.parse(b"x")
    reader.parse(b"y</body></message>")

    (body,) = reader.stanzas[0].elements()
    assert ["0123456789" * 500, "xy"] == [child for child in body.children if isinstance(child, str)]
    assert len(reader.texts) < 1_100 and 5_002 == sum(reader.texts)


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


@pytest.mark.parametrize("piece", [100, 1_000, 16_384, 100_000])
def test_W9_namesAreForgotten(piece: int) -> None:
    """
    W-9: A peer that makes up new names for ever does not fill our memory with them, and nothing is lost when they are
    forgotten: namespaces that the header has declared, what was counted of a stanza, the name that ends the stream.
    """
    header = b"<s:stream xmlns='jabber:server' xmlns:s='b' xmlns:q='it&apos;s &lt;'>"
    sent = [b"<iq id='%d'><q:n%d a%d='>'/></iq>" % (number, number, number) for number in range(20_000)]
    data = header + b"".join(sent) + b"<iq>" + b"x" * 9_991 + b"</iq></s:stream>"
    reader = Reader(UNAUTHENTICATED)
    most = 0

    for start in range(0, len(data), piece):
        reader.parse(data[start : start + piece])
        most = max(most, len(reader._names))

    assert [str(number) for number in range(20_000)] == [stanza["id"] for stanza in reader.stanzas[:-1]]
    assert {("it%27s%20%3C", f"n{number}", f"a{number}") for number in range(20_000)} == {
        (child.uri, child.name, next(iter(child.attributes)))
        for stanza in reader.stanzas[:-1]
        for child in stanza.elements()
    }
    assert reader.ended and most < 3 * reader.NAMES
    with pytest.raises(TooMuch):
        again = Reader(UNAUTHENTICATED)
        for start in range(0, len(data), piece):
            again.parse(data[start : start + piece].replace(b"xxxx</iq>", b"xxxxx</iq>"))


@pytest.mark.parametrize("piece", [300, 16_384])
def test_W9_prefixesAreForgotten(piece: int) -> None:
    """
    W-9: So are prefixes, of which the parser keeps all and tells none; and nothing is lost with them.
    """
    made = []

    class Counting(Reader):
        def _makeParser(self) -> None:
            made.append(self._fed)
            super()._makeParser()

    reader = Counting()
    sent = [b"<iq id='%d' xmlns:p%d='p'><p%d:q/></iq>" % (number, number, number) for number in range(40_000)]
    data = HEADER + b"".join(sent) + b"</s:stream>"

    for start in range(0, len(data), piece):
        reader.parse(data[start : start + piece])

    assert [str(number) for number in range(40_000)] == [stanza["id"] for stanza in reader.stanzas]
    assert {("p", "q")} == {(child.uri, child.name) for stanza in reader.stanzas for child in stanza.elements()}
    assert reader.ended
    assert max(after - before for before, after in pairwise([*made, len(data)])) < reader.BYTES + 20_000


def test_nothingIsLeftOfAStanza() -> None:
    """
    A stanza is gone as soon as nobody wants it any more: it does not wait to be found.
    """
    gone = []
    reader = reading()
    reader.ElementEvent = lambda stanza: weakref.finalize(stanza, gone.append, stanza["id"])
    gc.disable()
    try:
        reader.parse(b"<iq id='1'><a><b>c</b></a></iq><iq id='2'>")
        assert ["1"] == gone
    finally:
        gc.enable()


def test_W10_aStanzaIsThereWithItsLastByte() -> None:
    """
    W-10: A stanza that comes byte by byte is there as soon as its last byte is.
    """
    reader = reading()
    sent = b"<iq id='1'><a xmlns='b'/></iq>"

    for i in range(len(sent) - 1):
        reader.parse(sent[i : i + 1])
    before = len(reader.stanzas)
    reader.parse(sent[-1:])

    assert (0, 1) == (before, len(reader.stanzas))


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("piece", [1, 1_000])
def test_W11_utf16IsRefused(encoding: str, mark: str, piece: int) -> None:
    """
    W-11: UTF-16 is refused, with a byte-order mark or without.
    """
    data = (mark + "<stream><iq/>").encode(encoding)
    reader = Reader()

    with pytest.raises(UnsupportedEncoding) as refusal:
        for i in range(0, len(data), piece):
            reader.parse(data[i : i + piece])

    assert ("unsupported-encoding", None) == (refusal.value.condition, reader.header)


def test_W11_otherDeclaredEncodingsAreRefused() -> None:
    """
    W-11: A declaration may say UTF-8, and nothing else.
    """
    reader = Reader()

    reader.parse("\ufeff<?xml version='1.0' encoding='utf-8'?><stream>".encode())

    assert "stream" == reader.header.name
    with pytest.raises(UnsupportedEncoding):
        Reader().parse(b"<?xml version='1.0' encoding='iso-8859-1'?><stream>")


def test_killedStreamsSayNothing() -> None:
    """
    What stands behind the stanza that restarted or ended a stream is never delivered.
    """
    reader = reading()

    def kill(element: domish.Element) -> None:
        reader.stanzas.append(element)
        reader.kill()

    reader.ElementEvent = kill
    reader.parse(b"<starttls/><iq>injected</iq>")
    reader.parse(b"<iq>injected</iq><not well-formed<")

    assert ["starttls"] == [stanza.name for stanza in reader.stanzas]


def test_namespacesCannotSmuggleStanzas() -> None:
    """
    A namespace that holds markup is written as harmless as any other.
    """
    evil = b"""<iq><a xmlns="x'/&gt;&lt;/iq&gt;&lt;message/&gt;&lt;iq&gt;&lt;b c='" xmlns:d='&amp;"' d:e='f'/></iq>"""

    written = reading(evil).stanzas[0].toXml(defaultUri="jabber:server")
    again = reading(written.encode())

    assert ["iq"] == [stanza.name for stanza in again.stanzas]
    assert ["a"] == [child.name for child in again.stanzas[0].elements()]


def test_prefixesBoundTwiceDoNotSpellTwoAttributesAlike() -> None:
    """
    However prefixes are bound, what is read can be written and is read again as the same.
    """
    evil = b"<iq><a xmlns:q='u' xmlns:p='u'><b xmlns:p='v' q:c='1' p:c='2' xmlns:s='w'><s:d/></b></a></iq>"

    again = reading(reading(evil).stanzas[0].toXml(defaultUri="jabber:server").encode()).stanzas[0]

    assert {("u", "c"): "1", ("v", "c"): "2"} == again.a.b.attributes
    assert "w" == again.a.b.d.uri


@pytest.mark.parametrize(("uri", "read"), [("a b", "a%20b"), ("a}b", "a}b"), ("{a}", "{a}"), ("a|b^", "a|b^")])
def test_noNamespaceEndsTheStream(uri: str, read: str) -> None:
    """
    A namespace with a space or a brace is nobody's, and no reason to hang up on who passes it on.
    """
    assert read == reading(f"<iq><x xmlns='{uri}'/></iq>".encode()).stanzas[0].x.uri


def test_undeclaredDefaultNamespace() -> None:
    """
    ``xmlns=''`` is no namespace, also for what stands within.
    """
    written = reading(b"<iq><x xmlns=''><y/></x></iq>").stanzas[0].toXml(defaultUri="jabber:server")

    assert "<iq><x xmlns=''><y/></x></iq>" == written
