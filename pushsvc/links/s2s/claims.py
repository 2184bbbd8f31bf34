"""
What the peer of an incoming stream claims by dialback (XEP-0220): any number of pairs, each proven on its own.
"""

from collections.abc import Awaitable, Callable

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.logger import Logger
from twisted.words.xish.domish import Element

from pushsvc.concealed import concealed
from pushsvc.links.s2s import dialback
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.domains import hostAmong
from pushsvc.links.s2s.ourselves import Ourselves
from pushsvc.links.s2s.peerstream import PeerStream
from pushsvc.links.s2s.verifying import CannotTell
from pushsvc.links.s2s.whence import whenceOf

Verify = Callable[[Pair, str, str, str], Awaitable[bool]]
"""
Asks a domain whether a key is its own; see `pushsvc.links.s2s.verifying`.
"""


class Claims:
    """
    The claims of one stream.

    :ivar stream: the stream; to be set.
    """

    log = Logger()
    stream: PeerStream

    def __init__(self, ourselves: Ourselves, verify: Verify, joined: Callable[[Pair], object]) -> None:
        """
        :param joined: is told what is proven.
        """
        self._ourselves = ourselves
        self._verify = verify
        self._joined = joined
        self._pending: dict[Pair, Deferred[None]] = {}
        self._failures = 0

    def drop(self) -> None:
        """
        Nobody is interested any more.
        """
        for pending in list(self._pending.values()):
            pending.cancel()

    def onResult(self, element: Element) -> None:
        """
        It says who it is.
        """
        stream, pair = self.stream, dialback.pairOf(element)
        if element.hasAttribute("type"):
            # An answer, and nobody has asked.
            return
        # Errors never close the stream (XEP-0220): other pairs may be well.
        said = Pair(element.getAttribute("to") or "", element.getAttribute("from") or "")
        if not all(said):
            stream.refuse("improper-addressing")
        elif not stream.secure:
            self._refuse(said, "policy-violation")
        elif pair is None:
            isToADomain = dialback.domainIn(said.local) is not None
            self._refuse(said, "not-acceptable" if isToADomain else "item-not-found")
        elif hostAmong(self._ourselves.hosts, pair.remote) is not None:
            stream.refuse("invalid-from")
        elif self._known(pair) in stream.pairs:
            stream.send(dialback.answer("result", pair, dialback.VALID))
        elif pair in self._pending:
            return
        elif (condition := self._objection(pair)) is not None:
            self._refuse(pair, condition)
        else:
            proving = ensureDeferred(self._prove(pair, stream.sid or "", str(element).strip()))
            if not proving.called:
                self._pending[pair] = proving

    def _objection(self, pair: Pair) -> str | None:
        settings = self._ourselves.settings
        if hostAmong(self._ourselves.hosts, pair.local) is None:
            return "item-not-found"
        if settings.requireTrusted and not self.stream.isTrusted(pair.remote):
            return "not-authorized"
        if len(self._pending) >= settings.maxPending or len(self.stream.pairs) >= settings.maxPairs:
            return "resource-constraint"
        return None

    async def _prove(self, pair: Pair, streamId: str, key: str) -> None:
        stream = self.stream
        isValid, condition = False, None
        try:
            isValid = await self._verify(pair, streamId, key, whenceOf(stream.transport.getPeer()))
        except CannotTell as e:
            condition = e.condition
        except CancelledError:
            return
        except Exception:
            self.log.failure("a dialback key could not be verified: this is a bug", concealed())
            condition = "internal-server-error"
        finally:
            self._pending.pop(pair, None)
        if not stream.usable:
            return
        if condition is not None:
            self._refuse(pair, condition)
            return
        stream.send(dialback.answer("result", pair, dialback.VALID if isValid else dialback.INVALID))
        if isValid:
            self._joined(self._known(pair))
        elif not stream.pairs:
            stream.refuse("not-authorized")

    def _known(self, pair: Pair) -> Pair:
        # Keys, and answers, are for the pair as the peer spells it; stanzas are for the host that it means.
        return Pair(hostAmong(self._ourselves.hosts, pair.local) or pair.local, pair.remote)

    def _refuse(self, pair: Pair, condition: str) -> None:
        stream = self.stream
        stream.send(dialback.refusal("result", pair, condition))
        self._failures += 1
        if self._failures >= self._ourselves.settings.maxFailedClaims and not stream.pairs:
            stream.refuse("policy-violation")
