"""
The ways from our domains to others: made when something is to be sent, forgotten when nothing would be different
without them.
"""

from collections.abc import Callable
from secrets import token_hex

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.words.xish.domish import Element

from pushsvc.links.s2s.departures import Departures
from pushsvc.links.s2s.desk import Desk
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.ourselves import Ourselves
from pushsvc.links.s2s.outages import Outages
from pushsvc.links.s2s.outgoing import Outgoing
from pushsvc.links.s2s.peerstream import PeerStream
from pushsvc.links.s2s.reaching import Reaching
from pushsvc.links.s2s.route import Route
from pushsvc.links.s2s.waiting import Letter, Room, Trouble, letter
from pushsvc.wire.namespaces import NS_PING


class Routes(dict[Pair, Route]):
    """
    All of them, and what they share.
    """

    def __init__(
        self, ourselves: Ourselves, reaching: Reaching, desk: Desk, randomly: Callable[[], float]
    ) -> None:
        super().__init__()
        self._ourselves = ourselves
        self._reaching = reaching
        self._desk = desk
        self._random = randomly
        self._departures = Departures(ourselves.settings, ourselves.clock)
        self._room = Room(ourselves.settings.maxAllWaitingSize)
        self._outages = Outages(ourselves.clock)

    def between(self, pair: Pair) -> Route:
        """
        The way that stanzas of this pair go.
        """
        route = self.get(pair)
        if route is None:
            ways = self._open, self._ping, self._bounce
            route = Route(pair, self._ourselves, *ways, self._room, self._random, self._outages)
            self[pair] = route
        return route

    def joined(self, stream: PeerStream, pair: Pair) -> None:
        """
        The other side has come to us.
        """
        if stream.bidi:
            self.between(pair).attach(stream)
        elif pair in self:
            self[pair].heardOf()

    def sweep(self) -> None:
        """
        Send back what has waited for too long, and forget what is of no use.
        """
        for pair, route in list(self.items()):
            route.expire()
            if route.isForgettable:
                del self[pair]
                self._outages.forget(pair.remote)

    def stop(self) -> None:
        """
        What waits leaves if it can.
        """
        for route in self.values():
            route.stop()
        self.clear()

    async def _open(self, pair: Pair) -> PeerStream:
        def make(direct: bool, mayUseExternal: bool) -> Outgoing:
            return Outgoing(self._ourselves, pair, direct, mayUseExternal)

        def reach() -> Deferred[PeerStream]:
            reaching = ensureDeferred(self._reaching.reach(pair.remote, make))
            return reaching.addTimeout(self._ourselves.settings.reaching, self._ourselves.clock)

        return await self._departures.open(reach)

    def _ping(self, pair: Pair, stream: PeerStream) -> "Deferred[Element]":
        attributes = {"type": "get", "from": pair.local, "to": pair.remote, "id": token_hex(8)}
        iq = Element((None, "iq"), attribs=attributes)
        iq.addElement((NS_PING, "ping"))
        answer = self._desk.requests.track(iq, self._ourselves.settings.pinging)
        stream.send(letter(iq).text)
        return answer

    def _bounce(self, letter: Letter, trouble: Trouble) -> None:
        bounced = letter.bounce(trouble)
        if bounced is not None:
            # Who sends is not done with sending when it is told that it was in vain.
            self._ourselves.clock.callLater(0, self._desk.receive, bounced)
