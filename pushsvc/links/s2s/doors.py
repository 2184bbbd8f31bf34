"""
Where peers come in.
"""

from collections.abc import Callable

from twisted.internet.protocol import Factory

from pushsvc.links.s2s.guests import Guests
from pushsvc.links.s2s.negotiation import Negotiation
from pushsvc.links.s2s.ourselves import Ourselves
from pushsvc.links.s2s.peerstream import PeerStream
from pushsvc.links.s2s.whence import whenceOf


class Door(Factory):
    """
    What listens.
    """

    noisy = False

    def __init__(
        self,
        ourselves: Ourselves,
        guests: Guests,
        make: Callable[[Negotiation], PeerStream],
        negotiate: Callable[[bool], Negotiation],
        direct: bool,
    ) -> None:
        """
        :param make: makes the stream.
        :param negotiate: makes its negotiation, told whether TLS comes first.
        :param direct: whether it does here.
        """
        self._ourselves = ourselves
        self._guests = guests
        self._make = make
        self._negotiate = negotiate
        self._direct = direct

    def buildProtocol(self, addr: object) -> PeerStream:
        whence = whenceOf(addr)
        if not self._guests.hasRoomFor(whence):
            return self._make(_Full(self._ourselves, self._direct))
        stream = self._make(self._negotiate(self._direct))
        self._guests.entered(stream, whence)
        return stream


class _Full(Negotiation):
    """
    Says so: a peer that is told why goes on believing in us, one that is hung up on may not.
    """

    def __init__(self, ourselves: Ourselves, direct: bool) -> None:
        super().__init__(ourselves)
        self._direct = direct

    def associateWithStream(self, xmlstream: PeerStream) -> None:
        super().associateWithStream(xmlstream)  # type: ignore[no-untyped-call]
        xmlstream.initiating = False

    def connectionMade(self) -> None:
        if self._direct:
            self.xmlstream.hangUp("resource-constraint")
        else:
            self.xmlstream.refuse("resource-constraint")
