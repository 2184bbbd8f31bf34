"""
A stream that we open, as far as it is the same whatever it is opened for.

    [TLS] -> header -> features -> TLS -> header -> features -> ...
"""

from twisted.internet.defer import Deferred
from twisted.words.xish.domish import Element

from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.namespaces import NS_DIALBACK, NS_STREAMS, NS_TLS
from pushsvc.links.s2s.negotiation import Negotiation
from pushsvc.links.s2s.ourselves import Ourselves
from pushsvc.links.s2s.peerstream import PeerStream

# These say that this server cannot now: another of the same domain may.
_PASSING = frozenset(
    (
        "connection-timeout",
        "internal-server-error",
        "remote-connection-failed",
        "reset",
        "resource-constraint",
        "see-other-host",
        "system-shutdown",
    )
)


class Unreached(Exception):
    """
    The stream is of no use.

    :ivar condition: how a stream error, or one of dialback, calls that; None: it has no name.
    :ivar isFinal: the domain has answered: its other servers would say the same.
    :ivar afterExternal: it ended when the peer was to believe our certificate.
    """

    def __init__(
        self, text: str, condition: str | None = None, isFinal: bool = False, afterExternal: bool = False
    ) -> None:
        super().__init__(text)
        self.condition = condition
        self.isFinal = isFinal
        self.afterExternal = afterExternal


class Disbelieved(Unreached):
    """
    The domain itself does not know what we said to prove who we are (XEP-0220): something is wrong at our end.
    """


class Approach(Negotiation):
    """
    The initiating side, until it is known whom one speaks with.

    :ivar ready: fires with the stream once it is what it was opened for; fails with `Unreached`.
    """

    def __init__(self, ourselves: Ourselves, pair: Pair, direct: bool) -> None:
        """
        :param direct: TLS comes first, before any header (XEP-0368).
        """
        super().__init__(ourselves)
        self.pair = pair
        self.ready: Deferred[PeerStream] = Deferred(lambda _: self._cancelled())
        self._direct = direct
        self._expectsFeatures = False
        self._expectsProceed = False
        self._isCancelled = False

    def associateWithStream(self, xmlstream: PeerStream) -> None:
        super().associateWithStream(xmlstream)  # type: ignore[no-untyped-call]
        xmlstream.local, xmlstream.remote = self.pair

    def connectionMade(self) -> None:
        if self._direct:
            self.xmlstream.startTLS(self._certificate(True))
        else:
            self.xmlstream.sendHeader()

    def secured(self) -> None:
        self.xmlstream.sendHeader()

    def started(self, header: Element) -> None:
        self.xmlstream.sid = header.getAttribute("id")
        self._expectsFeatures = True
        if self.xmlstream.version < (1, 0):
            # It sends no features: it has none.
            self._onFeatures(Element((NS_STREAMS, "features")))

    def heard(self, element: Element) -> None:
        match element.uri, element.name:
            case (uri, "features") if uri == NS_STREAMS and self._expectsFeatures:
                self._onFeatures(element)
            case (uri, "proceed") if uri == NS_TLS and self._expectsProceed:
                self._expectsProceed = False
                self.xmlstream.startTLS(self._certificate(False))
            case (uri, "failure") if uri == NS_TLS and self._expectsProceed:
                self.fail("it does not want TLS after all")
            case (uri, "result" | "verify") if uri == NS_DIALBACK:
                # Not what we have asked for: XEP-0220 has it passed over.
                pass
            case _:
                self.xmlstream.refuse("unsupported-stanza-type")

    def lost(self, why: str) -> None:
        condition = self.xmlstream.fault
        isFinal = condition is not None and condition not in _PASSING
        self._failed(Unreached(why, condition, isFinal, self.isProving))

    @property
    def isProving(self) -> bool:
        """
        Whether it is our certificate that the peer is to believe.
        """
        return False

    def trusted(self, features: Element) -> None:
        """
        TLS is spoken with whom policy lets us speak.
        """
        # Streams for stanzas and streams for questions go on differently: each says how.
        raise NotImplementedError

    def succeed(self) -> None:
        """
        The stream is what it was opened for.
        """
        self.xmlstream.settle()
        if not self.ready.called:
            self.ready.callback(self.xmlstream)

    def fail(self, why: str, condition: str | None = None, isFinal: bool = False) -> None:
        """
        It will not be what it was opened for.
        """
        self._failed(Unreached(why, condition, isFinal))
        self.xmlstream.finish()

    def _failed(self, why: Unreached) -> None:
        if not self.ready.called and not self._isCancelled:
            self.ready.errback(why)

    def _cancelled(self) -> None:
        # That the stream ends now must not look as if it had failed: another would be tried.
        self._isCancelled = True
        self.xmlstream.dismiss("connection-timeout")

    def _certificate(self, direct: bool) -> object:
        return self.ourselves.certificates.forConnecting(self.pair.local, self.pair.remote, direct)

    def _onFeatures(self, features: Element) -> None:
        stream = self.xmlstream
        self._expectsFeatures = False
        if stream.secure:
            if self.ourselves.settings.requireTrusted and not stream.isTrusted(self.pair.remote):
                self.fail("its certificate is not trusted", "not-authorized")
            else:
                self.trusted(features)
        elif featureIn(features, NS_TLS, "starttls") is not None:
            self._expectsProceed = True
            stream.send(Element((NS_TLS, "starttls")))
        else:
            self.fail("it does not offer TLS")


def featureIn(features: Element, uri: str, name: str) -> Element | None:
    """
    One of the features that a peer has.
    """
    for feature in features.elements():
        if (feature.uri, feature.name) == (uri, name):
            return feature  # type: ignore[no-any-return]
    return None
