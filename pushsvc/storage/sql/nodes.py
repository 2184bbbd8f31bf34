"""
Nodes that somebody created, in SQL: a row for each, as it is always read and written as a whole; and beside it a row
for each person whom it concerns.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, select, update
from sqlalchemy import insert as plainInsert
from sqlalchemy.dialects import postgresql, sqlite
from zope.interface import implementer

from pushsvc.errors import NodeExists, NoSuchNode, QuotaReached, RequestError
from pushsvc.ipushsvc import INodes
from pushsvc.leaf import Item, Leaf
from pushsvc.storage.sql.batches import Batches
from pushsvc.storage.sql.schema import concerned, isAmong, leaves
from pushsvc.storage.sql.transactions import Operation

_Change = Callable[[Leaf], Leaf | None]

_byName = select(leaves).where(isAmong(leaves.c.name, "names"))

_locked = (
    select(leaves).where(leaves.c.host == bindparam("host"), leaves.c.name == bindparam("name")).with_for_update()
)

_count = select(func.count()).where(leaves.c.creator == bindparam("creator"))

_make = {
    "postgresql": postgresql.insert(leaves).on_conflict_do_nothing().returning(leaves.c.name),
    "sqlite": sqlite.insert(leaves).on_conflict_do_nothing().returning(leaves.c.name),
}

_keep = (
    update(leaves)
    .where(leaves.c.host == bindparam("at_host"), leaves.c.name == bindparam("at_name"))
    .values(kept=bindparam("kept"))
)

_drop = delete(leaves).where(leaves.c.host == bindparam("at_host"), leaves.c.name == bindparam("at_name"))

_dropOf = delete(leaves).where(leaves.c.creator == bindparam("by"))

_concern = plainInsert(concerned)

_concernNoMore = delete(concerned).where(
    concerned.c.host == bindparam("at_host"),
    concerned.c.name == bindparam("at_name"),
    concerned.c.jid == bindparam("of_jid"),
)

_concerning = (
    select(leaves)
    .join(concerned, (concerned.c.host == leaves.c.host) & (concerned.c.name == leaves.c.name))
    .where(concerned.c.jid == bindparam("jid"), concerned.c.host == bindparam("host"))
    .order_by(concerned.c.name)
    .limit(bindparam("limit"))
)

_compact = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True)
class _New:
    leaf: Leaf
    most: int


@dataclass(frozen=True)
class _Asked:
    host: str
    name: str
    change: _Change


@dataclass(frozen=True)
class _Person:
    host: str
    jid: str
    limit: int


def _create(connection: Connection, asked: Sequence[_New]) -> Sequence[RequestError | None]:
    answers: list[RequestError | None] = []
    for new in asked:
        leaf = new.leaf
        if (connection.scalar(_count, {"creator": leaf.creator}) or 0) >= new.most:
            answers.append(QuotaReached("as many nodes as there may be"))
            continue
        row = {
            "host": leaf.host,
            "name": leaf.identifier,
            "type": leaf.type,
            "creator": leaf.creator,
            "kept": write(leaf),
        }
        if connection.execute(_make[connection.dialect.name], row).first() is None:
            answers.append(NodeExists())
            continue
        _concernMore(connection, leaf, leaf.concerns())
        answers.append(None)
    return answers


def _find(connection: Connection, asked: Sequence[tuple[str, str]]) -> Sequence[Leaf | None]:
    rows = connection.execute(_byName, {"names": list({name for _, name in asked})})
    found = {(row.host, row.name): row for row in rows}
    return [read(found[which]) if which in found else None for which in asked]


def _changeAll(
    connection: Connection, asked: Sequence[_Asked]
) -> Sequence[RequestError | tuple[Leaf, Leaf | None]]:
    before: dict[tuple[str, str], Leaf | None] = {}
    # Whoever locks several rows does so in one order: else two processes could wait for each other.
    for host, name in sorted({(each.host, each.name) for each in asked}):
        row = connection.execute(_locked, {"host": host, "name": name}).one_or_none()
        before[host, name] = None if row is None else read(row)
    now = dict(before)
    answers: list[RequestError | tuple[Leaf, Leaf | None]] = []
    for each in asked:
        known = now[each.host, each.name]
        try:
            if known is None:
                raise NoSuchNode()
            now[each.host, each.name] = each.change(known)
        except RequestError as e:
            answers.append(e)
        else:
            answers.append((known, now[each.host, each.name]))
    for which, leaf in now.items():
        old = before[which]
        if old is not None and old != leaf:
            _replace(connection, old, leaf)
    return answers


def _replace(connection: Connection, old: Leaf, new: Leaf | None) -> None:
    at = {"at_host": old.host, "at_name": old.identifier}
    if new is None:
        # Whom it concerned goes with it.
        connection.execute(_drop, at)
        return
    connection.execute(_keep, {**at, "kept": write(new)})
    gone = sorted(old.concerns() - new.concerns())
    if gone:
        connection.execute(_concernNoMore, [{**at, "of_jid": jid} for jid in gone])
    _concernMore(connection, new, new.concerns() - old.concerns())


def _concernMore(connection: Connection, leaf: Leaf, jids: Iterable[str]) -> None:
    rows = [{"host": leaf.host, "name": leaf.identifier, "jid": jid} for jid in sorted(jids)]
    if rows:
        connection.execute(_concern, rows)


def _list(connection: Connection, asked: Sequence[_Person]) -> Sequence[Sequence[Leaf]]:
    return [
        [read(row) for row in connection.execute(_concerning, {"host": p.host, "jid": p.jid, "limit": p.limit})]
        for p in asked
    ]


def _removeOf(connection: Connection, asked: Sequence[str]) -> Sequence[int]:
    return [connection.execute(_dropOf, {"by": creator}).rowcount for creator in asked]


CREATE = Operation(_create)
FIND = Operation(_find, writes=False)
CHANGE = Operation(_changeAll)
CONCERNING = Operation(_list, writes=False)
REMOVE_OF = Operation(_removeOf)


@implementer(INodes)
class SQLNodes:
    """
    Asks for the operations above.
    """

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    async def create(self, leaf: Leaf, most: int) -> None:
        refused = await self._batches.ask(CREATE, _New(leaf, most))
        if refused is not None:
            raise refused

    async def find(self, host: str, name: str) -> Leaf | None:
        return await self._batches.ask(FIND, (host, name))

    async def change(self, host: str, name: str, change: _Change) -> tuple[Leaf, Leaf | None]:
        answer = await self._batches.ask(CHANGE, _Asked(host, name, change))
        if isinstance(answer, RequestError):
            raise answer
        return answer

    async def concerning(self, host: str, jid: str, limit: int) -> Sequence[Leaf]:
        return await self._batches.ask(CONCERNING, _Person(host, jid, limit))

    async def removeOf(self, creator: str) -> int:
        return await self._batches.ask(REMOVE_OF, creator)


def write(leaf: Leaf) -> str:
    """
    What may change of it, as JSON.
    """
    said: Mapping[str, Any] = {
        "configuration": dict(leaf.configuration),
        "digest": leaf.digest.hex() if leaf.digest is not None else None,
        "affiliations": dict(leaf.affiliations),
        "subscribers": list(leaf.subscribers),
        "item": asdict(leaf.item) if leaf.item is not None else None,
    }
    return _compact(said)


def read(row: Any) -> Leaf:
    """
    A node out of its row.
    """
    said = json.loads(row.kept)
    return Leaf(
        row.name,
        row.type,
        host=row.host,
        creator=row.creator,
        configuration=said["configuration"],
        digest=bytes.fromhex(said["digest"]) if said["digest"] is not None else None,
        affiliations=said["affiliations"],
        subscribers=tuple(said["subscribers"]),
        item=Item(**said["item"]) if said["item"] is not None else None,
    )
