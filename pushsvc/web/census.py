"""
What is counted by walking through everything that is stored: seldom, however often the pages are asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from twisted.internet.defer import Deferred
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
    The latest. Whoever asks while it is being counted waits for that count: also when nobody had the patience to wait
    for its end, there is never more than one.
    """

    def __init__(self, storage: IStorage, clock: IReactorTime) -> None:
        self._storage = storage
        self._clock = clock
        self._latest: Census | None = None
        self._isCounting = False
        self._waiting: list[Deferred[Census]] = []

    async def latest(self) -> Census | None:
        """
        One that is not older than `LASTS`; None when the storage does not answer.
        """
        if self._latest is not None and 0 <= self._clock.seconds() - self._latest.taken < LASTS:
            return self._latest
        self._latest = None
        counted: Deferred[Census] = Deferred()
        self._waiting.append(counted)
        if not self._isCounting:
            self._isCounting = True
            Deferred.fromCoroutine(self._count()).addBoth(self._counted)
        try:
            return await inTime(_of(counted), self._clock)
        except TryLater:
            return None
        finally:
            if counted in self._waiting:
                self._waiting.remove(counted)

    async def _count(self) -> Census:
        registrations = await self._storage.registrations.counts()
        outbox = await self._storage.outbox.standings()
        return Census(registrations, outbox, self._clock.seconds())

    def _counted(self, found: Any) -> None:
        self._isCounting = False
        waiting, self._waiting = self._waiting, []
        if isinstance(found, Census):
            self._latest = found
        for each in waiting:
            # A Failure is an errback.
            each.callback(found)


async def _of(counted: Deferred[Census]) -> Census:
    return await counted
