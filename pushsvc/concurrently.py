"""
Several coroutines at once.
"""

from collections.abc import Coroutine, Iterable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, DeferredList

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
