"""
How long to wait before the next attempt.
"""

import random
from collections.abc import Callable

# A phone is waiting; networks that want to be left alone longer say so (`Throttled.retryAfter`).
FIRST = 1.0
FACTOR = 2.0
LONGEST = 900.0


class Backoff:
    """
    Exponential, with jitter: what failed together does not come back together.
    """

    def __init__(self, first: float = FIRST, randomly: Callable[[], float] = random.random) -> None:
        self._first = first
        self._random = randomly

    def delay(self, attempts: int, asked: float | None = None) -> float:
        """
        Seconds to wait.

        :param attempts: how many have failed before this one.
        :param asked: what the network asks for; never less than that is waited.
        """
        # Past twenty doublings every delay is the longest; the exponent must not grow into an overflow.
        delay = min(self._first * FACTOR ** min(attempts, 20), LONGEST)
        return max(delay, asked or 0.0) * (1.0 + self._random() / 2)
