"""
A stream that we open to say something on it.

    [TLS] -> header -> features -> TLS -> header -> features -> SASL EXTERNAL -> header -> features, stanzas
                                                            \\-> dialback -> stanzas

EXTERNAL, where it is offered; dialback where it is not, or when the peer does not believe our certificate after all.
"""

from twisted.words.xish.domish import Element

from pushsvc.links.s2s import dialback, external
from pushsvc.links.s2s.approach import Approach, Disbelieved, featureIn
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.namespaces import NS_BIDI, NS_DIALBACK, NS_FEATURE_BIDI, NS_SASL
from pushsvc.links.s2s.ourselves import Ourselves


class Outgoing(Approach):
    """
    To send stanzas, and with XEP-0288 to receive some.
    """

    def __init__(self, ourselves: Ourselves, pair: Pair, direct: bool, mayUseExternal: bool = True) -> None:
        super().__init__(ourselves, pair, direct)
        self._mayUseExternal = mayUseExternal
        self._proving = False
        self._proven = False
        self._asked = False  # by dialback

    @property
    def isProving(self) -> bool:
        return self._proving

    def trusted(self, features: Element) -> None:
        if self._proven:
            self._open()
            return
        self._askForBoth(features)
        if self._mayUseExternal and external.isOffered(featureIn(features, NS_SASL, "mechanisms")):
            self._mayUseExternal = False
            self._proving = True
            self.xmlstream.send(external.auth(self.pair.local))
        else:
            self._dialBack()

    def heard(self, element: Element) -> None:
        match element.uri, element.name:
            case (uri, "success") if uri == NS_SASL and self._proving:
                self._proven, self._proving = True, False
                self.xmlstream.reset()
                self.xmlstream.sendHeader()
            case (uri, "failure") if uri == NS_SASL and self._proving and not self._asked:
                self._dialBack()
            case (uri, "result") if uri == NS_DIALBACK and self._asked:
                self._onResult(element)
            case _:
                super().heard(element)

    def started(self, header: Element) -> None:
        if self._proven and self.xmlstream.version < (1, 0):
            self._open()
        else:
            super().started(header)

    def _askForBoth(self, features: Element) -> None:
        # The peer's stanzas come with no further proof: its certificate has to be one.
        stream = self.xmlstream
        isOffered = featureIn(features, NS_FEATURE_BIDI, "bidi") is not None
        if isOffered and self.ourselves.settings.bidi and stream.isTrusted(self.pair.remote):
            stream.bidi = True
            stream.send(Element((NS_BIDI, "bidi")))

    def _dialBack(self) -> None:
        streamId = self.xmlstream.sid
        if not streamId:
            self.fail("its stream has no id")
            return
        self._asked = True
        key = self.ourselves.keys.key(self.pair.remote, self.pair.local, streamId)
        self.xmlstream.send(dialback.result(self.pair, key))

    def _onResult(self, element: Element) -> None:
        if dialback.pairOf(element) != self.pair or self.ready.called:
            return
        type = element.getAttribute("type")
        if type == dialback.VALID:
            self._open()
        elif type == dialback.INVALID:
            self._failed(Disbelieved("it does not believe that it is us (dialback)", isFinal=True))
            self.xmlstream.finish()
        elif type == "error":
            self.fail(f"it cannot tell whether it is us (dialback): {dialback.conditionOf(element)}", isFinal=True)

    def _open(self) -> None:
        self.xmlstream.means = external.EXTERNAL if self._proven else dialback.DIALBACK
        if self.xmlstream.bidi:
            self.xmlstream.authorize(self.pair)
        self.succeed()
