"""
Where peers come in, and how many of them may be in at the same time.
"""

from collections import Counter
from collections.abc import Callable

from twisted.internet.protocol import Factory
from twisted.logger import Logger

from pushsvc.links.s2s.negotiation import Negotiation
from pushsvc.links.s2s.ourselves import Ourselves, Settings
from pushsvc.links.s2s.peerstream import PeerStream
from pushsvc.links.s2s.whence import whenceOf


class Guests:
    """
    The streams that peers have opened.

    Who has not said yet who it is makes room for newcomers, the oldest first: whoever means well is done in a moment.
    Who has said it is never sent away; when all places are taken, newcomers are.
    """

    log = Logger()

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._all: dict[PeerStream, str] = {}  # and where they come from
        self._from: Counter[str] = Counter()
        # The oldest first, all of them and by where they come from.
        self._halfOpen: dict[PeerStream, str] = {}
        self._halfOpenFrom: dict[str, dict[PeerStream, None]] = {}
        self._told = False

    def hasRoomFor(self, whence: str) -> bool:
        """
        Whether another stream from there may come in. Room is made if it can be.
        """
        settings = self._settings
        mine = self._halfOpenFrom.get(whence, {})
        if len(mine) >= settings.maxHalfOpenPerAddress:
            self._sendAway(next(iter(mine)))
        elif len(self._halfOpen) >= settings.maxHalfOpen:
            self._sendAway(next(iter(self._halfOpen)))
        hasRoom = len(self._all) < settings.maxStreams and self._from[whence] < settings.maxStreamsPerAddress
        if not hasRoom and not self._told:
            self._told = True
            self.log.warn("too many streams from other servers: new ones are refused")
        return hasRoom

    def entered(self, stream: PeerStream, whence: str) -> None:
        """
        A peer has opened a stream.
        """
        self._all[stream] = self._halfOpen[stream] = whence
        self._halfOpenFrom.setdefault(whence, {})[stream] = None
        self._from[whence] += 1
        stream.ends.append(self._left)

    def settled(self, stream: PeerStream) -> None:
        """
        It has said who it is.
        """
        whence = self._halfOpen.pop(stream, None)
        if whence is not None:
            mine = self._halfOpenFrom[whence]
            del mine[stream]
            if not mine:
                del self._halfOpenFrom[whence]

    def _sendAway(self, stream: PeerStream) -> None:
        self.settled(stream)
        stream.dismiss("resource-constraint")

    def _left(self, stream: PeerStream) -> None:
        self.settled(stream)
        whence = self._all.pop(stream)
        self._from[whence] -= 1
        if not self._from[whence]:
            del self._from[whence]
        if len(self._all) <= self._settings.maxStreams // 2:
            self._told = False


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
