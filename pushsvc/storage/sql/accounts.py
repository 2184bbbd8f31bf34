"""
What accounts have enabled, in SQL: a row for each account, as it is always read and written as a whole.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

from sqlalchemy import Connection, bindparam, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from pushsvc.enablement import Account, ContentOptions, Enablement, Pending
from pushsvc.storage.accounts import Change
from pushsvc.storage.sql.batches import Batches
from pushsvc.storage.sql.rows import KINDS
from pushsvc.storage.sql.schema import accounts, isAmong, outbox
from pushsvc.storage.sql.transactions import Operation

R = TypeVar("R")

_of = select(accounts.c.name, accounts.c.kept).where(isAmong(accounts.c.name, "names"))

_locked = _of.order_by(accounts.c.name).with_for_update()

_make = {
    "postgresql": postgresql.insert(accounts).on_conflict_do_nothing(),
    "sqlite": sqlite.insert(accounts).on_conflict_do_nothing(),
}

_keep = (
    update(accounts)
    .where(accounts.c.name == bindparam("which"))
    .values({column.name: bindparam(column.name) for column in accounts.c if column.name != "name"})
)

_drop = delete(accounts).where(isAmong(accounts.c.name, "names"))

_forget = delete(outbox).where(isAmong(outbox.c.target_key, "keys"))

_waiting = (
    select(accounts.c.name)
    .where(accounts.c.waits > 0, accounts.c.name > bindparam("after"))
    .order_by(accounts.c.name)
    .limit(bindparam("limit"))
)

_page = (
    select(accounts.c.name, accounts.c.kept)
    .where(accounts.c.name > bindparam("after"))
    .order_by(accounts.c.name)
    .limit(bindparam("limit"))
)

_aged = (
    select(accounts.c.name)
    .where(or_(accounts.c.enabled < bindparam("before"), accounts.c.suspended < bindparam("suspended_before")))
    .order_by(accounts.c.name)
    .limit(bindparam("limit"))
)

_forgetNews = delete(outbox).where(
    outbox.c.target_key == bindparam("which"),
    outbox.c.kind == bindparam("sort"),
    outbox.c.accepted <= bindparam("until"),
)

_EMPTY = Account()
_compact = json.JSONEncoder(separators=(",", ":")).encode


@dataclass(frozen=True)
class _Asked:
    name: str
    change: Change[Any]


@dataclass(frozen=True)
class _Page:
    after: str
    limit: int


@dataclass(frozen=True)
class _Age:
    before: float
    suspendedBefore: float
    limit: int


def _find(connection: Connection, names: Sequence[str]) -> Sequence[Account]:
    rows = connection.execute(_of, {"names": sorted(set(names))})
    found = {name: read(name, kept) for name, kept in rows}
    return [found.get(name, _EMPTY) for name in names]


def _changeAll(connection: Connection, asked: Sequence[_Asked]) -> Sequence[Any]:
    names = sorted({each.name for each in asked})
    before = _lock(connection, names)
    now, answers = dict(before), []
    gone: set[str] = set()
    known: set[tuple[str, str, float]] = set()
    for each in asked:
        changed = each.change(now[each.name])
        now[each.name] = changed.account
        answers.append(changed.answer)
        gone.update(changed.gone)
        known.update((key, KINDS[kind], until) for key, kind, until in changed.known)
    kept = [{"which": name, **_columns(now[name])} for name in names if now[name] not in (before[name], _EMPTY)]
    if kept:
        connection.execute(_keep, kept)
    empty = [name for name in names if now[name] == _EMPTY]
    if empty:
        connection.execute(_drop, {"names": empty})
    if gone:
        connection.execute(_forget, {"keys": sorted(gone)})
    if known:
        news = [{"which": key, "sort": kind, "until": until} for key, kind, until in sorted(known)]
        connection.execute(_forgetNews, news)
    return answers


def _lock(connection: Connection, names: Sequence[str]) -> dict[str, Account]:
    # A row to lock, for each: two processes could hear of one account at once.
    make = _make[connection.dialect.name]
    missing = list(names)
    found: dict[str, Account] = {}
    while missing:
        connection.execute(make, [{"name": name, **_columns(_EMPTY)} for name in missing])
        found |= {name: read(name, kept) for name, kept in connection.execute(_locked, {"names": missing})}
        # What was there, and is not when its lock is had, another process has dropped meanwhile.
        missing = [name for name in missing if name not in found]
    return found


def _leaf(connection: Connection, asked: Sequence[_Page]) -> Sequence[Sequence[str]]:
    return [connection.scalars(_waiting, {"after": page.after, "limit": page.limit}).all() for page in asked]


def _read(connection: Connection, asked: Sequence[_Page]) -> Sequence[Sequence[tuple[str, Account]]]:
    return [
        [
            (name, read(name, kept))
            for name, kept in connection.execute(_page, {"after": page.after, "limit": page.limit})
        ]
        for page in asked
    ]


def _findAged(connection: Connection, asked: Sequence[_Age]) -> Sequence[Sequence[str]]:
    return [
        connection.scalars(
            _aged, {"before": age.before, "suspended_before": age.suspendedBefore, "limit": age.limit}
        ).all()
        for age in asked
    ]


OF = Operation(_find, writes=False)
CHANGE = Operation(_changeAll)
WAITING = Operation(_leaf, writes=False)
PAGE = Operation(_read, writes=False)
AGED = Operation(_findAged, writes=False)


class SQLAccounts:
    """
    Asks for the operations above.
    """

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    async def of(self, name: str) -> Account:
        return await self._batches.ask(OF, name)

    async def change(self, name: str, change: Change[R]) -> R:
        answer: R = await self._batches.ask(CHANGE, _Asked(name, change))
        return answer

    async def waiting(self, after: str, limit: int) -> Sequence[str]:
        return await self._batches.ask(WAITING, _Page(after, limit))

    async def page(self, after: str, limit: int) -> Sequence[tuple[str, Account]]:
        return await self._batches.ask(PAGE, _Page(after, limit))

    async def aged(self, before: float, suspendedBefore: float, limit: int) -> Sequence[str]:
        return await self._batches.ask(AGED, _Age(before, suspendedBefore, limit))


def _columns(account: Account) -> Mapping[str, Any]:
    suspended = [each.suspended for each in account.enablements if each.suspended is not None]
    return {
        "kept": write(account),
        "waits": int(account.pending.isSomething),
        "enabled": min((each.enabled for each in account.enablements), default=None),
        "suspended": min(suspended, default=None),
    }


def write(account: Account) -> str:
    """
    All of it but whose it is, as JSON.
    """
    return _compact(
        {
            "enablements": [_without(asdict(each), "account") for each in account.enablements],
            "options": asdict(account.options),
            "pending": {**asdict(account.pending), "sessions": sorted(account.pending.sessions)},
        }
    )


def read(name: str, kept: str) -> Account:
    """
    The same again.
    """
    said = json.loads(kept)
    pending = said["pending"]
    return Account(
        tuple(_enablement(name, each) for each in said["enablements"]),
        ContentOptions(**said["options"]),
        Pending(
            pending["messages"],
            pending["subscriptions"],
            frozenset(pending["sessions"]),
            # What was written before chats were told apart has none.
            pending.get("chats", {}),
        ),
    )


def _enablement(account: str, said: Mapping[str, Any]) -> Enablement:
    options = {name: tuple(values) for name, values in said["options"].items()}
    return Enablement(**{**said, "account": account, "options": options})


def _without(said: dict[str, Any], name: str) -> dict[str, Any]:
    del said[name]
    return said
