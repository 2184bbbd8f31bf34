"""
For how long a device counts as gone: the same in every kind of storage.
"""

from dataclasses import dataclass
from typing import Any, Protocol

from zope.interface import implementer

from pushsvc.ipushsvc import IDepartures

DAY = 86_400.0
# Seconds for which it is believed: when it is said first, and when it is said again after that.
FIRST = DAY
AGAIN = 5 * DAY
# Seconds for which it is remembered after that, to know that it was said before.
REMEMBERED = 5 * DAY

# Seconds for which a device that was not gone is not looked for again. Another process may have learned of it.
AGE = 30.0
# Remembered in front of the database at once, at most twice as many.
MOST = 20_000


@dataclass(frozen=True)
class Departure:
    """
    What is known of one device.

    :ivar until: seconds since 1970 until which it counts as gone.
    :ivar kept: seconds since 1970 until which this is remembered.
    """

    until: float
    kept: float


def goneUntil(known: Departure | None, now: float) -> float:
    """
    Until when a device counts as gone; 0 when it does not.
    """
    return known.until if known is not None and known.until > now else 0.0


def departed(known: Departure | None, now: float) -> Departure:
    """
    What is known when the network says that a device is gone.
    """
    if known is None or known.kept <= now:
        return Departure(now + FIRST, now + FIRST + REMEMBERED)
    if known.until > now:
        # What was under way when it was said the first time tells nothing new.
        return known
    return Departure(now + AGAIN, now + AGAIN + REMEMBERED)


class Kept(Protocol):
    """
    What keeps them.
    """

    async def departed(self, key: str, now: float) -> None:
        """
        As `IDepartures.departed`.
        """

    async def goneUntil(self, key: str, now: float) -> float:
        """
        As the function of this name.
        """

    async def trim(self, now: float, most: int) -> int:
        """
        As `IDepartures.trim`.
        """


@implementer(IDepartures)
class Departures:
    """
    One for each storage. What was found is remembered for a moment: it is asked for with every publish.
    """

    def __init__(self, kept: Kept, clock: Any, most: int = MOST) -> None:
        self._kept = kept
        self._clock = clock
        self._most = most
        # When it is looked for again, and what was found; and those of before.
        self._young: dict[str, tuple[float, float]] = {}
        self._old: dict[str, tuple[float, float]] = {}

    async def departed(self, key: str) -> None:
        await self._kept.departed(key, self._clock.seconds())
        self._young.pop(key, None)
        self._old.pop(key, None)

    async def isGone(self, key: str) -> bool:
        now: float = self._clock.seconds()
        known = self._young.get(key) or self._old.get(key)
        if known is None or known[0] <= now:
            known = now + AGE, await self._kept.goneUntil(key, now)
            if len(self._young) >= self._most:
                self._old, self._young = self._young, {}
            self._young[key] = known
        return known[1] > now

    async def trim(self, most: int) -> int:
        return await self._kept.trim(self._clock.seconds(), most)
