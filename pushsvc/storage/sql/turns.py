"""
Whose turn it is: what in the outbox is due, who holds what and until when, and what nobody wants any more.

These are asked for seldom, so each request has statements of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, not_, select, update

from pushsvc.model import Standing, Waiting
from pushsvc.storage import rules
from pushsvc.storage.sql import rows
from pushsvc.storage.sql.schema import isAmong, outbox

_isFree = outbox.c.owner.is_(None)
_isHeld = outbox.c.owner.is_not(None)
_isSendable = not_(isAmong(outbox.c.lane, "lanes"))

_ripe = (
    select(outbox)
    .where(_isSendable, outbox.c.due <= bindparam("now"))
    .order_by(outbox.c.due)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)

# Apart, so that each can walk along its own index.
_claimable = (_ripe.where(_isFree), _ripe.where(_isHeld, outbox.c.lease <= bindparam("now")))

_claimableOfLane = (
    select(outbox)
    .where(_isFree, outbox.c.lane == bindparam("lane"), outbox.c.due <= bindparam("now"))
    .order_by(outbox.c.due)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)

_late = (
    select(outbox.c.id)
    .where(_isFree, outbox.c.app == bindparam("at_app"), outbox.c.due > bindparam("now"))
    .order_by(outbox.c.due)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)

_lateOfLane = _late.where(outbox.c.lane == bindparam("lane"), outbox.c.attempts == 0)

_hurry = update(outbox).where(isAmong(outbox.c.id, "ids")).values(due=bindparam("now"))

_take = (
    update(outbox)
    .where(isAmong(outbox.c.id, "ids"))
    .values(owner=bindparam("new_owner"), lease=bindparam("new_lease"))
)

_release = (
    update(outbox)
    .where(outbox.c.owner == bindparam("old_owner"))
    .values(owner=None, lease=None, due=bindparam("now"))
)

_owners = select(outbox.c.owner).where(_isHeld).distinct().order_by(outbox.c.owner)

# What is held and not lapsed is not dropped under the hands of whoever sends it.
_unwanted = (
    select(outbox.c.id)
    .where(_isFree, outbox.c.expires <= bindparam("now"))
    .order_by(outbox.c.expires)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)

_unwantedLapsed = (
    select(outbox.c.id)
    .where(_isHeld, outbox.c.lease <= bindparam("now"), outbox.c.expires <= bindparam("now"))
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)

_drop = delete(outbox).where(isAmong(outbox.c.id, "ids"))

_standings = select(outbox.c.app, func.count(), func.min(outbox.c.accepted)).group_by(outbox.c.app)

_nextFree = select(func.min(outbox.c.due)).where(_isFree, _isSendable)
_nextLapsed = select(func.min(outbox.c.lease)).where(_isHeld, _isSendable)


@dataclass(frozen=True)
class Claim:
    """
    What somebody can send now.
    """

    owner: str
    now: float
    lease: float
    limit: int
    exceptLanes: Sequence[str]
    rooms: Mapping[str, int]
    otherwise: int | None


def claim(connection: Connection, asked: Sequence[Claim]) -> Sequence[Sequence[Waiting]]:
    """
    PostgreSQL passes over what another process is claiming at this moment; in SQLite only one writes at a time.
    """
    return [_claimOne(connection, each) for each in asked]


def hurry(connection: Connection, asked: Sequence[tuple[str, float, int, str | None]]) -> Sequence[int]:
    counts = []
    for app, now, limit, lane in asked:
        parameters = {"at_app": app, "now": now, "limit": limit}
        if lane is None:
            ids = list(connection.scalars(_late, parameters))
        else:
            ids = list(connection.scalars(_lateOfLane, {**parameters, "lane": lane}))
        if ids:
            connection.execute(_hurry, {"ids": ids, "now": now})
        counts.append(len(ids))
    return counts


def release(connection: Connection, asked: Sequence[tuple[str, float]]) -> Sequence[None]:
    for owner, now in asked:
        connection.execute(_release, {"old_owner": owner, "now": now})
    return [None] * len(asked)


def owners(connection: Connection, asked: Sequence[None]) -> Sequence[Sequence[str]]:
    found = list(connection.scalars(_owners))
    return [found] * len(asked)


def expire(connection: Connection, asked: Sequence[tuple[float, int]]) -> Sequence[int]:
    """
    Each drops no more than the limit, so that others get their turn; as many as that: there may be more.
    """
    counts = []
    for now, limit in asked:
        ids: list[int] = []
        for statement in (_unwanted, _unwantedLapsed):
            if len(ids) < limit:
                ids += connection.scalars(statement, {"now": now, "limit": limit - len(ids)})
        if ids:
            connection.execute(_drop, {"ids": ids})
        counts.append(len(ids))
    return counts


def standings(connection: Connection, asked: Sequence[None]) -> Sequence[Mapping[str, Standing]]:
    found = {app: Standing(count, oldest) for app, count, oldest in connection.execute(_standings)}
    return [found] * len(asked)


def nextDue(connection: Connection, asked: Sequence[Sequence[str]]) -> Sequence[float | None]:
    return [_nextDueOne(connection, lanes) for lanes in asked]


def _claimOne(connection: Connection, wanted: Claim) -> Sequence[Waiting]:
    found = _ofLanes(connection, wanted) if wanted.otherwise == 0 else _ofAny(connection, wanted)
    found.sort(key=attrgetter("due"))
    taken = rules.withRoom(found, attrgetter("lane"), wanted.limit, wanted.rooms, wanted.otherwise)
    if taken:
        ids = [row.id for row in taken]
        connection.execute(_take, {"ids": ids, "new_owner": wanted.owner, "new_lease": wanted.lease})
    return [rows.toWaiting(row, wanted.owner) for row in taken]


def _ofAny(connection: Connection, wanted: Claim) -> list[Any]:
    parameters = {"now": wanted.now, "limit": wanted.limit, "lanes": wanted.exceptLanes}
    return [row for statement in _claimable for row in connection.execute(statement, parameters)]


def _ofLanes(connection: Connection, wanted: Claim) -> list[Any]:
    found: list[Any] = []
    for lane, room in wanted.rooms.items():
        limit = min(room, wanted.limit)
        found += connection.execute(_claimableOfLane, {"now": wanted.now, "limit": limit, "lane": lane})
    return found


def _nextDueOne(connection: Connection, exceptLanes: Sequence[str]) -> float | None:
    times = [connection.scalar(statement, {"lanes": exceptLanes}) for statement in (_nextFree, _nextLapsed)]
    return min((time for time in times if time is not None), default=None)
