"""
What streams begin and end with.
"""

import pytest
from twisted.words.protocols.jabber.xmlstream import NS_STREAMS
from twisted.words.xish.domish import Element

from pushsvc.links.elementstream import ElementStream
from pushsvc.links.limits import UNAUTHENTICATED
from pushsvc.links.s2s import phrases
from pushsvc.links.s2s.namespaces import NS_DIALBACK, NS_SERVER


def read(text: str) -> Element:
    """
    The header that this is.
    """
    headers: list[Element] = []
    stream = ElementStream(UNAUTHENTICATED)
    stream.DocumentStartEvent = headers.append
    stream.parse(text.encode())
    return headers[0]


def test_headersDeclareWhatStreamsNeed() -> None:
    """
    A header is one of a stream between servers, in which dialback has the prefix that it wants.
    """
    header = read(phrases.header("push.example.org", "example.net", "x", (1, 0)))

    assert (NS_STREAMS, "stream", NS_SERVER) == (header.uri, header.name, header.defaultUri)
    assert NS_DIALBACK == header.localPrefixes["db"]
    assert {"from": "push.example.org", "to": "example.net", "id": "x", "version": "1.0"} == header.attributes


def test_oldPeersAreToldNoVersion() -> None:
    """
    Who speaks what was before 1.0 is told of no version, and who has not said who it is, of nobody.
    """
    header = read(phrases.header("push.example.org", None, "x", (0, 0)))

    assert {"from": "push.example.org", "id": "x"} == header.attributes


@pytest.mark.parametrize("domain", ["a'b.example", 'a"b.example', "a<b.example", "a&b.example", "bücher.example"])
def test_whatPeersAreCalledStaysInItsAttribute(domain: str) -> None:
    """
    A peer is called by the name that it gave itself, whatever that may be.
    """
    header = read(phrases.header("push.example.org", domain, "x", (1, 0)))

    assert domain == header["to"]
