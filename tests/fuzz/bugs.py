"""
Bugs that are caught and logged where they happen are finds, too.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from twisted.logger import globalLogPublisher


@contextmanager
def noBugs() -> Iterator[None]:
    """
    Nothing that is done meanwhile may log a failure.
    """
    failures: list[Any] = []

    def observe(event: Any) -> None:
        if event.get("log_failure") is not None:
            failures.append(event["log_failure"])

    globalLogPublisher.addObserver(observe)
    try:
        yield
    finally:
        globalLogPublisher.removeObserver(observe)
    assert not failures, failures[0].getTraceback()
