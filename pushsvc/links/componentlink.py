"""
A component's connection to its server (XEP-0114): made, and made again; what it carries in both directions.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.error import ConnectionDone
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.protocols.jabber import error, xmlstream
from twisted.words.protocols.jabber.component import NS_COMPONENT_ACCEPT, ConnectComponentAuthenticator
from twisted.words.xish import domish
from twisted.words.xish.xmlstream import BootstrapMixin
from wokkel.subprotocols import StreamManager
from zope.interface import implementer

from pushsvc.concealed import concealed
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import ILink
from pushsvc.jids import addressOf
from pushsvc.links.backlog import Backlog
from pushsvc.links.dialer import Dialer
from pushsvc.links.limits import Limits
from pushsvc.links.requests import Requests
from pushsvc.links.stream import Gate, LinkStream
from pushsvc.links.takers import Takers
from pushsvc.links.writing import written
from pushsvc.wire.gate import refusal

MAX_WAITING_SIZE = 16 * 1024 * 1024


class _Factory(Factory, BootstrapMixin):
    """
    Makes streams, and has their events observed.
    """

    noisy = False

    def __init__(self, make: Callable[[], LinkStream]) -> None:
        BootstrapMixin.__init__(self)
        self._make = make

    def buildProtocol(self, addr: object) -> LinkStream:
        stream = self._make()
        stream.factory = self
        self.installBootstraps(stream)  # type: ignore[no-untyped-call]
        return stream


@implementer(ILink)
class ComponentLink(StreamManager, Service):  # type: ignore[misc]
    """
    The link of one domain.

    Handlers are Wokkel's, and so is what they are told of the stream. But nothing waits without bounds here, answers
    come from whom they were asked of, and a server that does not want us is not pestered.

    :ivar domain: what it serves.
    :ivar gate: looks at each stanza before the handlers do; see `pushsvc.links.stream.Gate`.
    """

    log = Logger()
    # Wokkel starts them in its own way.
    xmlstream: Any
    _initialized: bool

    def __init__(
        self,
        domain: str,
        secret: str,
        endpoint: IStreamClientEndpoint,
        clock: Any,
        limits: Limits,
        maxWaiting: int = 10_000,
        randomly: Callable[[], float] = random.random,
    ) -> None:
        self.setName(f"component {domain}")  # type: ignore[no-untyped-call]
        self.domain = domain
        self.gate: Gate = refusal
        self._secret = secret
        self._limits = limits
        self._clock = clock
        self._requests = Requests(clock)
        self._takers = Takers()
        self._backlog = Backlog(maxWaiting, MAX_WAITING_SIZE)
        self._streamError: str | None = None
        self._stopped: Deferred[None] | None = None
        self._told = ""
        factory = _Factory(self._makeStream)
        super().__init__(factory, clock)
        factory.addBootstrap(xmlstream.STREAM_ERROR_EVENT, self._onStreamError)  # type: ignore[no-untyped-call]
        self._dialer = Dialer(endpoint, factory, clock, self._unreachable, randomly)

    # The service

    def startService(self) -> None:
        Service.startService(self)  # type: ignore[no-untyped-call]
        self._dialer.start()

    def stopService(self) -> "Deferred[None]":
        """
        Close the stream; what was sent leaves.

        :returns: fires when the connection is gone.
        """
        Service.stopService(self)  # type: ignore[no-untyped-call]
        self._dialer.stop()
        wasAttached, self._initialized = self._initialized, False
        if self.xmlstream is None:
            self._requests.fail(Failure(ConnectionDone()))  # type: ignore[no-untyped-call]
            return succeed(None)
        while wasAttached and self._backlog:
            self.xmlstream.send(self._backlog.pop())
        self._stopped = Deferred()
        self.xmlstream.finish()
        return self._stopped

    # The link

    def serves(self, host: str) -> bool:
        return host == self.domain

    async def reload(self) -> None:
        """
        There is nothing to read: the secret is asked for at the start.
        """

    def trouble(self) -> str | None:
        return None if self._initialized else f"{self.domain} is not attached to its server"

    def addHandlers(self, handlers: Sequence[Any]) -> None:
        for handler in handlers:
            handler.setHandlerParent(self)
            self._takers.add(handler)

    def send(self, stanza: domish.Element | str) -> None:
        self._send(stanza)

    def request(self, request: Any) -> "Deferred[domish.Element]":
        """
        Send an IQ request, as Wokkel's handlers do.

        :param request: a ``wokkel.generic.Request``.
        :returns: see `Requests.track`; fails with TryLater when the request could not even wait to be sent.
        """
        if request.stanzaKind != "iq" or request.stanzaType not in ("get", "set"):
            return fail(ValueError("not a request"))
        iq = request.toElement()
        if not iq.getAttribute("id"):
            iq.addUniqueId()
            request.stanzaID = iq["id"]
        answer = self._requests.track(iq, getattr(request, "timeout", None))
        if not answer.called:
            self._ask(iq, answer)
        return answer

    def _ask(self, iq: domish.Element, answer: "Deferred[domish.Element]") -> None:
        waiting = self._send(iq)
        if waiting is None:
            self._requests.unsent(iq, TryLater("too much waits to be sent"))
        elif waiting:
            # Who waits no longer asks again, perhaps: a server that was away for hours is not told all of that.
            answer.addBoth(self._withdrawn, waiting)

    def _withdrawn(self, result: Any, waiting: int) -> Any:
        self._backlog.withdraw(waiting)
        return result

    def _send(self, stanza: domish.Element | str) -> int | None:
        """
        :returns: 0: it is sent; else see `Backlog.add`.
        """
        if not isinstance(stanza, str):
            if not stanza.attributes.get("from"):
                stanza["from"] = self.domain
            stanza = written(stanza, NS_COMPONENT_ACCEPT)
        if self._initialized and self.xmlstream.usable and not self.xmlstream.congested:
            self.xmlstream.send(stanza)
            return 0
        waiting = self._backlog.add(stanza)
        if waiting is None and self._backlog.dropped == 1:
            self.log.warn("{domain}: too much waits for the server, stanzas are dropped", domain=self.domain)
        return waiting

    def _flush(self) -> None:
        while self._backlog and self._initialized and self.xmlstream.usable and not self.xmlstream.congested:
            self.xmlstream.send(self._backlog.pop())
        if self._backlog.dropped and not self._backlog:
            dropped, self._backlog.dropped = self._backlog.dropped, 0
            self.log.warn("{domain}: {dropped} stanzas were dropped", domain=self.domain, dropped=dropped)

    # What arrives

    def _makeStream(self) -> LinkStream:
        # Twisted wants the address as text, and takes the domain for the server's until the handshake.
        authenticator = ConnectComponentAuthenticator(self.domain, self._secret)
        stream = LinkStream(authenticator, self._clock, self._limits, self._mine)
        stream.receive = self._receive
        stream.drained = self._flush
        return stream

    def _mine(self, stanza: Any) -> domish.Element | None:
        answer = self.gate(stanza)
        # Handed on or answered, it concerns our domain: the server would hang up on an answer from any other.
        about = stanza.attributes.get("to") if answer is None else answer.attributes.get("from")
        if about != self.domain:
            address = addressOf(about or "")
            if address is None or address.domain != self.domain:
                stanza.handled = True
                return None
        return answer

    def _receive(self, stanza: Any) -> None:
        if self._stopped is not None:
            # It would be answered to nobody.
            return
        if stanza.name == "iq" and stanza.attributes.get("type") in ("result", "error"):
            stanza.handled = self._requests.answered(stanza)
        if not stanza.handled and not self._takers.took(stanza):
            self.xmlstream.dispatch(stanza)

    # What becomes of the stream; the names are StreamManager's

    def _connected(self, xs: LinkStream) -> None:
        self._streamError = None
        self.xmlstream = xs
        self._eachHandler("makeConnection", xs)

    def _authd(self, xs: LinkStream) -> None:
        xs.peerAuthenticated()
        self._dialer.established()
        self._initialized = self._stopped is None
        self._tell("attached", self.log.info, "{domain}: attached to its server")
        self._flush()
        self._eachHandler("connectionInitialized")

    def initializationFailed(self, reason: Failure) -> None:
        """
        The handshake cannot even be tried.
        """
        self._streamError = reason.getErrorMessage()
        self.xmlstream.finish()

    def _onStreamError(self, reason: Failure) -> None:
        # The text that may come with it is for nobody in particular.
        fault = reason.value
        self._streamError = fault.condition if isinstance(fault, error.StreamError) else type(fault).__name__

    def _disconnected(self, reason: Failure) -> None:
        wasAttached = self.xmlstream.authenticated
        why = self._streamError or self.xmlstream.why or reason.getErrorMessage()
        self.xmlstream = None
        self._initialized = False
        if self._stopped is None:
            self._tellLost(wasAttached, why)
            # Another process has our place: who takes it back at once will lose it at once.
            self._dialer.lost(longest=self._streamError == "conflict")
        self._eachHandler("connectionLost", reason)
        if wasAttached or self._stopped is not None:
            self._requests.fail(reason)
        if self._stopped is not None:
            stopped, self._stopped = self._stopped, None
            stopped.callback(None)

    def _tellLost(self, wasAttached: bool, why: str) -> None:
        if wasAttached:
            self._tell("lost", self.log.warn, "{domain}: the connection to its server is lost: {why}", why=why)
        else:
            if self._streamError == "not-authorized":
                why += ": its secret for us is not the one that we have"
            self._tell(f"refused {why}", self.log.error, "{domain}: its server does not take us: {why}", why=why)

    def _unreachable(self, reason: Failure) -> None:
        why = reason.getErrorMessage()
        self._tell("unreachable", self.log.error, "{domain}: its server cannot be reached: {why}", why=why)

    def _eachHandler(self, method: str, *what: object) -> None:
        for handler in list(self):
            try:
                getattr(handler, method)(*what)
            except Exception:
                # One that fails must not keep the others, or the link, from going on.
                self.log.failure(
                    "{domain}: {method} of a handler failed", concealed(), domain=self.domain, method=method
                )

    def _tell(self, state: str, log: Callable[..., None], text: str, **fields: object) -> None:
        if state != self._told:
            self._told = state
            log(text, domain=self.domain, **fields)
