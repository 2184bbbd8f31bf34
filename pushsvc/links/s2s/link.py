"""
Our own place among the servers: streams from and to whatever domain there is, for all domains that we are.
"""

import random
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred, fail, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.protocols.jabber.xmlstream import XMPPHandlerCollection
from twisted.words.xish.domish import Element
from zope.interface import implementer

from pushsvc.config import ConfigurationError
from pushsvc.ipushsvc import IDoubting, IExpiring, ILink
from pushsvc.jids import addressOf
from pushsvc.links.s2s import racing
from pushsvc.links.s2s.desk import Desk
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.domains import hostAmong
from pushsvc.links.s2s.doors import Door
from pushsvc.links.s2s.guests import Guests
from pushsvc.links.s2s.incoming import Incoming
from pushsvc.links.s2s.keys import Keys, readSecret
from pushsvc.links.s2s.negotiation import Negotiation
from pushsvc.links.s2s.ourselves import Ourselves, Settings
from pushsvc.links.s2s.peerstream import PeerStream
from pushsvc.links.s2s.reaching import Connect, Reaching
from pushsvc.links.s2s.routes import Routes
from pushsvc.links.s2s.spelling import readdress
from pushsvc.links.s2s.streams import Streams
from pushsvc.links.s2s.tls import Certificates
from pushsvc.links.s2s.verifying import Verifier
from pushsvc.links.s2s.waiting import letter
from pushsvc.links.stream import Gate
from pushsvc.wire.errors import errorElement
from pushsvc.wire.replies import errorReply
from pushsvc.wire.stanza import stripNamespace

# Characters of a stanza's id: far more than anybody needs.
ID_MAX = 1_000

_STRANGE = (
    "its certificate is for other names; servers that ask for a trusted one will not talk to us, others use dialback"
)

Listening = tuple[Any, bool]
"""
An IStreamServerEndpoint, and whether TLS comes first there (XEP-0368).
"""


@implementer(ILink, IExpiring, IDoubting)
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
        self._streams = Streams()
        self._ports: list[Any] = []

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
        reaching = Reaching(
            self._ourselves, self._candidates, self._connect, self._streams.opened, self._receive
        )
        self._verifier = Verifier(self._ourselves, reaching)
        self._guests = Guests(self._settings, len(self.hosts))
        self._routes = Routes(self._ourselves, reaching, self._desk, self._random)
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
        self._wonder()

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
        self._wonder()

    def _wonder(self) -> None:
        for doubt in self.doubts():
            self.log.warn("{doubt}", doubt=doubt)

    async def _stop(self) -> None:
        self._sweeping.stop()
        while self._ports:
            await self._ports.pop().stopListening()
        self._routes.stop()
        await self._streams.closeAll()
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

    def doubts(self) -> list[str]:
        return [f"{host}: {_STRANGE}" for host in self._certificates.strangers(sorted(self.hosts))]

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
            route = self._routes.between(Pair(sender.domain, recipient.domain))
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

    def _negotiation(self, direct: bool) -> Negotiation:
        return Incoming(self._ourselves, self._verifier.verify, self._joined, direct)

    def _entered(self, negotiation: Negotiation) -> PeerStream:
        stream = PeerStream(negotiation, self._ourselves, self._receive)
        self._streams.opened(stream)
        return stream

    def _receive(self, stanza: Element) -> None:
        # What arrives while we stop would be answered to nobody.
        if self.running:
            self._desk.receive(stanza)

    def _joined(self, stream: PeerStream, pair: Pair) -> None:
        self._guests.settled(stream, pair.remote)
        self._routes.joined(stream, pair)

    def _sweep(self) -> None:
        self._streams.closeIdle(self._settings, self._reactor.seconds())
        self._routes.sweep()
