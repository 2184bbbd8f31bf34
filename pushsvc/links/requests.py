"""
Requests of ours that wait for their answers (RFC 6120 section 8.2.3).
"""

from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.python.failure import Failure
from twisted.words.protocols.jabber import error
from twisted.words.protocols.jabber.xmlstream import TimeoutError as NoAnswer
from twisted.words.xish import domish

from pushsvc.jids import addressOf

# Seconds.
PATIENCE = 60.0

_Key = tuple[str, str]

# Twisted has those of RFC 3920.
_CONDITIONS = frozenset((*error.STANZA_CONDITIONS, "policy-violation"))
_TYPES = frozenset(("auth", "cancel", "continue", "modify", "wait"))


class Requests:
    """
    An answer belongs to a request when it has its id and comes from where the request went: ids can be guessed.
    Every request ends: with its answer, with its time-out, or with the link.
    """

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._waiting: dict[_Key, tuple[Deferred[domish.Element], Any]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def track(self, iq: domish.Element, patience: float | None = None) -> "Deferred[domish.Element]":
        """
        Wait for the answer to a request that has an id and is about to be sent.

        :returns: fires with the result; fails with StanzaError for an error, with ``xmlstream.TimeoutError`` when
            nothing comes.
        """
        key = _key(iq, "to")
        if key is None:
            return fail(ValueError("a request needs an id, and somebody to go to"))
        if key in self._waiting:
            return fail(ValueError("a request with this id is under way"))
        answer: Deferred[domish.Element] = Deferred(lambda _: self._cancelled(key))
        call = self._clock.callLater(PATIENCE if patience is None else patience, self._late, key)
        self._waiting[key] = (answer, call)
        return answer

    def answered(self, iq: domish.Element) -> bool:
        """
        Whether this is the answer to a request of ours, which then has it.
        """
        key = _key(iq, "from")
        answer = None if key is None else self._forget(key)
        if answer is None:
            return False
        if iq["type"] == "error":
            answer.errback(_refusal(iq))
        else:
            answer.callback(iq)
        return True

    def fail(self, reason: Failure) -> None:
        """
        No answers will come any more.
        """
        for key in list(self._waiting):
            answer = self._forget(key)
            if answer is not None:
                answer.errback(reason)

    def unsent(self, iq: domish.Element, reason: Exception) -> None:
        """
        A request that is tracked could not be sent.
        """
        key = _key(iq, "to")
        answer = None if key is None else self._forget(key)
        if answer is not None:
            answer.errback(reason)

    def _cancelled(self, key: _Key) -> None:
        self._forget(key)

    def _late(self, key: _Key) -> None:
        answer, _ = self._waiting.pop(key)
        answer.errback(NoAnswer("no answer in time"))

    def _forget(self, key: _Key) -> "Deferred[domish.Element] | None":
        waiting = self._waiting.pop(key, None)
        if waiting is None:
            return None
        answer, call = waiting
        call.cancel()
        return answer


def _refusal(iq: domish.Element) -> error.StanzaError:
    refusal: error.StanzaError
    try:
        refusal = error.exceptionFromStanza(iq)
    except Exception:  # COMPAT: a code that Twisted does not know is a KeyError, with the peer's own words in it.
        refusal = error.StanzaError(None)
    isKnown, isTyped = refusal.condition in _CONDITIONS, refusal.type in _TYPES
    if isKnown and isTyped:
        return refusal
    # Without a type it could not be passed on.
    return error.StanzaError("undefined-condition", refusal.type if isTyped else "cancel")


def _key(iq: domish.Element, whom: str) -> _Key | None:
    address = addressOf(iq.getAttribute(whom) or "")
    identifier = iq.getAttribute("id")
    return (identifier, address.full) if address and identifier else None
