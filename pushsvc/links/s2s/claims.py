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
        if not stream.secure:
            stream.refuse("policy-violation")
        elif pair is None:
            stream.refuse("improper-addressing")
        elif pair.remote in self._ourselves.hosts:
            stream.refuse("invalid-from")
        elif pair in stream.pairs:
            stream.send(dialback.answer("result", pair, dialback.VALID))
        elif pair in self._pending:
            return
        elif (condition := self._objection(pair)) is not None:
            stream.send(dialback.refusal("result", pair, condition))
        else:
            proving = ensureDeferred(self._prove(pair, stream.sid or "", str(element).strip()))
            if not proving.called:
                self._pending[pair] = proving

    def _objection(self, pair: Pair) -> str | None:
        settings = self._ourselves.settings
        if pair.local not in self._ourselves.hosts:
            return "item-not-found"
        if settings.requireTrusted and not self.stream.isTrusted(pair.remote):
            return "not-authorized"
        if len(self._pending) >= settings.maxPending or len(self.stream.pairs) >= settings.maxPairs:
            return "resource-constraint"
        return None

    async def _prove(self, pair: Pair, streamId: str, key: str) -> None:
        stream = self.stream
        try:
            isValid = await self._verify(pair, streamId, key, whenceOf(stream.transport.getPeer()))
        except CannotTell as e:
            stream.send(dialback.refusal("result", pair, e.condition))
            return
        except CancelledError:
            return
        except Exception:
            self.log.failure("a dialback key could not be verified: this is a bug", concealed())
            stream.send(dialback.refusal("result", pair, "internal-server-error"))
            return
        finally:
            self._pending.pop(pair, None)
        if not stream.usable:
            return
        stream.send(dialback.answer("result", pair, dialback.VALID if isValid else dialback.INVALID))
        if isValid:
            self._joined(pair)
        elif not stream.pairs:
            stream.refuse("not-authorized")
