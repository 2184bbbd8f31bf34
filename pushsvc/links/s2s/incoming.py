"""
A stream that a peer has opened: who it is, and what it has to show before its stanzas are taken.

    header -> features -> TLS -> header -> features -> SASL EXTERNAL -> header -> features, stanzas
                                                   \\-> dialback -> stanzas

Without TLS there is nothing but TLS. EXTERNAL is offered to who would succeed; dialback (XEP-0220) always, and for any
number of pairs.
"""

from collections.abc import Callable
from secrets import token_hex

from twisted.words.xish.domish import Element

from pushsvc.links.s2s import dialback, external, phrases
from pushsvc.links.s2s.claims import Claims, Verify
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.domains import hostAmong
from pushsvc.links.s2s.namespaces import NS_BIDI, NS_DIALBACK, NS_SASL, NS_TLS
from pushsvc.links.s2s.negotiation import Negotiation
from pushsvc.links.s2s.ourselves import Ourselves
from pushsvc.links.s2s.peerstream import PeerStream

# A peer may be wrong about what we accept, but not for ever.
ATTEMPTS = 3

Joined = Callable[[PeerStream, Pair], object]
"""
Is told of every pair that may speak now.
"""


class Incoming(Negotiation):
    """
    The receiving side.
    """

    def __init__(self, ourselves: Ourselves, verify: Verify, joined: Joined, direct: bool) -> None:
        """
        :param direct: TLS comes first, before any header (XEP-0368).
        """
        super().__init__(ourselves)
        self._joined = joined
        self._direct = direct
        self._local: str | None = None
        self._remote: str | None = None
        self._proven: Pair | None = None  # by EXTERNAL; counts with the next header
        self._attempts = 0
        self._claims = Claims(ourselves, verify, lambda pair: self._join(pair, dialback.DIALBACK))
        self._answers: dict[tuple[str, str], Callable[[Element], None]] = {
            (NS_TLS, "starttls"): self._onStartTLS,
            (NS_BIDI, "bidi"): self._onBidi,
            (NS_SASL, "auth"): self._onAuth,
            (NS_SASL, "abort"): self._onAbort,
            (NS_DIALBACK, "result"): self._claims.onResult,
        }

    def associateWithStream(self, xmlstream: PeerStream) -> None:
        super().associateWithStream(xmlstream)  # type: ignore[no-untyped-call]
        xmlstream.initiating = False
        self._claims.stream = xmlstream

    def connectionMade(self) -> None:
        if self._direct:
            self.xmlstream.startTLS(self.ourselves.certificates.forAccepting(None, True))

    def secured(self) -> None:
        # Who one was said to be in clear, anybody may have said (RFC 6120 section 5.4.3.3).
        self._local = self._remote = None

    def started(self, header: Element) -> None:
        stream = self.xmlstream
        refusal = self._introduced(header)
        stream.local, stream.remote = self._local, self._remote
        stream.sid = token_hex(16)
        if refusal is not None:
            stream.refuse(refusal)
            return
        stream.sendHeader(self._features() if stream.version >= (1, 0) else "")
        if self._proven is not None:
            proven, self._proven = self._proven, None
            self._join(proven, external.EXTERNAL)

    def heard(self, element: Element) -> None:
        answer = self._answers.get((element.uri, element.name))
        if answer is not None:
            answer(element)
        elif (element.uri, element.name) != (NS_DIALBACK, "verify"):
            # That would be an answer to what we have not asked: XEP-0220 has it passed over.
            self.xmlstream.refuse("unsupported-stanza-type")

    def lost(self, why: str) -> None:
        self._claims.drop()

    def _introduced(self, header: Element) -> str | None:
        """
        Whom the header is to and from; they stay the same when the stream starts anew.

        :returns: what is wrong with that.
        """
        hosts = self.ourselves.hosts
        for name in ("to", "from"):
            if header.hasAttribute(name) and dialback.domainIn(header[name]) is None:
                return "improper-addressing"
        said = dialback.domainIn(header.getAttribute("to"))
        local = self._local if said is None else hostAmong(hosts, said)
        remote = dialback.domainIn(header.getAttribute("from")) or self._remote
        if said is not None and local is None:
            return "host-unknown"
        if self._local not in (None, local):
            return "improper-addressing"
        if self._isUs(remote) or self._remote not in (None, remote):
            return "invalid-from"
        self._local, self._remote = local, remote
        return None

    def _isUs(self, remote: str | None) -> bool:
        return remote is not None and hostAmong(self.ourselves.hosts, remote) is not None

    def _features(self) -> str:
        stream = self.xmlstream
        isNew = not stream.pairs and self._proven is None
        mayProve = isNew and self._remote is not None and stream.isTrusted(self._remote)
        return phrases.features(stream.secure, mayProve, isNew and self.ourselves.settings.bidi)

    def _onStartTLS(self, element: Element) -> None:
        if self.xmlstream.secure:
            self.xmlstream.refuse("unsupported-stanza-type")
            return
        self.xmlstream.send(Element((NS_TLS, "proceed")))
        self.xmlstream.startTLS(self.ourselves.certificates.forAccepting(self._local, False))

    def _onBidi(self, element: Element) -> None:
        stream = self.xmlstream
        if not stream.secure or stream.pairs or not self.ourselves.settings.bidi:
            stream.refuse("unsupported-stanza-type")
            return
        stream.bidi = True

    # EXTERNAL

    def _onAuth(self, element: Element) -> None:
        condition = self._authenticated(element)
        if condition is not None:
            self._failed(condition)
            return
        self.xmlstream.send(external.success())
        self.xmlstream.reset()

    def _onAbort(self, element: Element) -> None:
        self._failed("aborted")

    def _authenticated(self, element: Element) -> str | None:
        if not self.xmlstream.secure:
            return "encryption-required"
        if element.getAttribute("mechanism") != external.EXTERNAL:
            return "invalid-mechanism"
        try:
            remote = external.authorization(element) or self._remote
        except external.Malformed:
            return "incorrect-encoding"
        if remote is None or self._local is None or self._remote not in (None, remote):
            return "invalid-authzid"
        if self._isUs(remote) or self.xmlstream.pairs or not self.xmlstream.isTrusted(remote):
            return "not-authorized"
        self._remote = remote
        self._proven = Pair(self._local, remote)
        return None

    def _failed(self, condition: str) -> None:
        self._attempts += 1
        self.xmlstream.send(external.failure(condition))
        if self._attempts == ATTEMPTS:
            self.xmlstream.refuse("policy-violation")

    def _join(self, pair: Pair, means: str) -> None:
        self.xmlstream.means = self.xmlstream.means or means
        self.xmlstream.authorize(pair)
        self._joined(self.xmlstream, pair)
