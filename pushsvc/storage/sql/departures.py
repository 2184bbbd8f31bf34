"""
Devices that are gone, in SQL.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from pushsvc.storage import departures as rules
from pushsvc.storage.departures import Departure
from pushsvc.storage.sql.batches import Batches
from pushsvc.storage.sql.schema import departures, isAmong
from pushsvc.storage.sql.transactions import Operation

_ofKeys = select(departures).where(isAmong(departures.c.key, "keys"))

_values: dict[str, Any] = {column.name: bindparam(column.name) for column in departures.c}


def _upsert(dialect: str) -> postgresql.Insert | sqlite.Insert:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    new = insert(departures).values(_values)
    kept = {"until": new.excluded["until"], "kept": new.excluded["kept"]}
    return new.on_conflict_do_update(index_elements=[departures.c.key], set_=kept)


_KEEP = {dialect: _upsert(dialect) for dialect in ("postgresql", "sqlite")}

_over = delete(departures).where(departures.c.kept <= bindparam("now"))

_count = select(func.count()).select_from(departures)

_oldest = delete(departures).where(
    departures.c.key.in_(
        select(departures.c.key).order_by(departures.c.kept, departures.c.key).limit(bindparam("many"))
    )
)


def _note(connection: Connection, asked: Sequence[tuple[str, float]]) -> Sequence[None]:
    known = _known(connection, [key for key, _ in asked])
    changed: dict[str, Departure] = {}
    for key, now in asked:
        departure = rules.departed(known.get(key), now)
        if departure != known.get(key):
            known[key] = changed[key] = departure
    if changed:
        # In an order, as whoever locks several rows.
        rows = [{"key": key, "until": changed[key].until, "kept": changed[key].kept} for key in sorted(changed)]
        connection.execute(_KEEP[connection.dialect.name], rows)
    return [None] * len(asked)


def _find(connection: Connection, asked: Sequence[tuple[str, float]]) -> Sequence[float]:
    known = _known(connection, [key for key, _ in asked])
    return [rules.goneUntil(known.get(key), now) for key, now in asked]


def _trim(connection: Connection, asked: Sequence[tuple[float, int]]) -> Sequence[int]:
    answers = []
    for now, most in asked:
        gone = connection.execute(_over, {"now": now}).rowcount
        many = (connection.scalar(_count) or 0) - most
        if many > 0:
            gone += connection.execute(_oldest, {"many": many}).rowcount
        answers.append(gone)
    return answers


def _known(connection: Connection, keys: Sequence[str]) -> dict[str, Departure]:
    rows = connection.execute(_ofKeys, {"keys": list(set(keys))})
    return {key: Departure(until, kept) for key, until, kept in rows}


DEPARTED = Operation(_note)
GONE_UNTIL = Operation(_find, writes=False)
TRIM = Operation(_trim)


class SQLDepartures:
    """
    Asks for the operations above.
    """

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    async def departed(self, key: str, now: float) -> None:
        await self._batches.ask(DEPARTED, (key, now))

    async def goneUntil(self, key: str, now: float) -> float:
        return await self._batches.ask(GONE_UNTIL, (key, now))

    async def trim(self, now: float, most: int) -> int:
        return await self._batches.ask(TRIM, (now, most))
