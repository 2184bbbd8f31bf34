"""
A breaker: whoever fails again and again is left alone for a while, and then tried with one thing at a time.
"""

import random
from collections.abc import Callable

# Failures in a row that are one too many.
TRIPS = 5
# Seconds of the first pause, and of the longest. Networks that want to be left alone longer say so.
FIRST = 1.0
LONGEST = 60.0
# What waits for the end of a pause is due at some time in so many pauses after that, but no later than this: should the
# next try fail, it need not be put off all at once.
SPREAD = 15.0
LONGEST_SPREAD = 900.0


class Breaker:
    """
    Counts failures in a row.

    :ivar isTripped: since too many of them, and until the next success.
    :ivar until: seconds since 1970 before which nothing is tried, while it is tripped.
    """

    def __init__(self, randomly: Callable[[], float] = random.random) -> None:
        self.isTripped = False
        self.until = 0.0
        self._randomly = randomly
        self._failures = 0.0
        self._pause = 0.0
        self._appointed = False

    def succeeded(self) -> None:
        """
        All is well.
        """
        self._failures = 0.0
        if self.isTripped:
            self.isTripped = False
            self._pause = 0.0

    def failed(self, now: float, weight: float = 1.0) -> None:
        """
        Something did not get through.

        :param weight: how much of a sign that is.
        """
        self._failures += weight
        # What was under way when it tripped says nothing new.
        if self._failures >= TRIPS and (not self.isTripped or now >= self.until):
            self.trip(now)

    def trip(self, now: float, asked: float = 0.0) -> None:
        """
        Leave it alone.

        :param asked: for so many seconds at least.
        """
        self._failures = max(self._failures, float(TRIPS))
        if self.isTripped and now < self.until:
            self.until = max(self.until, now + asked)
            return
        self.isTripped = True
        self._pause = min(2 * self._pause, LONGEST) or FIRST
        # What failed together does not come back together.
        self.until = now + max(self._pause, asked) * (1.0 + self._randomly() / 4)
        self._appointed = False

    def later(self, due: float, isOneOfMany: bool = True) -> float:
        """
        When something is to be tried that would have been at this time, while it is tripped: the first to ask may be
        the one with which it is tried again.
        """
        if due <= self.until and not (self._appointed and isOneOfMany):
            self._appointed = True
            return self.until
        if not isOneOfMany:
            return due
        return max(due, self.until + self._randomly() * min(SPREAD * self._pause, LONGEST_SPREAD))
