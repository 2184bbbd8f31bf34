"""
A stream between two servers, whoever opened it: which domains may speak on it, TLS below it, and its end.

What is said before stanzas may be is the business of its negotiation.
"""

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IHandshakeListener
from twisted.python.failure import Failure
from twisted.words.protocols.jabber.error import StreamError
from twisted.words.xish.domish import Element
from zope.interface import implementer

from pushsvc.jids import addressOf
from pushsvc.links.s2s import declarations, dialback, identity, phrases, tls
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.domains import hostAmong
from pushsvc.links.s2s.namespaces import NS_DIALBACK, NS_SERVER, NS_STREAMS, PREFIXES
from pushsvc.links.s2s.negotiation import Negotiation
from pushsvc.links.s2s.ourselves import Ourselves
from pushsvc.links.s2s.spelling import domainMeant, readdress, undotted
from pushsvc.links.s2s.streamerrors import conditionOf
from pushsvc.links.stream import STANZAS, LinkStream


@implementer(IHandshakeListener)
class PeerStream(LinkStream):
    """
    A stream between two servers.

    :ivar local: who our next header is from; None: it does not say.
    :ivar remote: who it is to.
    :ivar pairs: of which domains stanzas may come, and to which of ours: what was authenticated, and nothing else.
    :ivar means: how one was authenticated to the other, ``EXTERNAL`` or ``dialback``; empty until then.
    :ivar bidi: whether stanzas may go both ways (XEP-0288).
    :ivar secure: whether TLS is spoken.
    :ivar heardAt: when the peer last said anything.
    :ivar saidAt: when we last did.
    :ivar usedAt: when it was last of use: when a stanza went one way or the other, not what keeps streams alive.
    :ivar ends: each is called once the connection is gone.
    :ivar drains: each is called when a peer that did not read has read everything.
    :ivar fault: the stream error with which the peer ended it.
    """

    namespace = NS_SERVER
    authenticator: Negotiation
    # A negotiation says so before we are made.
    local: str | None = None
    remote: str | None = None
    # Twisted starts it as None.
    sid: Any

    def __init__(self, negotiation: Negotiation, ourselves: Ourselves, receive: Callable[[Element], object]) -> None:
        super().__init__(
            negotiation, ourselves.clock, ourselves.settings.limits, self._checkPair, ourselves.turns
        )
        self.prefixes = PREFIXES
        self.receive = receive
        self.pairs: set[Pair] = set()
        self.means = ""
        self.bidi = False
        self.secure = False
        self.heardAt = self.saidAt = self.usedAt = ourselves.clock.seconds()
        self.ends: list[Callable[[PeerStream], object]] = []
        self.drains: list[Callable[[], object]] = []
        self.drained = self._drained
        self.fault: str | None = None
        self._ourselves = ourselves
        self._verdict: Any = None
        self._names: dict[str, bool] = {}  # whether the certificate has the last one that was asked for
        self._shaking = False  # hands: TLS is on its way
        self._deadline: Any = None

    def isTrusted(self, domain: str) -> bool:
        """
        Whether the peer's certificate proves that it is this domain.
        """
        verdict = self._verdict
        if verdict is None or not verdict.trusted:
            return False
        if domain not in self._names:
            # Asked of one domain again and again, and with dialback of a few.
            self._names = {domain: identity.matches(verdict.certificate, domain, verdict.onlyDNS)}
        return self._names[domain]

    def expired(self, now: float) -> bool:
        """
        Whether the peer's certificate was worth something, and is no longer.

        :param now: POSIX time.
        """
        return self._verdict is not None and self._verdict.trusted and now > self._verdict.until

    def authorize(self, pair: Pair) -> None:
        """
        From now on stanzas of this pair are taken.
        """
        self.pairs.add(pair)
        self.peerAuthenticated()
        self.settle()

    def settle(self) -> None:
        """
        The stream is what it was made for: nothing has to happen in time any more.
        """
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def finish(self) -> None:
        if self._shaking:
            self.hangUp("no longer wanted")
        else:
            super().finish()

    def refuse(self, condition: str) -> None:
        self.why = self.why or condition
        super().refuse(condition)
        # It may take a while until the connection is gone.
        self.authenticator.lost(condition)

    def onStreamError(self, element: Element) -> None:
        self.fault = conditionOf(element)
        super().onStreamError(element)
        self.authenticator.lost(self.fault)

    def dismiss(self, condition: str) -> None:
        """
        End the stream, whatever it is at.
        """
        if self._shaking:
            self.hangUp(condition)
        elif not self._closing:
            self.refuse(condition)

    # TLS

    def startTLS(self, options: Any) -> None:
        """
        Whatever else was read was not said under TLS, and is nobody's.
        """
        self.forget()
        self._shaking = True
        self.transport.startTLS(options)

    def handshakeCompleted(self) -> None:
        """
        TLS is spoken.
        """
        self._shaking = False
        if self._closing:
            return
        self.secure = True
        self._verdict, self._names = tls.verdict(self.transport), {}
        declarations.keep(self.transport)
        self.reset()
        self.authenticator.secured()

    # What the transport and the parser say

    def connectionMade(self) -> None:
        settings = self._ourselves.settings
        self._deadline = self._clock.callLater(settings.negotiating, self._late)
        super().connectionMade()

    def dataReceived(self, data: bytes) -> None:
        self.heardAt = self._clock.seconds()
        super().dataReceived(data)

    def gone(self, reason: Failure) -> None:
        self.settle()
        super().gone(reason)
        self.authenticator.lost(self.fault or self.why or reason.getErrorMessage())
        for end in self.ends:
            end(self)

    def onElement(self, element: Element) -> None:
        if element.name in STANZAS:
            super().onElement(element)
        elif self._closing:
            return
        elif (element.uri, element.name) == (NS_STREAMS, "error"):
            self.onStreamError(element)
        elif (element.uri, element.name) == (NS_DIALBACK, "verify") and not element.hasAttribute("type"):
            self._onVerify(element)
        else:
            self.authenticator.heard(element)

    def onDocumentEnd(self) -> None:
        super().onDocumentEnd()
        self.authenticator.lost("it has closed the stream")

    def sendHeader(self, also: str = "") -> None:
        """
        Begin.

        :param also: what else is to be said at once.
        """
        streamId = None if self.initiating else self.sid
        self.send(phrases.header(self.local, self.remote, streamId, self.version) + also)
        self._headerSent = True

    def sendStreamError(self, streamError: StreamError) -> None:
        text = phrases.refusal(streamError.condition)
        if self._headerSent:
            self.send(text)
        elif not self.initiating:
            self.sendHeader(text)
        self._close()

    def send(self, obj: Element | str) -> None:
        self.saidAt = self._clock.seconds()
        # Stanzas come written, for they may have waited. What we are asked in dialback is of use to the peer only.
        if isinstance(obj, str) or obj.name in STANZAS:
            self.usedAt = self.saidAt
        super().send(obj)

    def _drained(self) -> None:
        for drain in self.drains:
            drain()

    def _checkPair(self, stanza: Any) -> None:
        """
        The gate: from and to of every stanza are what was authenticated.
        """
        said = undotted(stanza, "from")
        known = addressOf(said)
        sender = domainMeant(said) if known is None else known.domain
        recipient = domainMeant(undotted(stanza, "to"))
        host = None if recipient is None else hostAmong(self._ourselves.hosts, recipient)
        if sender is None or recipient is None:
            condition = "improper-addressing"
        elif host is not None and (host, sender) in self.pairs:
            self.usedAt = self._clock.seconds()
            # Some servers take more for an address than we do: one of its users must not cost the others the stream.
            stanza.handled = known is None
            if recipient != host:
                readdress(stanza, host)
            return
        elif any(host == pair.local for pair in self.pairs):
            condition = "invalid-from"
        else:
            condition = "host-unknown"
        stanza.handled = True
        self.refuse(condition)

    def _onVerify(self, element: Element) -> None:
        # Asked of the authoritative server: is it you who claims to have opened this stream?
        pair, streamId = dialback.pairOf(element), element.getAttribute("id")
        host = None if pair is None else hostAmong(self._ourselves.hosts, pair.local)
        if not self.secure:
            self.refuse("policy-violation")
        elif pair is None or not streamId:
            self.refuse("improper-addressing")
        elif host is None:
            self.send(dialback.refusal("verify", pair, "item-not-found", streamId))
        else:
            isOurs = self._ourselves.keys.isOurs(str(element).strip(), pair.remote, host, streamId)
            type = dialback.VALID if isOurs else dialback.INVALID
            self.send(dialback.answer("verify", pair, type, streamId))

    def _late(self) -> None:
        self._deadline = None
        self.dismiss("connection-timeout")
