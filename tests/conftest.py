"""
What every test lives with.
"""

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import settings
from twisted.internet.task import Clock
from twisted.logger import globalLogPublisher
from twisted.python.failure import Failure

# How long an example takes says more of the machine than of the product.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


def pytest_collection_finish() -> None:
    """
    What is imported by now stays: collecting after each test need not look at it again.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def loggedFailures() -> Iterator[list[Failure]]:
    """
    Failures logged during the test; a test that expects some clears it.
    """
    seen: list[Failure] = []

    def observe(event: Any) -> None:
        if event.get("log_failure") is not None:
            seen.append(event["log_failure"])

    globalLogPublisher.addObserver(observe)
    yield seen
    gc.collect()  # lost Deferreds speak up now
    globalLogPublisher.removeObserver(observe)
    assert not seen, seen


@pytest.fixture
def logEvents() -> Iterator[list[Any]]:
    """
    Everything logged during the test.
    """
    seen: list[Any] = []
    globalLogPublisher.addObserver(seen.append)
    yield seen
    globalLogPublisher.removeObserver(seen.append)


@pytest.fixture
def clock() -> Clock:
    """
    Time that passes when the test says so; it starts at a plausible date.
    """
    clock = Clock()
    clock.advance(1_790_000_000)
    return clock
