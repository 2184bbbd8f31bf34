"""
What many tests say.
"""

import os
from collections.abc import Awaitable
from typing import Any, NoReturn, TypeVar

import pytest
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


def untested(why: str) -> NoReturn:
    """
    What a test meets is not on this machine: said loudly, and a failure where everything has to be there.
    """
    if os.environ.get("CI"):
        pytest.fail(f"NOT TESTED: {why}")
    pytest.skip(f"NOT TESTED: {why}")
