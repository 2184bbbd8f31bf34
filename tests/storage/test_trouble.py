"""
A database that breaks: who asks is told to try later, the operator is told why, and nobody is told tokens.
"""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_twisted import ensureDeferred
from sqlalchemy.event import listens_for
from twisted.internet.defer import DeferredList
from twisted.internet.defer import ensureDeferred as started

from pushsvc.errors import TryLater
from pushsvc.model import Target
from pushsvc.storage.sql.engine import makeEngine, readURL
from tests.contracts.registrations import registration, waitingFor

TOKEN = "very-secret-token"


def secretly(node: str) -> Any:
    """
    Something that waits for a device whose token would be noticed.
    """
    waiting = waitingFor(registration(node))
    return replace(waiting, target=Target(node, "chatninja", TOKEN))


@pytest.fixture
def run(sqlURL: str) -> Callable[..., None]:
    """
    Does something to the database behind the service's back.
    """

    def execute(*statements: str) -> None:
        with makeEngine(readURL(sqlURL)).begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)

    return execute


def refuseTokens(sqlURL: str) -> str:
    """
    A statement after which the database refuses every row, and, if it is PostgreSQL, quotes the row when it does.
    """
    if sqlURL.startswith("postgresql"):
        return f"ALTER TABLE outbox ADD CONSTRAINT refusing CHECK (token <> '{TOKEN}')"
    return "CREATE TRIGGER refusing BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'refusing'); END"


@ensureDeferred
async def test_noTokens(sqlURL: str, opened: Any, run: Any, logEvents: list[Any]) -> None:
    """
    When the database refuses what it is given, neither the answer nor the log says what that was.
    """
    storage = opened(sqlURL)
    run(refuseTokens(sqlURL))

    outcomes = await DeferredList(
        [started(storage.outbox.put(secretly(f"{number}"), 0.0)) for number in range(3)], consumeErrors=True
    )

    failures = [failure for _, failure in outcomes]
    assert [failure.type for failure in failures] == [TryLater] * 3
    (said,) = [event for event in logEvents if "trouble" in event]
    assert "refusing" in said["trouble"]
    everything = "".join([str(said), *(failure.getTraceback() + repr(failure.value) for failure in failures)])
    assert TOKEN not in everything


@ensureDeferred
async def test_toldOnce(sqlURL: str, opened: Any, run: Any, logEvents: list[Any]) -> None:
    """
    A database that stays broken is told once, and once that it works again.
    """
    storage = opened(sqlURL)
    run("ALTER TABLE outbox RENAME TO elsewhere")
    for number in range(3):
        with pytest.raises(TryLater):
            await storage.outbox.put(secretly(f"{number}"), 0.0)

    run("ALTER TABLE elsewhere RENAME TO outbox")
    await storage.outbox.put(secretly("last"), 0.0)

    said = [event["log_format"] for event in logEvents if str(event.get("log_format")).startswith("storage:")]
    assert said == ["storage: {failed} of {asked} requests failed: {trouble}", "storage: works again"]


@ensureDeferred
async def test_whatCanStillBeRead(sqlURL: str, opened: Any, run: Any, logEvents: list[Any]) -> None:
    """
    Where nothing can be written any more, as on a full disk, that something can be read does not make it well: it is
    told once, and `Work` says why, until something was written again.
    """
    storage = opened(sqlURL)
    run(refuseTokens(sqlURL))
    for number in range(3):
        with pytest.raises(TryLater):
            await storage.outbox.put(secretly(f"{number}"), 0.0)
        assert await storage.registrations.byNode("node") is None
    assert "refusing" in storage.work.trouble

    isPostgreSQL = sqlURL.startswith("postgresql")
    run("ALTER TABLE outbox DROP CONSTRAINT refusing" if isPostgreSQL else "DROP TRIGGER refusing")
    await storage.outbox.put(secretly("last"), 0.0)

    said = [event["log_format"] for event in logEvents if str(event.get("log_format")).startswith("storage:")]
    assert said == ["storage: {failed} of {asked} requests failed: {trouble}", "storage: works again"]
    assert storage.work.trouble is None


@ensureDeferred
async def test_aFullDisk(tmp_path: Path, opened: Any, logEvents: list[Any]) -> None:
    """
    On a full disk nothing is accepted, and the log says so in one line.
    """
    storage = opened(f"sqlite:///{tmp_path / 'pushsvc.db'}")

    @listens_for(storage._engine, "connect")
    def full(connection: Any, record: Any) -> None:
        connection.execute("PRAGMA max_page_count = 1")

    outcomes = await DeferredList(
        [started(storage.outbox.put(secretly(f"{number}"), 0.0)) for number in range(2_000)], consumeErrors=True
    )

    assert TryLater in {getattr(failure, "type", None) for _, failure in outcomes}
    assert ["OperationalError: database or disk is full"] == [e["trouble"] for e in logEvents if "trouble" in e]


@ensureDeferred
async def test_notAcceptedIsNotThere(sqlURL: str, opened: Any, run: Any) -> None:
    """
    Of what was refused, nothing is left behind.
    """
    storage = opened(sqlURL)
    run(refuseTokens(sqlURL))

    with pytest.raises(TryLater):
        await storage.outbox.put(secretly("node1"), 0.0)

    assert list(await storage.outbox.claim("me", 5000.0, 6000.0, 10)) == []


@ensureDeferred
async def test_locked(tmp_path: Path, opened: Any, logEvents: list[Any]) -> None:
    """
    While another program keeps SQLite's file locked, nobody waits longer than once, however many ask.
    """
    storage = opened(f"sqlite:///{tmp_path / 'pushsvc.db'}?timeout=0.1")
    other = sqlite3.connect(tmp_path / "pushsvc.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    outcomes = await DeferredList(
        [started(storage.outbox.put(secretly(f"{number}"), 0.0)) for number in range(100)], consumeErrors=True
    )

    assert {failure.type for _, failure in outcomes} == {TryLater}
    assert [event["trouble"] for event in logEvents if "trouble" in event] == ["OperationalError: database is locked"]
    other.close()
    await storage.outbox.put(secretly("node1"), 0.0)


class TestConnection:
    """
    PostgreSQL goes, and comes back.
    """

    @pytest.fixture
    def admin(self, postgresqlServer: str) -> Any:
        """
        Somebody who may end the connections of others.
        """
        where = f"host={postgresqlServer} user=pushsvc dbname=template1"
        with psycopg.connect(where, autocommit=True) as connection:
            yield connection
            connection.execute("ALTER DATABASE postgres WITH ALLOW_CONNECTIONS true")

    def cut(self, admin: Any) -> None:
        """
        End the connections of the service.
        """
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'postgres'")

    @ensureDeferred
    async def test_lostWhileIdle(self, postgresqlURL: str, opened: Any, admin: Any) -> None:
        """
        A connection that was lost unnoticed is made anew: nobody learns of it.
        """
        storage = opened(postgresqlURL)
        known = await storage.registrations.register(registration())
        await storage.registrations.byNode("node1")

        self.cut(admin)

        assert await storage.registrations.byNode("node1") == known
        self.cut(admin)
        assert await storage.outbox.put(secretly("node1"), 0.0)

    @ensureDeferred
    async def test_goneForAWhile(
        self, postgresqlURL: str, opened: Any, admin: Any, logEvents: list[Any]
    ) -> None:
        """
        Whoever asks while there is no connection is to try later; it is made as soon as it can be.
        """
        storage = opened(postgresqlURL)
        known = await storage.registrations.register(registration())
        admin.execute("ALTER DATABASE postgres WITH ALLOW_CONNECTIONS false")
        self.cut(admin)

        with pytest.raises(TryLater):
            await storage.registrations.byNode("node1")

        admin.execute("ALTER DATABASE postgres WITH ALLOW_CONNECTIONS true")
        assert await storage.registrations.byNode("node1") == known
        assert [event for event in logEvents if "not currently accepting connections" in str(event.get("trouble"))]
