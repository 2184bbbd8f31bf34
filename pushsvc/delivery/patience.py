"""
Patience: nobody is waited for any longer than that.

It is the same for all, and there are thousands of them: so one call of the clock looks after all.
"""

from collections.abc import Awaitable, Coroutine, Generator
from math import inf
from typing import Any, Generic, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from pushsvc.concealed import concealed

R = TypeVar("R")


class Patience:
    """
    So many seconds for each coroutine. What it waits for then is cancelled, and if it goes on nevertheless, it has as
    long again.
    """

    log = Logger()

    def __init__(self, clock: IReactorTime, seconds: float) -> None:
        self._clock = clock
        self._seconds = seconds
        self._until: dict[_Endured[Any], float] = {}
        # When the next look is due, at the first whose time can be up.
        self._looks = inf
        self._look: IDelayedCall | None = None

    def of(self, coroutine: Coroutine[Deferred[Any], Any, R]) -> Awaitable[R]:
        """
        What it comes to.

        :param coroutine: awaits nothing but Deferreds.
        """
        return _Endured(self, coroutine)

    def begin(self, endured: "_Endured[Any]") -> None:
        """
        Its time runs.
        """
        until = self._until[endured] = self._clock.seconds() + self._seconds
        if until < self._looks:
            self._lookAt(until)

    def end(self, endured: "_Endured[Any]") -> None:
        """
        It needs no more.
        """
        self._until.pop(endured, None)
        if not self._until and self._look is not None:
            self._look.cancel()
            self._look, self._looks = None, inf

    def _lookAt(self, time: float) -> None:
        if self._look is not None:
            self._look.cancel()
        self._look, self._looks = self._clock.callLater(max(0.0, time - self._clock.seconds()), self._pass), time

    def _pass(self) -> None:
        self._look, self._looks = None, inf
        now = self._clock.seconds()
        # When the clock was set back, times of before are further away than anybody's can be.
        self._until = {endured: min(until, now + self._seconds) for endured, until in self._until.items()}
        for endured in [endured for endured, until in self._until.items() if until <= now]:
            # What one of them leads to may have ended others.
            if endured in self._until:
                self._until[endured] = now + self._seconds
                self._giveUp(endured)
        if self._until:
            self._lookAt(min(self._until.values()))

    def _giveUp(self, endured: "_Endured[Any]") -> None:
        try:
            endured.giveUp()
        except Exception:
            # The others are still to be looked after.
            self.log.failure("what somebody waits for cannot be cancelled: this is a bug", concealed())


class _Endured(Generic[R]):
    """
    A coroutine, and what it waits for.
    """

    __slots__ = ("_awaited", "_coroutine", "_patience")

    def __init__(self, patience: Patience, coroutine: Coroutine[Deferred[Any], Any, R]) -> None:
        self._patience = patience
        self._coroutine = coroutine

    def __await__(self) -> Generator[Deferred[Any], Any, R]:
        coroutine = self._coroutine
        raised: BaseException | None = None
        self._patience.begin(self)
        try:
            while True:
                self._awaited = coroutine.send(None) if raised is None else coroutine.throw(raised)
                raised = None
                try:
                    # Whoever runs us waits for it.
                    yield self._awaited
                except GeneratorExit:
                    coroutine.close()
                    raise
                except BaseException as e:
                    # Not only exceptions of the usual kind: who waits for another framework is cancelled in its way.
                    raised = e
        except StopIteration as ended:
            result: R = ended.value
            return result
        finally:
            # It knows this frame: they would wait for each other, and for the collector, with all that was sent.
            raised = None
            self._patience.end(self)

    def giveUp(self) -> None:
        """
        Wait no longer.
        """
        self._awaited.cancel()
