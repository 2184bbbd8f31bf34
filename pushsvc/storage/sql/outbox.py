"""
The outbox in SQL: what is asked for. ``places`` and ``turns`` say how it is done.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from zope.interface import implementer

from pushsvc.ipushsvc import IOutbox
from pushsvc.model import Standing, Waiting
from pushsvc.storage.sql import places, turns
from pushsvc.storage.sql.batches import Batches
from pushsvc.storage.sql.transactions import Operation

PUT = Operation(places.put)
FINISH = Operation(places.finish, canWait=True)
POSTPONE = Operation(places.postpone)
CLAIM = Operation(turns.claim)
HURRY = Operation(turns.hurry)
RELEASE = Operation(turns.release)
EXPIRE = Operation(turns.expire)
OWNERS = Operation(turns.owners, writes=False)
STANDINGS = Operation(turns.standings, writes=False)
NEXT_DUE = Operation(turns.nextDue, writes=False)

# What is dropped at once: meanwhile nobody else is served.
PART = 500


@implementer(IOutbox)
class SQLOutbox:
    """
    Asks for the operations above.
    """

    def __init__(self, batches: Batches, clock: Any) -> None:
        self._batches = batches
        self._clock = clock

    async def put(self, waiting: Waiting, lease: float) -> Waiting:
        return await self._batches.ask(PUT, places.Put(waiting, lease, self._clock.seconds()))

    async def claim(
        self,
        owner: str,
        now: float,
        lease: float,
        limit: int,
        exceptLanes: Sequence[str] = (),
        rooms: Mapping[str, int] | None = None,
        otherwise: int | None = None,
    ) -> Sequence[Waiting]:
        wanted = turns.Claim(owner, now, lease, limit, exceptLanes, rooms or {}, otherwise)
        return await self._batches.ask(CLAIM, wanted)

    async def finish(self, sent: Waiting, lease: float) -> Waiting | None:
        return await self._batches.ask(FINISH, (sent, lease))

    async def postpone(self, failed: Waiting, due: float, tried: bool = True) -> None:
        await self._batches.ask(POSTPONE, (failed, due, tried))

    async def hurry(self, app: str, now: float, limit: int, lane: str | None = None) -> int:
        return await self._batches.ask(HURRY, (app, now, limit, lane))

    async def release(self, owner: str, now: float) -> None:
        await self._batches.ask(RELEASE, (owner, now))

    async def owners(self) -> Sequence[str]:
        return await self._batches.ask(OWNERS, None)

    async def expire(self, now: float) -> int:
        dropped = 0
        while True:
            part = await self._batches.ask(EXPIRE, (now, PART))
            dropped += part
            if part < PART:
                return dropped

    async def standings(self) -> Mapping[str, Standing]:
        return await self._batches.ask(STANDINGS, None)

    async def nextDue(self, exceptLanes: Sequence[str] = ()) -> float | None:
        return await self._batches.ask(NEXT_DUE, exceptLanes)
