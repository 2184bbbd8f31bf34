"""
What many tests say.
"""

from collections.abc import Awaitable
from typing import Any, TypeVar

from twisted.internet.defer import Deferred, ensureDeferred

T = TypeVar("T")


def resultOf(awaitable: Awaitable[T]) -> T:
    """
    What a coroutine or Deferred came to, at once.

    Its exception is raised; not having come to anything is a failure of the test.
    """
    results: list[Any] = []
    failures: list[Any] = []
    deferred = awaitable if isinstance(awaitable, Deferred) else ensureDeferred(awaitable)  # type: ignore[arg-type]
    deferred.addCallbacks(results.append, failures.append)
    if failures:
        failures[0].raiseException()
    assert results, "nothing came of it yet"
    return results[0]
