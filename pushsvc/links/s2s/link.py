"""
Our own place among the servers: streams from and to whatever domain there is, for all domains that we are.
"""

import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from secrets import token_hex
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred, fail, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.protocols.jabber.xmlstream import XMPPHandlerCollection
from twisted.words.xish.domish import Element
from wokkel.generic import stripNamespace
from zope.interface import implementer

from pushsvc.config import ConfigurationError
from pushsvc.ipushsvc import IExpiring, ILink
from pushsvc.jids import addressOf
from pushsvc.links.s2s import racing
from pushsvc.links.s2s.departures import Departures
from pushsvc.links.s2s.desk import Desk
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.domains import hostAmong
from pushsvc.links.s2s.doors import Door
from pushsvc.links.s2s.guests import Guests
from pushsvc.links.s2s.incoming import Incoming
from pushsvc.links.s2s.keys import Keys, readSecret
from pushsvc.links.s2s.negotiation import Negotiation
from pushsvc.links.s2s.ourselves import Ourselves, Settings
from pushsvc.links.s2s.outages import Outages
from pushsvc.links.s2s.outgoing import Outgoing
from pushsvc.links.s2s.peerstream import PeerStream
from pushsvc.links.s2s.reaching import Connect, Reaching
from pushsvc.links.s2s.route import Route
from pushsvc.links.s2s.spelling import readdress
from pushsvc.links.s2s.tls import Certificates
from pushsvc.links.s2s.verifying import Verifier
from pushsvc.links.s2s.waiting import Letter, Room, Trouble, letter
from pushsvc.links.stream import Gate
from pushsvc.wire.errors import errorElement
from pushsvc.wire.namespaces import NS_PING
from pushsvc.wire.replies import errorReply

# Characters of a stanza's id: far more than anybody needs.
ID_MAX = 1_000

Listening = tuple[Any, bool]
"""
An IStreamServerEndpoint, and whether TLS comes first there (XEP-0368).
"""


@implementer(ILink, IExpiring)
class S2SLink(XMPPHandlerCollection, Service):
    """
    The link of many domains.

    :ivar hosts: the domains that we are.
    """

    log = Logger()

    def __init__(
        self,
        hosts: Iterable[str],
        certificates: Certificates,
        candidates: Callable[[str], Awaitable[list[Any]]],
        listening: Sequence[Listening],
        reactor: Any,
        settings: Settings,
        secretFile: Path | None = None,
        connect: Connect = racing.connect,
        randomly: Callable[[], float] = random.random,
    ) -> None:
        """
        :param candidates: where the servers of a domain are: `pushsvc.links.s2s.resolve.Resolver.candidates`.
        :param secretFile: see `pushsvc.links.s2s.keys.readSecret`.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self.hosts = frozenset(hosts)
        self.setName("s2s " + " ".join(sorted(self.hosts)))  # type: ignore[no-untyped-call]
        self._certificates = certificates
        self._candidates = candidates
        self._listening = listening
        self._reactor = reactor
        self._settings = settings
        self._secretFile = secretFile
        self._connect = connect
        self._random = randomly
        self._desk = Desk(reactor, self.send)
        self._gate = self._desk.gate
        self._desk.gate = self._look
        self._room = Room(settings.maxAllWaitingSize)
        self._routes: dict[Pair, Route] = {}
        self._streams: set[PeerStream] = set()
        self._ports: list[Any] = []
        self._emptied: Deferred[None] | None = None

    # The service

    def startService(self) -> None:
        """
        Listen.

        :raises ConfigurationError: the dialback secret is out of reach.
        :raises CannotListenError: somebody else does already.
        """
        keys = Keys(readSecret(self._secretFile))
        Service.startService(self)  # type: ignore[no-untyped-call]
        self._ourselves = Ourselves(self.hosts, self._certificates, keys, self._reactor, self._settings)
        self._reaching = Reaching(self._ourselves, self._candidates, self._connect, self._opened, self._desk.receive)
        self._verifier = Verifier(self._ourselves, self._reaching)
        self._guests = Guests(self._settings, len(self.hosts))
        self._departures = Departures(self._settings)
        self._outages = Outages(self._reactor)
        self._desk.open(list(self))
        self._sweeping = LoopingCall(self._sweep)
        self._sweeping.clock = self._reactor
        self._sweeping.start(self._settings.sweeping, now=False)
        try:
            for endpoint, direct in self._listening:
                self._listen(endpoint, direct)
        except Exception:
            # Half a link is none: what listens by now must not go on, and what was begun must not stay.
            self.stopService()
            raise

    def stopService(self) -> "Deferred[None]":
        """
        Close all streams; what was sent leaves.

        :returns: fires when the connections are gone.
        """
        if not self.running:
            return succeed(None)
        Service.stopService(self)  # type: ignore[no-untyped-call]
        return ensureDeferred(self._stop())

    async def reload(self) -> None:
        """
        Read the certificates again; streams that there are go on with theirs.

        :raises ConfigurationError: there is something wrong with them, and everything stays as it was.
        """
        try:
            self._certificates.reload()
        except ValueError as e:
            raise ConfigurationError(f"links: s2s: {e}") from None

    async def _stop(self) -> None:
        self._sweeping.stop()
        while self._ports:
            await self._ports.pop().stopListening()
        for route in self._routes.values():
            route.stop()
        self._routes.clear()
        for stream in list(self._streams):
            # What it is about to do is not to be done any more.
            stream.authenticator.lost("we stop")
            stream.finish()
        if self._streams:
            self._emptied = Deferred()
            await self._emptied
            self._emptied = None
        self._desk.close(list(self), Failure(ConnectionDone()))  # type: ignore[no-untyped-call]

    def _listen(self, endpoint: Any, direct: bool) -> None:
        door = Door(self._ourselves, self._guests, self._entered, self._negotiation, direct)
        troubles: list[Failure] = []
        endpoint.listen(door).addCallbacks(self._ports.append, troubles.append)
        if troubles:
            troubles[0].raiseException()

    # The link

    @property
    def gate(self) -> Gate:
        """
        Looks at each stanza before handlers do; see `pushsvc.links.stream.Gate`.
        """
        return self._gate

    @gate.setter
    def gate(self, gate: Gate) -> None:
        self._gate = gate

    def serves(self, host: str) -> bool:
        return host in self.hosts

    def trouble(self) -> str | None:
        listening = self.running and len(self._ports) == len(self._listening)
        return None if listening else "nobody listens for other servers"

    def expires(self) -> dict[str, float]:
        return self._certificates.expires()

    def addHandlers(self, handlers: Sequence[Any]) -> None:
        for handler in handlers:
            handler.setHandlerParent(self)

    def addHandler(self, handler: Any) -> None:
        super().addHandler(handler)  # type: ignore[no-untyped-call]
        self._desk.attach(handler)

    def send(self, stanza: Element) -> None:
        if not self.running:
            return
        sender = addressOf(stanza.getAttribute("from") or "")
        recipient = addressOf(stanza.getAttribute("to") or "")
        if sender is None or recipient is None or sender.domain not in self.hosts:
            self.log.error("a stanza is dropped: it is not from a domain of ours to anybody; this is a bug")
        elif (host := hostAmong(self.hosts, recipient.domain)) is not None:
            stripNamespace(stanza)
            readdress(stanza, host)
            self._reactor.callLater(0, self._desk.receive, stanza)
        else:
            route = self._route(Pair(sender.domain, recipient.domain))
            route.send(letter(stanza), self._desk.answersPing(stanza))

    def request(self, request: Any) -> "Deferred[Element]":
        """
        Send an IQ request, as Wokkel's handlers do.

        :param request: a ``wokkel.generic.Request`` with sender and recipient.
        :returns: see `pushsvc.links.requests.Requests.track`.
        """
        if not self.running:
            return fail(ConnectionDone())
        return self._desk.request(request)

    def _look(self, stanza: Any) -> Element | None:
        answer = self._gate(stanza)
        if len(stanza.getAttribute("id") or "") <= ID_MAX or stanza.getAttribute("type") in ("result", "error"):
            return answer
        # It would come back with the answer, and wait in our memory until that can leave.
        if answer is None and not stanza.handled:
            answer = errorReply(stanza, errorElement("modify", "bad-request", "its id is too long"))
        if answer is not None:
            del answer["id"]
        return answer

    # Streams

    def _bounce(self, letter: Letter, trouble: Trouble) -> None:
        bounced = letter.bounce(trouble)
        if bounced is not None:
            # Who sends is not done with sending when it is told that it was in vain.
            self._reactor.callLater(0, self._desk.receive, bounced)

    def _route(self, pair: Pair) -> Route:
        route = self._routes.get(pair)
        if route is None:
            ways = self._open, self._ping, self._bounce
            route = Route(pair, self._ourselves, *ways, self._room, self._random, self._outages)
            self._routes[pair] = route
        return route

    async def _open(self, pair: Pair) -> PeerStream:
        def make(direct: bool, mayUseExternal: bool) -> Outgoing:
            return Outgoing(self._ourselves, pair, direct, mayUseExternal)

        def reach() -> Deferred[PeerStream]:
            reaching = ensureDeferred(self._reaching.reach(pair.remote, make))
            return reaching.addTimeout(self._settings.reaching, self._reactor)

        return await self._departures.open(reach)

    def _ping(self, pair: Pair, stream: PeerStream) -> "Deferred[Element]":
        attributes = {"type": "get", "from": pair.local, "to": pair.remote, "id": token_hex(8)}
        iq = Element((None, "iq"), attribs=attributes)
        iq.addElement((NS_PING, "ping"))
        answer = self._desk.requests.track(iq, self._settings.pinging)
        stream.send(letter(iq).text)
        return answer

    def _negotiation(self, direct: bool) -> Negotiation:
        return Incoming(self._ourselves, self._verifier.verify, self._joined, direct)

    def _entered(self, negotiation: Negotiation) -> PeerStream:
        stream = PeerStream(negotiation, self._ourselves, self._desk.receive)
        self._opened(stream)
        return stream

    def _opened(self, stream: PeerStream) -> None:
        self._streams.add(stream)
        stream.ends.append(self._gone)

    def _gone(self, stream: PeerStream) -> None:
        self._streams.discard(stream)
        if not self._streams and self._emptied is not None:
            self._emptied.callback(None)

    def _joined(self, stream: PeerStream, pair: Pair) -> None:
        self._guests.settled(stream, pair.remote)
        if stream.bidi:
            self._route(pair).attach(stream)
        elif pair in self._routes:
            self._routes[pair].heardOf()

    def _sweep(self) -> None:
        now = self._reactor.seconds()
        for stream in list(self._streams):
            # What we opened is ours to close, however busily the peer keeps it alive.
            at, patience = stream.usedAt, self._settings.idle
            if not stream.initiating:
                at, patience = max(stream.heardAt, stream.saidAt), self._settings.idleIncoming
            if stream.usable and now - at > patience:
                stream.finish()
        for pair, route in list(self._routes.items()):
            route.expire()
            if route.isForgettable:
                del self._routes[pair]
                self._outages.forget(pair.remote)
