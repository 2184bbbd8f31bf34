"""
Waiting for something to become true, with a deadline, on a clock that is the wall's: the other end is another program.
"""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

# Seconds: far more than it takes, also on a machine that is slow and does three other things.
PATIENCE = 180.0


class Waited(AssertionError):
    """
    It did not happen in time.
    """


def waitFor(
    check: Callable[[], T], what: str, seconds: float = PATIENCE, alive: Callable[[], bool] | None = None
) -> T:
    """
    Ask again and again until the answer is true, and return that answer.

    :param what: what is waited for, for whoever reads that it did not come.
    :param alive: whether it can still come; when not, waiting is over at once.
    """
    end = time.monotonic() + seconds
    while True:
        hopeless = alive is not None and not alive()
        answer = check()
        if answer:
            return answer
        if hopeless:
            raise Waited(f"{what}: it ended instead")
        if time.monotonic() > end:
            raise Waited(f"{what}: not within {seconds:g} seconds")
        time.sleep(0.02)
