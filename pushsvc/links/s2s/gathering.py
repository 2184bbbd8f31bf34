"""
Several questions at once, and no waiting for the last when there are answers.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Generic, TypeVar

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

T = TypeVar("T")


class Gathering(Generic[T]):
    """
    Runs coroutines side by side.
    """

    def __init__(self, clock: Any, grace: float, isEnough: Callable[[T], bool]) -> None:
        """
        :param grace: how many seconds the others have once there is a result that is enough.
        """
        self._clock = clock
        self._grace = grace
        self._isEnough = isEnough
        self._running: list[Deferred[Any]] = []
        self._results: list[T | Exception] = []
        self._missing = 0
        self._patience: Any = None
        self._done: Deferred[list[T | Exception]] = Deferred(lambda _: self._stop())

    def results(self, coroutines: list[Coroutine[Any, Any, T]]) -> "Deferred[list[T | Exception]]":
        """
        What each came to, in their order: its result, its exception, or CancelledError.
        """
        self._missing = len(coroutines)
        self._results = [CancelledError() for _ in coroutines]
        for index, coroutine in enumerate(coroutines):
            started = Deferred.fromCoroutine(coroutine)
            started.addCallbacks(self._came, self._failed, callbackArgs=(index,), errbackArgs=(index,))
            self._running.append(started)
        if not coroutines:
            self._done.callback([])
        return self._done

    def _came(self, result: T, index: int) -> None:
        self._results[index] = result
        self._arrived(self._isEnough(result))

    def _failed(self, reason: Failure, index: int) -> None:
        error = reason.value
        self._results[index] = error if isinstance(error, Exception) else CancelledError()
        self._arrived(False)

    def _arrived(self, enough: bool) -> None:
        self._missing -= 1
        if self._done.called:
            return
        if not self._missing:
            self._cancelPatience()
            self._done.callback(self._results)
        elif enough and self._patience is None:
            self._patience = self._clock.callLater(self._grace, self._leaveThem)

    def _leaveThem(self) -> None:
        self._patience = None
        for deferred in self._running:
            deferred.cancel()

    def _stop(self) -> None:
        self._cancelPatience()
        self._missing = -1
        self._leaveThem()

    def _cancelPatience(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None
