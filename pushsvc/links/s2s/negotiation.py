"""
What is said on a stream before stanzas may be: what both sides have in common.
"""

from typing import TYPE_CHECKING

from twisted.words.protocols.jabber.xmlstream import Authenticator
from twisted.words.xish.domish import Element

from pushsvc.links.s2s.namespaces import NS_SERVER, NS_STREAMS
from pushsvc.links.s2s.ourselves import Ourselves

if TYPE_CHECKING:
    from pushsvc.links.s2s.peerstream import PeerStream


class Negotiation(Authenticator):
    """
    What is said before stanzas may be.

    :ivar xmlstream: the stream.
    """

    xmlstream: "PeerStream"

    def __init__(self, ourselves: Ourselves) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.ourselves = ourselves

    def streamStarted(self, rootElement: Element) -> None:
        """
        The peer's header is there.
        """
        self.xmlstream.version = (1, 0)
        super().streamStarted(rootElement)  # type: ignore[no-untyped-call]
        if (rootElement.uri, rootElement.name) != (NS_STREAMS, "stream") or rootElement.defaultUri != NS_SERVER:
            self.xmlstream.refuse("invalid-namespace")
            return
        self.started(rootElement)

    def started(self, header: Element) -> None:
        """
        The peer's header is there, and one of a stream between servers.
        """

    def heard(self, element: Element) -> None:
        """
        The peer said something that is no stanza.
        """

    def secured(self) -> None:
        """
        TLS is spoken, and the stream starts anew.
        """

    def lost(self, why: str) -> None:
        """
        The stream is at its end, or past it. May be called more than once.
        """
