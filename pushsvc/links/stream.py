"""
One XML stream over one connection (RFC 6120), as every kind of link uses it.

Stanzas are made alike before anybody sees them, pass a gate, and go one way: to whoever the link says. Everything else
(features, handshakes, stream errors) is dispatched to observers, as Twisted's authenticators expect.
"""

from collections.abc import Callable
from typing import Any

from twisted.logger import Logger
from twisted.python.failure import Failure
from twisted.words.protocols.jabber import error, xmlstream
from twisted.words.xish import domish

from pushsvc.concealed import concealed
from pushsvc.jids import addressOf
from pushsvc.links.elementstream import ElementStream
from pushsvc.links.faults import StreamFault
from pushsvc.links.limits import AUTHENTICATED, UNAUTHENTICATED, Limits
from pushsvc.links.pacing import PacedStream
from pushsvc.links.turns import Turns
from pushsvc.links.writing import written
from pushsvc.wire.errors import errorElement
from pushsvc.wire.replies import errorReply
from pushsvc.wire.stanza import stripNamespace

STANZAS = frozenset(("iq", "message", "presence"))

# Seconds.
CLOSING = 5.0

Gate = Callable[[domish.Element], domish.Element | None]
"""
Looks at a stanza before anybody else does. What it returns is sent instead of handing the stanza on; None hands it on,
unless the gate has set ``stanza.handled``: then it is dropped without a word. Exceptions are bugs and drop it too.
"""


def openGate(stanza: domish.Element) -> None:
    """
    Lets everything pass.
    """


class LinkStream(PacedStream):
    """
    A stream.

    :ivar gate: see `Gate`.
    :ivar receive: called with each stanza that passed the gate; until set, observers see them.
    """

    log = Logger()

    def __init__(
        self,
        authenticator: xmlstream.Authenticator,
        clock: Any,
        limits: Limits = AUTHENTICATED,
        gate: Gate = openGate,
        turns: Turns | None = None,
    ) -> None:
        """
        :param limits: those that hold once the peer is authenticated.
        :param turns: see `pushsvc.links.hearing.Hearing`.
        """
        super().__init__(authenticator, clock, turns)
        self.gate = gate
        self.receive: Callable[[domish.Element], object] = self.dispatch
        self._limits = limits
        self._authenticated = False

    @property
    def authenticated(self) -> bool:
        """
        Whether the peer has proven who it is. Stanzas from before are an error.
        """
        return self._authenticated

    def peerAuthenticated(self) -> None:
        """
        From now on stanzas are taken, and may be larger.
        """
        self._authenticated = True
        self.stream.limits = self._limits

    def finish(self) -> None:
        """
        Close the stream: what was written leaves, the peer closes its side or is not waited for any longer.
        """
        if self._closing or self.transport is None:
            return
        if not self._headerSent:
            self._close()
            return
        self.sendFooter()  # type: ignore[no-untyped-call]
        # Reading goes on: hanging up on what a peer still says resets the connection, and what we wrote may be lost.
        self._closing = True
        self._hearing.regulate()
        self._hangUpIn(CLOSING, "it does not close")

    def refuse(self, condition: str) -> None:
        """
        End the stream with a stream error.
        """
        self.forget()
        refusal = error.StreamError(condition)
        failure = Failure(refusal)  # type: ignore[no-untyped-call]
        self.dispatch(failure, xmlstream.STREAM_ERROR_EVENT)  # type: ignore[no-untyped-call]
        self.sendStreamError(refusal)

    # What has arrived

    def hear(self, said: bytes) -> None:
        """
        See `pushsvc.links.hearing.Listener`.
        """
        try:
            self.stream.parse(said)
        except StreamFault as e:
            self.refuse(e.condition)
        except Exception:
            # Twisted would hang up, and log the text of it.
            self.log.failure("a stream is ended: what its peer says could not be handled: this is a bug", concealed())
            self.refuse("internal-server-error")

    # What the parser says

    def reset(self) -> None:
        self.forget()
        super().reset()  # type: ignore[no-untyped-call]

    def _initializeStream(self) -> None:
        self.stream = ElementStream(self._limits if self._authenticated else UNAUTHENTICATED)
        self.stream.DocumentStartEvent = self.onDocumentStart
        self.stream.ElementEvent = self.onElement
        self.stream.RefusedEvent = self.onTooMuch
        self.stream.DocumentEndEvent = self.onDocumentEnd

    def onDocumentStart(self, rootElement: domish.Element) -> None:
        for name in ("from", "to"):
            # Authenticators take them for granted.
            if rootElement.hasAttribute(name) and addressOf(rootElement[name]) is None:
                self.refuse("improper-addressing")
                return
        super().onDocumentStart(rootElement)  # type: ignore[no-untyped-call]

    def onElement(self, element: domish.Element) -> None:
        if self._hungUp:
            return
        if element.name not in STANZAS:
            # Once we close the stream there is nothing to agree on. But who has not heard of that yet may still send
            # stanzas (RFC 6120 section 4.4).
            if not self._closing:
                self.dispatch(element)  # type: ignore[no-untyped-call]
        elif element.uri != self.namespace:
            self.refuse("invalid-namespace")
        elif not self._authenticated:
            self.refuse("not-authorized")
        elif self._passes(element):
            self.receive(element)

    def onTooMuch(self, element: domish.Element) -> None:
        """
        A stanza was beyond the limits, and its content is forgotten: who asked for something is told.
        """
        element.addElement(("", "forgotten"))  # the gate wants to see that a request asks for something
        if self._closing or not self._passes(element):
            return
        if element.name == "iq" and element.getAttribute("type") in ("get", "set"):
            self.send(errorReply(element, errorElement("modify", "policy-violation", "this is too much at once")))

    def onDocumentEnd(self) -> None:
        if not self._closing and self._headerSent:
            self.sendFooter()  # type: ignore[no-untyped-call]
        self._close()

    def onStreamError(self, element: domish.Element) -> None:
        super().onStreamError(element)  # type: ignore[no-untyped-call]
        self._close()

    # What we say

    def send(self, obj: domish.Element | str) -> None:
        if self._closing:
            return
        text = obj if isinstance(obj, str) else written(obj, self.namespace, self.prefixes)
        self.transport.write(text.encode("utf-8"))

    def sendStreamError(self, streamError: error.StreamError) -> None:
        super().sendStreamError(streamError)  # type: ignore[no-untyped-call]
        self._close()

    def _passes(self, stanza: Any) -> bool:
        stripNamespace(stanza)
        # Else domish takes a child element of that name for the answer.
        stanza.handled = False
        try:
            answer = self.gate(stanza)
        except Exception:
            self.log.failure("A stanza is dropped: looking at it failed.", concealed())
            return False
        if answer is not None:
            self.send(answer)
            return False
        return not stanza.handled

    def _close(self) -> None:
        """
        Hang up once what was written has left, or has had the time to.
        """
        if self._hungUp:
            return
        self._hungUp = self._closing = True
        self.forget()
        # TLS does not close while somebody may still produce.
        self.transport.unregisterProducer()
        self.transport.loseConnection()
        self._hangUpIn(CLOSING, "it does not close")
