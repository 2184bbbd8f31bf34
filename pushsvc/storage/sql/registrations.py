"""
Registrations in SQL. Each operation serves everyone who asked in one batch, with few statements.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from zope.interface import implementer

from pushsvc.ipushsvc import IRegistrations
from pushsvc.model import Registration
from pushsvc.storage import rules
from pushsvc.storage.sql import rows
from pushsvc.storage.sql.batches import Batches
from pushsvc.storage.sql.known import knownBy
from pushsvc.storage.sql.schema import isAmong, outbox, registrations
from pushsvc.storage.sql.transactions import Operation

_byNode = select(registrations).where(isAmong(registrations.c.node, "nodes"))

# Whoever locks several rows does so in one order: else two processes could wait for each other.
_lockedByNode = _byNode.order_by(registrations.c.node).with_for_update()

_lockedByIdentity = (
    select(registrations)
    .where(isAmong(registrations.c.owner, "owners"), isAmong(registrations.c.device_id, "devices"))
    .order_by(registrations.c.node)
    .with_for_update()
)

_ofOwner = (
    select(registrations)
    .where(isAmong(registrations.c.owner, "owners"))
    .order_by(registrations.c.registered, registrations.c.node)
)

_page = (
    select(registrations)
    .where(registrations.c.node > bindparam("after"))
    .order_by(registrations.c.node)
    .limit(bindparam("limit"))
)

_counts = select(registrations.c.app, func.count()).group_by(registrations.c.app)

_renew = (
    update(registrations)
    .where(registrations.c.node == bindparam("known"))
    .values({column.name: bindparam(column.name) for column in registrations.c if column.name != "node"})
)

_keepDigests = (
    update(registrations)
    .where(registrations.c.node == bindparam("known"))
    .values(digests=bindparam("digests"))
)

_rename = (
    update(registrations)
    .where(registrations.c.node == bindparam("known"))
    .values(device_id=bindparam("called"))
)

_forget = (
    delete(registrations).where(isAmong(registrations.c.node, "nodes")),
    delete(outbox).where(isAmong(outbox.c.target_key, "nodes")),
)


@dataclass(frozen=True)
class _Page:
    after: str
    limit: int
    owner: str | None
    app: str | None


@dataclass(frozen=True)
class _Removal:
    owner: str
    nodes: Sequence[str]


@dataclass(frozen=True)
class _Renaming:
    owner: str
    node: str
    deviceId: str


@dataclass(frozen=True)
class _Verdict:
    node: str
    token: str
    since: float | None


def _registerAll(connection: Connection, proposals: Sequence[Registration]) -> Sequence[Registration]:
    """
    Who registers one device twice in a batch is told twice what came of it in the end.
    """
    parameters = {
        "owners": sorted({proposed.owner for proposed in proposals}),
        "devices": sorted({proposed.deviceId for proposed in proposals}),
    }
    found = map(rows.toRegistration, connection.execute(_lockedByIdentity, parameters))
    known = {rows.identity(registration): registration for registration in found}
    new = dict.fromkeys(rows.identity(proposed) for proposed in proposals if rows.identity(proposed) not in known)
    for proposed in proposals:
        known[rows.identity(proposed)] = rules.registered(known.get(rows.identity(proposed)), proposed)
    again = dict.fromkeys(rows.identity(proposed) for proposed in proposals if rows.identity(proposed) not in new)
    if new:
        connection.execute(insert(registrations), [rows.fromRegistration(known[which]) for which in new])
    if again:
        _willChange(connection, (known[which].node for which in again))
        changes = [rows.fromRegistration(known[which]) for which in again]
        connection.execute(_renew, [{**change, "known": change.pop("node")} for change in changes])
    return [known[rows.identity(proposed)] for proposed in proposals]


def _renameAll(connection: Connection, renamings: Sequence[_Renaming]) -> Sequence[None]:
    known = _locked(connection, (renaming.node for renaming in renamings))
    for renaming in renamings:
        registration = known.get(renaming.node)
        if registration is None or registration.owner != renaming.owner:
            continue
        renamed = known[renaming.node] = replace(registration, deviceId=renaming.deviceId)
        parameters = {"owners": [renaming.owner], "devices": [renaming.deviceId]}
        taken = map(rows.toRegistration, connection.execute(_lockedByIdentity, parameters))
        if rows.identity(renamed) in map(rows.identity, taken):
            known[renaming.node] = registration
            continue
        _willChange(connection, [renaming.node])
        connection.execute(_rename, {"known": renaming.node, "called": renaming.deviceId})
    return [None] * len(renamings)


def _find(connection: Connection, nodes: Sequence[str]) -> Sequence[Registration | None]:
    known = knownBy(connection)
    found = known.upToDate(connection)
    answers = dict(zip(nodes, map(found.get, nodes), strict=True))
    missing = [node for node, registration in answers.items() if registration is None]
    if missing:
        for row in connection.execute(_byNode, {"nodes": missing}):
            registration = rows.toRegistration(row)
            answers[registration.node] = registration
            known.keep(registration)
    return [answers[node] for node in nodes]


def _list(connection: Connection, owners: Sequence[str]) -> Sequence[Sequence[Registration]]:
    found: dict[str, list[Registration]] = {owner: [] for owner in owners}
    for registration in map(rows.toRegistration, connection.execute(_ofOwner, {"owners": list(found)})):
        found[registration.owner].append(registration)
    return [found[owner] for owner in owners]


def _leaf(connection: Connection, asked: Sequence[_Page]) -> Sequence[Sequence[Registration]]:
    """
    Asked for seldom: each page is a statement of its own.
    """
    pages = []
    for page in asked:
        wanted = _page
        if page.owner is not None:
            wanted = wanted.where(registrations.c.owner == page.owner)
        if page.app is not None:
            wanted = wanted.where(registrations.c.app == page.app)
        found = connection.execute(wanted, {"after": page.after, "limit": page.limit})
        pages.append([rows.toRegistration(row) for row in found])
    return pages


def _countAll(connection: Connection, owners: Sequence[str | None]) -> Sequence[Mapping[str, int]]:
    counted: dict[str | None, Mapping[str, int]] = {}
    for owner in dict.fromkeys(owners):
        wanted = _counts if owner is None else _counts.where(registrations.c.owner == owner)
        counted[owner] = {app: int(count) for app, count in connection.execute(wanted)}
    return [counted[owner] for owner in owners]


def _useSecrets(connection: Connection, uses: Sequence[tuple[str, bytes]]) -> Sequence[None]:
    known = _locked(connection, (node for node, _ in uses))
    digests = {node: registration.digests for node, registration in known.items()}
    for node, used in uses:
        if node in digests:
            digests[node] = rules.usedLast(digests[node], used)
    changed = {node: kept for node, kept in digests.items() if kept != known[node].digests}
    if changed:
        _willChange(connection, changed)
        changes = [{"known": node, "digests": b"".join(kept)} for node, kept in changed.items()]
        connection.execute(_keepDigests, changes)
    return [None] * len(uses)


def _removeAll(connection: Connection, removals: Sequence[_Removal]) -> Sequence[Sequence[Registration]]:
    known = _locked(connection, (node for removal in removals for node in removal.nodes))
    answers = []
    for removal in removals:
        nodes = [node for node in dict.fromkeys(removal.nodes) if node in known]
        answers.append([known.pop(node) for node in nodes if known[node].owner == removal.owner])
    _forgetAll(connection, (registration for answer in answers for registration in answer))
    return answers


def _believe(connection: Connection, verdicts: Sequence[_Verdict]) -> Sequence[Registration | None]:
    known = _locked(connection, (verdict.node for verdict in verdicts))
    answers: list[Registration | None] = []
    for verdict in verdicts:
        registration = known.get(verdict.node)
        gone = registration is not None and rules.isGone(registration, verdict.token, verdict.since)
        answers.append(known.pop(verdict.node) if gone else None)
    _forgetAll(connection, (registration for registration in answers if registration is not None))
    return answers


def _locked(connection: Connection, nodes: Iterable[str]) -> dict[str, Registration]:
    found = connection.execute(_lockedByNode, {"nodes": list(set(nodes))})
    return {registration.node: registration for registration in map(rows.toRegistration, found)}


def _forgetAll(connection: Connection, gone: Iterable[Registration]) -> None:
    nodes = [registration.node for registration in gone]
    if nodes:
        _willChange(connection, nodes)
        for statement in _forget:
            connection.execute(statement, {"nodes": nodes})


def _willChange(connection: Connection, nodes: Iterable[str]) -> None:
    known = knownBy(connection)
    for node in nodes:
        known.forget(node)


REGISTER = Operation(_registerAll)
RENAME = Operation(_renameAll)
BY_NODE = Operation(_find, writes=False)
OF_OWNER = Operation(_list, writes=False)
PAGE = Operation(_leaf, writes=False)
COUNTS = Operation(_countAll, writes=False)
SECRET_USED = Operation(_useSecrets)
REMOVE = Operation(_removeAll)
REMOVE_GONE = Operation(_believe)


@implementer(IRegistrations)
class SQLRegistrations:
    """
    Asks for the operations above.
    """

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    async def register(self, proposed: Registration) -> Registration:
        return await self._batches.ask(REGISTER, proposed)

    async def rename(self, owner: str, node: str, deviceId: str) -> None:
        await self._batches.ask(RENAME, _Renaming(owner, node, deviceId))

    async def byNode(self, node: str) -> Registration | None:
        return await self._batches.ask(BY_NODE, node)

    async def ofOwner(self, owner: str) -> Sequence[Registration]:
        return await self._batches.ask(OF_OWNER, owner)

    async def page(
        self, after: str, limit: int, owner: str | None = None, app: str | None = None
    ) -> Sequence[Registration]:
        return await self._batches.ask(PAGE, _Page(after, limit, owner, app))

    async def counts(self, owner: str | None = None) -> Mapping[str, int]:
        return await self._batches.ask(COUNTS, owner)

    async def secretUsed(self, node: str, used: bytes) -> None:
        await self._batches.ask(SECRET_USED, (node, used))

    async def remove(self, owner: str, nodes: Sequence[str]) -> Sequence[Registration]:
        return await self._batches.ask(REMOVE, _Removal(owner, nodes))

    async def removeGone(self, node: str, token: str, since: float | None) -> Registration | None:
        return await self._batches.ask(REMOVE_GONE, _Verdict(node, token, since))
