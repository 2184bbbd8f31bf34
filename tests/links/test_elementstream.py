"""
What of a stream's XML is read, and what is refused.
"""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from twisted.words.xish import domish

from pushsvc.links.faults import RestrictedXML, StreamFault, UnsupportedEncoding
from tests.links.reading import HEADER, Reader, reading


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
