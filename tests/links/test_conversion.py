"""
Stanzas as Twisted would have read them.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any
from xml.sax.saxutils import quoteattr

from hypothesis import given
from hypothesis import strategies as some
from wokkel import generic

from pushsvc.errors import RequestError
from pushsvc.links.elementstream import ElementStream
from pushsvc.links.limits import AUTHENTICATED, Limits
from pushsvc.wire.gate import refusal
from pushsvc.wire.notification import readPublish
from pushsvc.wire.stanza import Stanza, stripNamespace
from pushsvc.wire.view import DomishView, viewOf
from tests.links.reference import said, stanzasIn
from tests.wire.trees import anything, fields, words

HEADER = b"<s:stream xmlns='jabber:server' xmlns:s='http://etherx.jabber.org/streams' xmlns:p='urn:p'>"
PUBLISH = (
    "<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'><item>"
    "<notification xmlns='urn:xmpp:push:0'>{}</notification></item></publish>"
    "<publish-options>{}</publish-options></pubsub>"
)
NAMED = ("FORM_TYPE", "message-count", "last-message-sender", "secret", "pubsub#access_model")

CONTENT = some.one_of(
    anything,
    some.builds(PUBLISH.format, fields(NAMED) | anything, fields(NAMED)),
    # What stands in the namespace of the stream, and what is as deep within.
    some.just("<iq type='set' id='2'><p:a p:b='c' b='d' xml:lang='de'><iq xmlns='jabber:server'>x</iq>y</p:a></iq>"),
    some.just("<![CDATA[<iq/>]]>&lt;&amp;\u00fc\U0001f4f1\r\n<body>a<b/>c</body>"),
    some.just("<x xmlns='a b&quot;' xmlns:q='&lt;' q:y='z'/>"),
)


def _stanza(name: str, attributes: dict[str, str], content: list[str]) -> str:
    said = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{said}>{''.join(content)}</{name}>"


STANZA = some.builds(
    _stanza,
    some.sampled_from(("iq", "message", "presence", "p:other")),
    some.dictionaries(some.sampled_from(("from", "to", "id", "type", "p:a", "xml:lang")), words | some.just("set")),
    some.lists(CONTENT, max_size=2),
)
STREAM = some.lists(STANZA | some.sampled_from((" ", "\n", "<iq/>")), max_size=6).map(
    lambda parts: "".join(parts).encode()
)


class Forgetful(ElementStream):
    """
    One parser follows the other.
    """

    NAMES = 3


def reading(
    data: bytes, cuts: Sequence[int] = (), make: Callable[[Limits], ElementStream] = ElementStream
) -> list[Stanza]:
    """
    The stanzas of a stream that is read in pieces.
    """
    stanzas: list[Stanza] = []
    reader = make(AUTHENTICATED)
    reader.ElementEvent = stanzas.append
    data = HEADER + data
    places = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    for start, end in pairwise(places):
        reader.parse(data[start:end])
    return stanzas


@given(STREAM, some.lists(some.integers(0, 4_000), max_size=30), some.sampled_from((ElementStream, Forgetful)))
def test_stanzasAreAsTwistedReadsThem(data: bytes, cuts: list[int], make: type[ElementStream]) -> None:
    """
    A stanza that is asked for its content has the same as if Twisted had parsed it, in whichever pieces it came.
    """
    expected = [said(stanza) for stanza in stanzasIn(HEADER + data)]

    stanzas = [said(stanza) for stanza in reading(data, cuts, make)]

    # Twisted ends where there is a space in a namespace.
    assert expected == stanzas[: len(expected)] and (b"'a b&quot;'" in data or len(expected) == len(stanzas))


@given(STREAM)
def test_stanzasLoseTheirNamespaceAsWithWokkel(data: bytes) -> None:
    """
    Whether it is domish already or not, a stanza comes out of its stream's namespace with the same of its content.
    """
    expected, before, after = reading(data), reading(data), reading(data)
    for stanza in expected:
        assert said(stanza)
        generic.stripNamespace(stanza)  # type: ignore[no-untyped-call]

    for stanza in before:
        stripNamespace(stanza)
    for stanza in after:
        assert stanza.children is not None
        stripNamespace(stanza)

    assert [said(stanza) for stanza in expected] == [said(stanza) for stanza in before]
    assert [said(stanza) for stanza in expected] == [said(stanza) for stanza in after]
    assert [_defaults(stanza) for stanza in expected] == [_defaults(stanza) for stanza in before]


@given(STREAM)
def test_stanzasAreReadAlikeFromEitherSide(data: bytes) -> None:
    """
    What the gate and the readers say of a stanza is the same, whether it has become domish or not.
    """
    trees, elements = reading(data), reading(data)
    for element in elements:
        assert element.children is not None

    assert [_understood(tree) for tree in trees] == [_understood(element) for element in elements]
    assert all(isinstance(viewOf(element), DomishView) for element in elements)


def _understood(stanza: Stanza) -> Any:
    stripNamespace(stanza)
    answer = refusal(stanza)
    try:
        publish: Any = readPublish(viewOf(stanza), "push.example.net", "example.org")
        publish = publish, dict(publish.options)
    except RequestError as e:
        publish = type(e), str(e), getattr(e, "app", None)
    return stanza.handled, None if answer is None else answer.toXml(), publish


def _defaults(element: Any) -> Any:
    return element.defaultUri, [_defaults(child) for child in element.elements()]


def test_publishesAreReadWithoutBecomingDomish() -> None:
    """
    A publish passes the gate and is read, and nothing of it has been made again.
    """
    publish = PUBLISH.format("", "")
    (stanza,) = reading(f"<iq type='set' from='a.example' to='b.example' id='1'>{publish}</iq>".encode())

    stripNamespace(stanza)

    assert refusal(stanza) is None and not stanza.handled
    assert "n" == readPublish(viewOf(stanza), "b.example", "a.example").node
    assert "children" not in stanza.__dict__
    assert "pubsub" == next(stanza.elements()).name
    assert stanza.tree is None


def test_whatIsChangedIsSeen() -> None:
    """
    An attribute that is changed is changed for all, and so is content.
    """
    (stanza,) = reading(b"<iq to='Here' p:a='b'><a/></iq>")

    stanza["to"] = "here"
    assert "here" == viewOf(stanza).attribute("to")
    assert {"to": "here", ("urn:p", "a"): "b"} == stanza.attributes
    stanza.addElement(("urn:b", "b"))

    assert ["a", "b"] == [child.name for child in viewOf(stanza).elements()]
