"""
When to connect again.
"""

import random
from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime


class Backoff:
    """
    Exponential, with jitter.
    """

    def __init__(
        self, clock: IReactorTime, first: float, longest: float, randomly: Callable[[], float] = random.random
    ) -> None:
        self._clock = clock
        self._first = first
        self._longest = longest
        self._randomly = randomly
        self._failures = 0
        self._until = 0.0

    @property
    def left(self) -> float:
        """
        Seconds in which nobody should connect.
        """
        # No longer than the longest: the clock may have been set back.
        return max(0.0, min(self._until - self._clock.seconds(), self._longest))

    def failed(self) -> None:
        """
        No connection came about.
        """
        self._failures += 1
        self._wait(self._failures)

    def ended(self) -> None:
        """
        A connection ended soon, having been good for nothing: once is an accident, and costs no time.
        """
        self._failures += 1
        self._wait(self._failures - 1)

    def succeeded(self) -> None:
        """
        A connection has been good for something.
        """
        self._failures = 0
        self._until = 0.0

    def _wait(self, failures: int) -> None:
        if failures:
            delay = min(self._first * 2.0 ** min(failures - 1, 20), self._longest)
            self._until = self._clock.seconds() + delay * (0.5 + self._randomly() / 2)
