"""
What reading a stream takes, and leaves behind: no more than what was said deserves.
"""

import gc
import weakref
from itertools import pairwise

import pytest

from pushsvc.links.faults import TooMuch
from pushsvc.links.limits import UNAUTHENTICATED, Limits
from tests.links.reading import HEADER, Reader, reading


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
