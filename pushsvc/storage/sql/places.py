"""
The places of the outbox, by key, kind and slot: how they are taken, emptied and given back.

Each operation serves everyone who asked in one batch.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Row, Text, bindparam, cast, delete, insert, select, update

from pushsvc.model import Kind, Waiting
from pushsvc.storage import rules
from pushsvc.storage.rules import Held
from pushsvc.storage.sql import rows
from pushsvc.storage.sql.schema import isAmong, outbox
from pushsvc.storage.sql.written import Written

# Key, kind, slot.
Place = tuple[str, str, int]

# Of a place: sequence number and push id.
Content = tuple[str, str, int, int, str]

_atKeys = isAmong(outbox.c.target_key, "keys")

# Whoever locks several rows does so in one order: else two processes could wait for each other.
_order = (outbox.c.target_key, outbox.c.kind, outbox.c.slot)

_locked = select(outbox).where(_atKeys).order_by(*_order).with_for_update()

_lockedBriefly = select(outbox.c.id, outbox.c.owner, *_order).where(_atKeys).order_by(*_order).with_for_update()

_byId = select(outbox).where(isAmong(outbox.c.id, "ids"))

# A row, but for its id.
_names = tuple(column.name for column in outbox.c if column is not outbox.c.id)

_insert = Written(insert(outbox).inline(), _names)


def _inOneText(columns: Iterable[ColumnElement[Any]]) -> ColumnElement[str]:
    # As `_dropAll` writes it.
    first, *others = (cast(column, Text) for column in columns)
    return reduce(lambda text, column: text + " " + column, others, first)


# What a place holds, and which place it is.
_content = (outbox.c.target_key, outbox.c.kind, outbox.c.slot, outbox.c.sequence, outbox.c.push_id)

_deleteEach = Written(
    delete(outbox).where(*(column == bindparam(column.name) for column in _content)),
    [column.name for column in _content],
)

# All at once. The keys are there for the index; the database need not look at the contents of other places.
_deleteAll = delete(outbox).where(
    outbox.c.id.in_(
        select(outbox.c.id)
        .where(_atKeys, isAmong(_inOneText(_content), "contents"))
        .order_by(*_order)
        .with_for_update()
    )
)

_replaceContent = (
    update(outbox)
    .where(
        outbox.c.target_key == bindparam("at_key"),
        outbox.c.kind == bindparam("at_kind"),
        outbox.c.slot == bindparam("at_slot"),
    )
    .values({name: bindparam(name) for name in _names if name not in {column.name for column in _order}})
)

_leaseOn = update(outbox).where(outbox.c.id == bindparam("at_id")).values(lease=bindparam("lease"))

_giveBack = (
    update(outbox)
    .where(outbox.c.id == bindparam("at_id"))
    .values(owner=None, lease=None, due=bindparam("due"), attempts=outbox.c.attempts + bindparam("tried"))
)


class Put(NamedTuple):
    """
    A notification to accept, and when that was asked for.
    """

    waiting: Waiting
    lease: float
    now: float


def put(connection: Connection, asked: Sequence[Put]) -> Sequence[Waiting]:
    """
    Who puts into one place in one batch comes one after the other; all are told what is there in the end, so that
    what is sent is the newest.
    """
    taken: dict[tuple[str, Kind], dict[int, Held]] = {}
    known: set[Place] = set()
    for row in connection.execute(_locked, {"keys": _keys(each.waiting for each in asked)}):
        held = rows.toHeld(row)
        known.add(_place(held.waiting))
        taken.setdefault((held.waiting.target.key, held.waiting.notification.kind), {})[held.waiting.slot] = held
    changed: dict[Place, Held] = {}
    went: list[Place] = []
    for waiting, lease, now in asked:
        slots = taken.setdefault((waiting.target.key, waiting.notification.kind), {})
        held = rules.accepted(waiting, lease, slots, now)
        slots[held.waiting.slot] = held
        place = _place(held.waiting)
        changed[place] = held
        went.append(place)
    new = [rows.fromHeld(held) for place, held in sorted(changed.items()) if place not in known]
    if new:
        _insert.run(connection, new)
    again = [_at(rows.fromHeld(held)) for place, held in changed.items() if place in known]
    if again:
        connection.execute(_replaceContent, again)
    return [changed[place].waiting for place in went]


def finish(connection: Connection, asked: Sequence[tuple[Waiting, float]]) -> Sequence[Waiting | None]:
    """
    Content goes by its sequence number and push id; what else is there stays its owner's, and is told.
    """
    contents = {(*_place(sent), sent.sequence, sent.pushId) for sent, _ in asked}
    if _dropAll(connection, contents) == len(contents):
        return [None] * len(asked)
    held = _brief(connection, _keys(sent for sent, _ in asked))
    leases: dict[int, float] = {}
    newer: list[int | None] = []
    for sent, lease in asked:
        row = held.get(_place(sent))
        if row is None or row.owner is None or row.owner != sent.owner:
            newer.append(None)
            continue
        newer.append(row.id)
        leases[row.id] = lease
    found: dict[int, Waiting] = {}
    if leases:
        connection.execute(_leaseOn, [{"at_id": each, "lease": lease} for each, lease in leases.items()])
        found = {row.id: rows.toHeld(row).waiting for row in connection.execute(_byId, {"ids": list(leases)})}
    return [None if each is None else found.get(each) for each in newer]


def postpone(connection: Connection, asked: Sequence[tuple[Waiting, float, bool]]) -> Sequence[None]:
    """
    Only the owner gives back: one that was too slow has lost the place to another process already.
    """
    held = _brief(connection, _keys(failed for failed, _, _ in asked))
    given = []
    for failed, due, tried in asked:
        row = held.get(_place(failed))
        if row is not None and row.owner == failed.owner:
            given.append({"at_id": row.id, "due": due, "tried": int(tried)})
            del held[_place(failed)]
    if given:
        connection.execute(_giveBack, given)
    return [None] * len(asked)


def _dropAll(connection: Connection, contents: set[Content]) -> int:
    # What is one after the other a look into an index for SQLite is a way to the server and back for PostgreSQL.
    if connection.dialect.name == "sqlite":
        return _deleteEach.run(connection, list(contents))
    texts = [" ".join(map(str, content)) for content in contents]
    return connection.execute(_deleteAll, {"keys": [key for key, *_ in contents], "contents": texts}).rowcount


def _brief(connection: Connection, keys: list[str]) -> dict[Place, Row[*tuple[Any, ...]]]:
    found = connection.execute(_lockedBriefly, {"keys": keys})
    return {(row.target_key, row.kind, row.slot): row for row in found}


def _keys(waitings: Iterable[Waiting]) -> list[str]:
    return list({waiting.target.key for waiting in waitings})


def _place(waiting: Waiting) -> Place:
    return waiting.target.key, rows.KINDS[waiting.notification.kind], waiting.slot


def _at(row: tuple[Any, ...]) -> dict[str, Any]:
    parameters = dict(zip(_names, row, strict=True))
    for column, name in (("target_key", "at_key"), ("kind", "at_kind"), ("slot", "at_slot")):
        parameters[name] = parameters.pop(column)
    return parameters
