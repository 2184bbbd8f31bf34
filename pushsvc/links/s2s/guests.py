"""
How many peers may be in at the same time, and who makes room for one more.
"""

from collections.abc import Iterable

from twisted.logger import Logger

from pushsvc.links.s2s.ourselves import Settings
from pushsvc.links.s2s.peerstream import PeerStream
from pushsvc.links.s2s.whence import networkOf

Group = dict[PeerStream, None]
"""
Streams, in the order in which they came.
"""


class Groups:
    """
    Streams by what they have in common.
    """

    def __init__(self) -> None:
        self._all: dict[str, Group] = {}

    def __getitem__(self, key: str) -> Group:
        return self._all.get(key, {})

    def __len__(self) -> int:
        return len(self._all)

    def add(self, key: str, stream: PeerStream) -> None:
        """
        It is one of them.
        """
        self._all.setdefault(key, {})[stream] = None

    def remove(self, key: str, stream: PeerStream) -> None:
        """
        It is one of them no longer.
        """
        group = self._all.get(key, {})
        group.pop(stream, None)
        if not group:
            self._all.pop(key, None)

    @property
    def most(self) -> int:
        """
        How many the largest group has.
        """
        return max(map(len, self._all.values()), default=0)

    def largest(self) -> set[str]:
        """
        The groups than which none has more.
        """
        most = self.most
        return {key for key, group in self._all.items() if len(group) == most}


class Guests:
    """
    The streams that peers have opened.

    Who has not said yet who it is makes room for newcomers: whoever means well is done in a moment. When all who are in
    have said it, the one that was of no use for longest makes room. Either is taken from where the most are, so that
    nobody keeps others out by being many.
    """

    log = Logger()

    def __init__(self, settings: Settings, hosts: int = 1) -> None:
        """
        :param hosts: how many domains we are: some servers open a stream to each.
        """
        self._settings = settings
        self._maxPerDomain = max(settings.maxStreamsPerDomain, 2 * hosts)
        self._all: dict[PeerStream, str] = {}  # and where they come from
        self._from, self._within = Groups(), Groups()  # by place, and by network
        self._halfOpen: Group = {}
        self._halfOpenFrom, self._halfOpenWithin = Groups(), Groups()
        self._of = Groups()  # by domain
        self._domains: dict[PeerStream, set[str]] = {}
        self._leaving: set[PeerStream] = set()
        self._told = False

    def hasRoomFor(self, whence: str) -> bool:
        """
        Whether another stream from there may come in. Room is made if it can be.
        """
        settings, network = self._settings, networkOf(whence)
        if len(self._halfOpenFrom[whence]) >= settings.maxHalfOpenPerAddress:
            self._sendAway(_leastSecure(self._halfOpenFrom[whence]))
        elif len(self._halfOpenWithin[network]) >= 2 * settings.maxHalfOpenPerAddress:
            self._sendAway(_leastSecure(self._halfOpenWithin[network]))
        elif len(self._halfOpen) >= settings.maxHalfOpen:
            self._sendAway(self._leastHalfOpen())
        hasRoom = (
            # Who was sent away may take a moment to go.
            len(self._leaving) < settings.maxStreams
            and len(self._from[whence]) < settings.maxStreamsPerAddress
            and len(self._within[network]) < 2 * settings.maxStreamsPerAddress
        )
        if not hasRoom and not self._told:
            self._told = True
            self.log.warn("too many streams from other servers: new ones are refused")
        if hasRoom and len(self._all) >= settings.maxStreams:
            self._sendAway(self._leastHalfOpen() if self._halfOpen else self._leastUsed())
        return hasRoom

    def entered(self, stream: PeerStream, whence: str) -> None:
        """
        A peer has opened a stream.
        """
        network = networkOf(whence)
        self._all[stream] = whence
        self._halfOpen[stream] = None
        for groups, key in self._places(whence, network):
            groups.add(key, stream)
        stream.ends.append(self._left)

    def settled(self, stream: PeerStream, domain: str) -> None:
        """
        It has said who it is: this domain.
        """
        if stream not in self._all:
            return
        self._settle(stream)
        self._domains.setdefault(stream, set()).add(domain)
        self._of.add(domain, stream)
        if len(self._of[domain]) > self._maxPerDomain:
            # The newest wins: who comes back after a crash has forgotten the former.
            self._sendAway(next(iter(self._of[domain])))

    def _places(self, whence: str, network: str) -> list[tuple[Groups, str]]:
        return [
            (self._from, whence),
            (self._within, network),
            (self._halfOpenFrom, whence),
            (self._halfOpenWithin, network),
        ]

    def _settle(self, stream: PeerStream) -> None:
        whence = self._all[stream]
        self._halfOpen.pop(stream, None)
        self._halfOpenFrom.remove(whence, stream)
        self._halfOpenWithin.remove(networkOf(whence), stream)

    def _leastHalfOpen(self) -> PeerStream:
        # Strangers have one closed for each that they open: it is found without looking at all of them.
        largest = self._halfOpenWithin.largest()
        return _leastSecure(stream for stream in self._halfOpen if networkOf(self._all[stream]) in largest)

    def _leastUsed(self) -> PeerStream:
        groups = max((self._within, self._of), key=lambda groups: groups.most)
        return min((stream for key in groups.largest() for stream in groups[key]), key=lambda stream: stream.usedAt)

    def _sendAway(self, stream: PeerStream) -> None:
        self._forget(stream)
        self._leaving.add(stream)
        stream.dismiss("resource-constraint")

    def _forget(self, stream: PeerStream) -> None:
        if stream not in self._all:
            return
        self._settle(stream)
        whence = self._all.pop(stream)
        self._from.remove(whence, stream)
        self._within.remove(networkOf(whence), stream)
        for domain in self._domains.pop(stream, ()):
            self._of.remove(domain, stream)

    def _left(self, stream: PeerStream) -> None:
        self._forget(stream)
        self._leaving.discard(stream)
        if len(self._all) <= self._settings.maxStreams // 2:
            self._told = False


def _leastSecure(streams: Iterable[PeerStream]) -> PeerStream:
    """
    The oldest without TLS, which costs the peer something; or the oldest.

    :param streams: the oldest first.
    """
    streams = iter(streams)
    oldest = next(streams)
    if not oldest.secure:
        return oldest
    return next((stream for stream in streams if not stream.secure), oldest)
