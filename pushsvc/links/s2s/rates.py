"""
How often something may happen: so many times at once, and then so many times a second.
"""

from collections import OrderedDict
from typing import Any

# Places that are remembered. Who has not come for a moment is like one that never came.
PLACES_MAX = 10_000


class Bucket:
    """
    Holds what may happen now; fills again as time passes.
    """

    def __init__(self, clock: Any, rate: float, burst: float) -> None:
        """
        :param rate: a second.
        :param burst: at once.
        """
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._left = burst
        self._filledAt = clock.seconds()

    def take(self) -> bool:
        """
        Once more.

        :returns: whether it may happen.
        """
        now = self._clock.seconds()
        # The clock may have been set back: that takes nothing out.
        self._left = min(self._burst, self._left + max(0.0, now - self._filledAt) * self._rate)
        self._filledAt = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Buckets:
    """
    One for every place, and as many places as there are.
    """

    def __init__(self, clock: Any, rate: float, burst: float, maxPlaces: int = PLACES_MAX) -> None:
        """
        :param maxPlaces: the one that came least recently is forgotten for one more.
        """
        self._clock = clock
        self._rate = rate
        self._burst = burst
        self._maxPlaces = maxPlaces
        self._all: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, whence: str) -> bool:
        """
        Once more, for this place.

        :returns: whether it may happen.
        """
        bucket = self._all.get(whence)
        if bucket is None:
            bucket = self._all[whence] = Bucket(self._clock, self._rate, self._burst)
            if len(self._all) > self._maxPlaces:
                self._all.popitem(last=False)
        self._all.move_to_end(whence)
        return bucket.take()
