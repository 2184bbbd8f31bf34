"""
Asking a domain whether a dialback key is its own (XEP-0220 section 2.2), over a short stream of its own.
"""

from collections import Counter

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.defer import TimeoutError as TooLate
from twisted.words.xish.domish import Element

from pushsvc.addresses import isLiteral
from pushsvc.links.s2s import dialback
from pushsvc.links.s2s.approach import Approach, Unreached
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.domains import LookupTrouble, NoSuchDomain
from pushsvc.links.s2s.namespaces import NS_DIALBACK
from pushsvc.links.s2s.ourselves import Ourselves
from pushsvc.links.s2s.rates import Bucket, Buckets
from pushsvc.links.s2s.reaching import Reaching
from pushsvc.links.s2s.silences import Silences
from pushsvc.links.s2s.whence import networkOf

# Servers of a domain. Whoever owns it can name any number of them, and others' as well.
TRIES = 3


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
    Asks a limited number of questions, at the same time and a second: that we ask is the wish of strangers, and whom
    we ask is, too.
    """

    def __init__(self, ourselves: Ourselves, reaching: Reaching) -> None:
        clock, settings = ourselves.clock, ourselves.settings
        self._ourselves = ourselves
        self._reaching = reaching
        self._pending: Counter[str] = Counter()  # by where the claims come from
        self._pendingWithin: Counter[str] = Counter()  # by network
        self._asking: Counter[str] = Counter()  # by domain
        self._running: dict[Deferred[bool], str] = {}  # the oldest first, and the networks
        self._ousted: set[Deferred[bool]] = set()
        self._rate = Bucket(clock, settings.verificationRate, settings.verificationRate)
        rate, burst = settings.verificationRatePerAddress, settings.verificationBurstPerAddress
        self._rates = Buckets(clock, rate, burst)
        self._networkRates = Buckets(clock, 2 * rate, 2 * burst)
        self._silences = Silences(clock)

    async def verify(self, pair: Pair, streamId: str, key: str, whence: str) -> bool:
        """
        Whether ``pair.remote`` says that the key is its own.

        :param whence: where the one who says so connects from; see `pushsvc.links.s2s.whence`.
        :raises CannotTell: it does not say.
        """
        condition = self._objection(pair.remote, whence)
        if condition is not None:
            raise CannotTell(condition)
        self._pending[whence] += 1
        self._pendingWithin[networkOf(whence)] += 1
        self._asking[pair.remote] += 1
        asking = ensureDeferred(self._ask(pair, streamId, key))
        self._running[asking] = networkOf(whence)
        try:
            isValid = await asking.addTimeout(self._ourselves.settings.verifying, self._ourselves.clock)
        except CancelledError:
            if asking in self._ousted:
                raise CannotTell("resource-constraint") from None
            raise
        except (NoSuchDomain, TooLate, LookupTrouble) as e:
            condition = "remote-server-not-found" if isinstance(e, NoSuchDomain) else "remote-server-timeout"
            self._silences.failed(pair.remote, condition)
            raise CannotTell(condition) from None
        except Unreached as e:
            condition = _MEANING.get(e.condition or "", "remote-server-timeout")
            if not e.isFinal:
                # What a domain has said it has said about one claim, and anybody can make a wrong one.
                self._silences.failed(pair.remote, condition)
            raise CannotTell(condition) from None
        finally:
            del self._running[asking]
            self._ousted.discard(asking)
            _discount(self._pending, whence)
            _discount(self._pendingWithin, networkOf(whence))
            _discount(self._asking, pair.remote)
        self._silences.answered(pair.remote)
        return isValid

    def _objection(self, domain: str, whence: str) -> str | None:
        if isLiteral(domain):
            # An address is nobody's in particular, and asking it would be connecting to wherever a stranger says.
            return "remote-server-timeout"
        settings = self._ourselves.settings
        if (
            self._pending[whence] >= settings.maxVerificationsPerAddress
            or self._pendingWithin[networkOf(whence)] >= 2 * settings.maxVerificationsPerAddress
            or self._asking[domain] >= settings.maxVerificationsPerDomain
        ):
            return "resource-constraint"
        silence = self._silences.condition(domain)
        if silence is not None:
            return silence
        isInTime = self._rates.take(whence) and self._networkRates.take(networkOf(whence)) and self._rate.take()
        return None if isInTime and self._hasRoomFor(networkOf(whence)) else "resource-constraint"

    def _hasRoomFor(self, network: str) -> bool:
        """
        Whether one more may be asked for somebody there. A place that has many makes room for one that has few, or a
        few places whose domains let us wait would keep all others out.
        """
        if len(self._running) < self._ourselves.settings.maxVerifications:
            return True
        most, count = self._pendingWithin.most_common(1)[0]
        if count <= self._pendingWithin[network] + 1:
            return False
        oldest = next(asking for asking, place in self._running.items() if place == most)
        self._ousted.add(oldest)
        oldest.cancel()
        return True

    async def _ask(self, pair: Pair, streamId: str, key: str) -> bool:
        def make(direct: bool, mayUseExternal: bool) -> Approach:
            return Asking(self._ourselves, pair, direct, streamId, key)

        stream = await self._reaching.reach(pair.remote, make, TRIES)
        assert isinstance(stream.authenticator, Asking)
        return stream.authenticator.isValid


def _discount(counter: Counter[str], key: str) -> None:
    counter[key] -= 1
    if not counter[key]:
        del counter[key]


# Whether a port is open is not told: that would be a way to look around in our network.
_MEANING = {
    "host-unknown": "remote-server-not-found",
    "host-gone": "remote-server-not-found",
    "item-not-found": "remote-server-not-found",
    "not-authorized": "not-authorized",
}
