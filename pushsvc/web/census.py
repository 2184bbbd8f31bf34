"""
What is counted by walking through everything that is stored: seldom, however often the pages are asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from twisted.internet.interfaces import IReactorTime

from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IStorage
from pushsvc.model import Standing
from pushsvc.web.patience import inTime

# Seconds. Publishes wait while it is counted: a fifth of a second for a million registrations, a second for a million
# notifications in the outbox, where they are only when a network has been down for long.
LASTS = 30.0


@dataclass(frozen=True)
class Census:
    """
    How much there was, by app.

    :ivar taken: seconds since 1970.
    """

    registrations: Mapping[str, int]
    outbox: Mapping[str, Standing]
    taken: float


class Censuses:
    """
    The latest.
    """

    def __init__(self, storage: IStorage, clock: IReactorTime) -> None:
        self._storage = storage
        self._clock = clock
        self._latest: Census | None = None

    async def latest(self) -> Census | None:
        """
        One that is not older than `LASTS`; None when the storage does not answer.
        """
        now = self._clock.seconds()
        if self._latest is None or not 0 <= now - self._latest.taken < LASTS:
            self._latest = None
            try:
                registrations = await inTime(self._storage.registrations.counts(), self._clock)
                outbox = await inTime(self._storage.outbox.standings(), self._clock)
            except TryLater:
                return None
            self._latest = Census(registrations, outbox, now)
        return self._latest
