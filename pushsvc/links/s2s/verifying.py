"""
Asking a domain whether a dialback key is its own (XEP-0220 section 2.2), over a short stream of its own.
"""

from collections import Counter

from twisted.internet.defer import TimeoutError as TooLate
from twisted.internet.defer import ensureDeferred
from twisted.words.xish.domish import Element

from pushsvc.links.s2s import dialback
from pushsvc.links.s2s.approach import Approach, Unreached
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.domains import LookupTrouble, NoSuchDomain
from pushsvc.links.s2s.namespaces import NS_DIALBACK
from pushsvc.links.s2s.ourselves import Ourselves
from pushsvc.links.s2s.reaching import Reaching


class CannotTell(Exception):
    """
    The domain could not be asked, or does not say.

    :ivar condition: how that is called in a dialback error.
    """

    def __init__(self, condition: str) -> None:
        super().__init__(condition)
        self.condition = condition


class Asking(Approach):
    """
    A stream on which one question is asked.

    :ivar isValid: the answer, once ``ready`` has fired.
    """

    isValid = False

    def __init__(self, ourselves: Ourselves, pair: Pair, direct: bool, streamId: str, key: str) -> None:
        super().__init__(ourselves, pair, direct)
        self._streamId = streamId
        self._key = key
        self._asked = False

    def trusted(self, features: Element) -> None:
        self._asked = True
        self.xmlstream.send(dialback.verify(self.pair, self._streamId, self._key))

    def heard(self, element: Element) -> None:
        if (element.uri, element.name) != (NS_DIALBACK, "verify") or not self._asked:
            super().heard(element)
        elif dialback.pairOf(element) == self.pair and element.getAttribute("id") == self._streamId:
            self._onAnswer(element)

    def _onAnswer(self, element: Element) -> None:
        type = element.getAttribute("type")
        if type in (dialback.VALID, dialback.INVALID):
            self.isValid = type == dialback.VALID
            self.succeed()
            self.xmlstream.finish()
        else:
            self._failed(Unreached("it does not say", dialback.conditionOf(element), isFinal=True))
            self.xmlstream.finish()


class Verifier:
    """
    Asks a limited number of questions at the same time.
    """

    def __init__(self, ourselves: Ourselves, reaching: Reaching) -> None:
        self._ourselves = ourselves
        self._reaching = reaching
        self._pending: Counter[str] = Counter()

    async def verify(self, pair: Pair, streamId: str, key: str, whence: str) -> bool:
        """
        Whether ``pair.remote`` says that the key is its own.

        :param whence: where the one who says so connects from; see `pushsvc.links.s2s.whence`.
        :raises CannotTell: it does not say.
        """
        settings = self._ourselves.settings
        isFull = self._pending.total() >= settings.maxVerifications
        if isFull or self._pending[whence] >= settings.maxVerificationsPerAddress:
            raise CannotTell("resource-constraint")
        self._pending[whence] += 1
        try:
            asking = ensureDeferred(self._ask(pair, streamId, key))
            return await asking.addTimeout(settings.verifying, self._ourselves.clock)
        except NoSuchDomain:
            raise CannotTell("remote-server-not-found") from None
        except (TooLate, LookupTrouble):
            raise CannotTell("remote-server-timeout") from None
        except Unreached as e:
            raise CannotTell(_MEANING.get(e.condition or "", "remote-server-timeout")) from None
        finally:
            self._pending[whence] -= 1
            if not self._pending[whence]:
                del self._pending[whence]

    async def _ask(self, pair: Pair, streamId: str, key: str) -> bool:
        def make(direct: bool, mayUseExternal: bool) -> Approach:
            return Asking(self._ourselves, pair, direct, streamId, key)

        stream = await self._reaching.reach(pair.remote, make)
        assert isinstance(stream.authenticator, Asking)
        return stream.authenticator.isValid


_MEANING = {
    "host-unknown": "remote-server-not-found",
    "host-gone": "remote-server-not-found",
    "item-not-found": "remote-server-not-found",
    "remote-connection-failed": "remote-connection-failed",
    "not-authorized": "not-authorized",
}
