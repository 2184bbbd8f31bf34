"""
Several coroutines at once.
"""

from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from pushsvc.concealed import concealed

R = TypeVar("R")


async def atOnce(coroutines: Iterable[Coroutine[Any, Any, R]]) -> list[R]:
    """
    What each of them comes to. All of them come to an end before this does.

    :raises Exception: the first of those that any of them raised.
    """
    several = list(coroutines)
    if len(several) == 1:
        # Mostly; and half the cost.
        return [await several[0]]
    doing = [Deferred.fromCoroutine(coroutine) for coroutine in several]
    outcomes: list[tuple[bool, Any]] = await DeferredList(doing, consumeErrors=True)
    for isWell, outcome in outcomes:
        if not isWell:
            outcome.raiseException()
    return [outcome for _, outcome in outcomes]


class Errands:
    """
    Coroutines of which nobody waits for what comes of each, and of which there are many. So they are not Deferreds of
    their own, but go on whenever what they wait for has come.
    """

    log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._ongoing: set[Coroutine[Any, Any, None]] = set()
        # Those who wait until all have come to an end.
        self._patient: list[Deferred[None]] = []

    def __len__(self) -> int:
        return len(self._ongoing)

    def run(self, errand: Coroutine[Any, Any, None]) -> None:
        """
        Begin one.

        :param errand: awaits nothing but Deferreds.
        """
        self._goOn(None, errand)

    async def finish(self, seconds: float) -> None:
        """
        Wait until all have come to an end, or for so long.
        """
        if self._ongoing:
            finished: Deferred[None] = Deferred()
            self._patient.append(finished)
            await finished.addTimeout(seconds, self._clock, onTimeoutCancel=lambda late, _: None)

    def _goOn(self, result: object, errand: Coroutine[Any, Any, None]) -> None:
        try:
            awaited = (
                result.throwExceptionIntoGenerator(errand)  # type: ignore[no-untyped-call]
                if isinstance(result, Failure)
                # What came is in the Deferred, where the coroutine finds it.
                else errand.send(None)
            )
            while not isinstance(awaited, Deferred):
                # Somebody else's: whoever waits for that here would wait for ever.
                awaited = errand.throw(TypeError("only a Deferred can be awaited here"))
        except StopIteration:
            self._ended(errand)
        except BaseException:
            # Whatever it is: as with Deferreds, it is the end of nobody else.
            self.log.failure("what nobody waits for failed: this is a bug", concealed())
            self._ended(errand)
        else:
            self._ongoing.add(errand)
            awaited.addBoth(self._goOn, errand)

    def _ended(self, errand: Coroutine[Any, Any, None]) -> None:
        self._ongoing.discard(errand)
        if not self._ongoing and self._patient:
            patient, self._patient = self._patient, []
            for finished in patient:
                finished.callback(None)
