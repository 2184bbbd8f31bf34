"""
What became of pushes, in SQL. The database itself sees to it that it goes with the registration.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects import postgresql, sqlite
from zope.interface import implementer

from pushsvc.ipushsvc import IVerdictBook
from pushsvc.model import Remembered
from pushsvc.storage import rules
from pushsvc.storage.sql.batches import Batches
from pushsvc.storage.sql.schema import isAmong, registrations, verdicts
from pushsvc.storage.sql.transactions import Operation
from pushsvc.storage.sql.written import Written

_registered = select(registrations.c.node).where(isAmong(registrations.c.node, "nodes"))

_ofNodes = select(verdicts).where(isAmong(verdicts.c.node, "nodes"))

_names = [column.name for column in verdicts.c]


def _upsert(dialect: str) -> Written:
    insert = postgresql.insert if dialect == "postgresql" else sqlite.insert
    new = insert(verdicts)
    kept = {
        column.name: func.coalesce(new.excluded[column.name], column)
        for column in verdicts.c
        if column is not verdicts.c.node
    }
    return Written(new.on_conflict_do_update(index_elements=[verdicts.c.node], set_=kept), _names)


_NOTE = {dialect: _upsert(dialect) for dialect in ("postgresql", "sqlite")}


def _note(connection: Connection, asked: Sequence[Mapping[str, Remembered]]) -> Sequence[None]:
    news: dict[str, Remembered] = {}
    for each in asked:
        for node, new in each.items():
            news[node] = rules.remembered(news.get(node), new)
    # In an order, as whoever locks several rows.
    known = sorted(connection.scalars(_registered, {"nodes": list(news)})) if news else []
    if known:
        found = [(node, news[node]) for node in known]
        rows = [(node, new.succeeded, new.failed, new.word) for node, new in found]
        _NOTE[connection.dialect.name].run(connection, rows)
    return [None] * len(asked)


def _find(connection: Connection, asked: Sequence[Sequence[str]]) -> Sequence[Mapping[str, Remembered]]:
    nodes = list({node for each in asked for node in each})
    rows = connection.execute(_ofNodes, {"nodes": nodes})
    found = {node: Remembered(succeeded, failed, word) for node, succeeded, failed, word in rows}
    return [{node: found[node] for node in each if node in found} for each in asked]


NOTE = Operation(_note, canWait=True)
OF_NODES = Operation(_find, writes=False)


@implementer(IVerdictBook)
class SQLVerdictBook:
    """
    Asks for the operations above.
    """

    def __init__(self, batches: Batches) -> None:
        self._batches = batches

    async def note(self, news: Mapping[str, Remembered]) -> None:
        await self._batches.ask(NOTE, news)

    async def ofNodes(self, nodes: Sequence[str]) -> Mapping[str, Remembered]:
        return await self._batches.ask(OF_NODES, nodes)
