"""
Opening a database: where it may be, who may read it, and whether its schema is ours.
"""

import re
import sqlite3
import stat
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from pytest_twisted import ensureDeferred
from sqlalchemy import event, text
from twisted.internet.defer import Deferred, gatherResults

from pushsvc import kinds
from pushsvc.errors import CannotOpen
from pushsvc.ipushsvc import IStorageKind
from pushsvc.storage import sql
from pushsvc.storage.sql.engine import makeEngine, readURL
from pushsvc.storage.sql.schema import metadata
from tests.contracts.registrations import registration

NOBODYS = Path("/proc/sys/kernel/ostype")


def test_kinds() -> None:
    """
    Both kinds are found by their names.
    """
    assert kinds.names("storage") == ["memory", "sql"]
    assert all(IStorageKind.providedBy(kinds.load("storage", name)) for name in ("memory", "sql"))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://root:geheim@localhost/pushsvc", "mysql: use memory, sqlite or postgresql"),
        ("postgresql+asyncpg://localhost/pushsvc", "postgresql+asyncpg: use"),
        ("sqlite://", "sqlite needs the path of a file"),
        ("sqlite:///:memory:", "sqlite needs the path of a file"),
        ("geheim", "cannot be read as an URL"),
    ],
)
def test_unusableURL(url: str, said: str) -> None:
    """
    A URL that means no database of ours is refused before anything is opened, without what may be a password.
    """
    with pytest.raises(ValueError, match=re.escape(said)) as refused:
        sql.makeStorage(url, None)

    assert "geheim" not in str(refused.value)


@pytest.mark.parametrize("spelling", ["postgresql", "postgresql+psycopg"])
def test_postgresql(spelling: str) -> None:
    """
    PostgreSQL is reached through psycopg, said or not.
    """
    assert readURL(f"{spelling}://localhost/pushsvc").drivername == "postgresql+psycopg"


@pytest.mark.parametrize(("said", "idle"), [("", 5), ("?keepalives_idle=60", "60")])
def test_vanishedServer(said: str, idle: int | str) -> None:
    """
    A server that vanishes while it has something to do is not waited for for hours, as systems do by themselves; what
    the URL says goes first.
    """
    engine = makeEngine(readURL(f"postgresql://db.example.org/pushsvc{said}"))
    asked: dict[str, Any] = {}

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, record: Any, arguments: Any, parameters: dict[str, Any]) -> None:
        asked.update(parameters)
        raise ConnectionRefusedError

    with pytest.raises(ConnectionRefusedError):
        engine.connect()

    assert idle == asked["keepalives_idle"]
    assert (5, 20_000) == (asked["keepalives_interval"], asked["tcp_user_timeout"])


@ensureDeferred
async def test_G9_onlyOursToRead(tmp_path: Path, opened: Any) -> None:
    """
    G9: nobody else may read the file that holds the tokens, nor what SQLite puts beside it.
    """
    storage = opened(f"sqlite:///{tmp_path / 'pushsvc.db'}")
    await storage.registrations.register(registration())

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
    assert modes == {"pushsvc.db": 0o600, "pushsvc.db-wal": 0o600, "pushsvc.db-shm": 0o600}


def test_nowhere(tmp_path: Path, opened: Any) -> None:
    """
    A file that cannot be made is told by its path, with the reason.
    """
    path = tmp_path / "missing" / "pushsvc.db"

    with pytest.raises(sql.CannotOpen, match="No such file or directory") as refused:
        opened(f"sqlite:///{path}")

    assert str(path) in str(refused.value)


@pytest.mark.parametrize("kind", ["memory", "sql"])
def test_onlyWhatThereIs(kind: str, tmp_path: Path, clock: Any) -> None:
    """
    Whoever only wants to look at what another process keeps makes nothing where nothing is.
    """
    url = "memory:" if kind == "memory" else f"sqlite:///{tmp_path}/pushsvc.db"
    storage = kinds.load("storage", kind).makeStorage(url, clock)

    with pytest.raises(sql.CannotOpen):
        storage.open(make=False)

    assert [] == list(tmp_path.iterdir())


@ensureDeferred
async def test_whatWasDoneIsCounted(sqlURL: str, opened: Any) -> None:
    """
    A storage counts its batches, what was asked for in them, and what they took.
    """
    storage = opened(sqlURL)

    await gatherResults([Deferred.fromCoroutine(storage.registrations.byNode(node)) for node in "abc"])

    work = storage.work
    assert (1, 3, 0) == (work.batches, work.requests, work.waiting)
    assert 0 < work.seconds < 60


def test_notADatabase(tmp_path: Path, opened: Any) -> None:
    """
    A file that is something else is left alone, and told.
    """
    path = tmp_path / "letters"
    path.write_text("My dearest Juliet, " * 100)

    with pytest.raises(sql.CannotOpen, match=r"letters: .*file is not a database"):
        opened(f"sqlite:///{path}")

    assert path.read_text().startswith("My dearest Juliet")


@pytest.mark.skipif(not NOBODYS.exists(), reason="only Linux has a file that not even root may write")
def test_readOnly(opened: Any) -> None:
    """
    A file that may not be written is told when the service starts, not at the first publish.
    """
    with pytest.raises(sql.CannotOpen, match=f"Permission denied: '{NOBODYS}'"):
        opened(f"sqlite:///{NOBODYS}")


def test_noServer(tmp_path: Path, opened: Any) -> None:
    """
    A server that is not there is told by its address, without the password.
    """
    with pytest.raises(sql.CannotOpen, match="connection to server on socket") as refused:
        opened(f"postgresql://pushsvc:geheim@/pushsvc?host={tmp_path}")

    assert str(tmp_path) in str(refused.value)
    assert "geheim" not in str(refused.value)


def test_G5_migrations(sqlURL: str, opened: Any) -> None:
    """
    G5: an empty database is brought to the schema that the statements are written for; one that has it opens again.
    """
    opened(sqlURL)
    opened(sqlURL)

    with makeEngine(readURL(sqlURL)).connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        indexes = {index.name for table in metadata.tables.values() for index in table.indexes}
        catalogue = "sqlite_master" if sqlURL.startswith("sqlite") else "pg_indexes"
        column = "name" if sqlURL.startswith("sqlite") else "indexname"
        found = set(connection.scalars(text(f"SELECT {column} FROM {catalogue}")))
        assert indexes <= found


@ensureDeferred
async def test_olderSchema(tmp_path: Path, opened: Any) -> None:
    """
    A database of the first schema is brought to that of now, with what is in it.
    """
    url = f"sqlite:///{tmp_path / 'pushsvc.db'}"
    await opened(url).registrations.register(registration())
    with sqlite3.connect(tmp_path / "pushsvc.db") as database:
        database.execute("DROP INDEX registrations_app")
        database.execute("DROP TABLE verdicts")
        database.execute("DROP INDEX outbox_lanes")
        database.execute("DROP INDEX outbox_expiring")
        for table in ("accounts", "departures", "concerned", "leaves"):
            database.execute(f"DROP TABLE {table}")
        database.execute("ALTER TABLE outbox DROP COLUMN more")
        database.execute("UPDATE alembic_version SET version_num = '0001'")
    database.close()

    again = opened(url)

    assert await again.registrations.byNode("node1") == registration()
    with makeEngine(readURL(url)).connect() as connection:
        names = connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'index'"))
        assert "registrations_app" in set(names)


def test_newerSchema(tmp_path: Path, opened: Any) -> None:
    """
    A database that a newer version has changed is refused, not guessed at.
    """
    url = f"sqlite:///{tmp_path / 'pushsvc.db'}"
    opened(url)
    with sqlite3.connect(tmp_path / "pushsvc.db") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.close()

    with pytest.raises(sql.CannotOpen, match="its schema is not one that this version knows"):
        opened(url)


def test_failedMigrationLeavesNothing(tmp_path: Path, opened: Any) -> None:
    """
    A step that fails undoes what it had begun.
    """
    path = tmp_path / "pushsvc.db"
    with sqlite3.connect(path) as database:
        database.execute("CREATE TABLE outbox (somebody TEXT)")
    database.close()

    with pytest.raises(sql.CannotOpen, match="outbox already exists"):
        opened(f"sqlite:///{path}")

    with sqlite3.connect(path) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("outbox",)]
    database.close()


def test_lookingInChangesNothing(sqlURL: str, opened: Any) -> None:
    """
    Whoever opens what another process has made does not bring its schema up to date: that process may be older.
    """
    opened(sqlURL)
    engine = makeEngine(readURL(sqlURL))
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))

    with pytest.raises(CannotOpen, match="start this version of the service first"):
        sql.makeStorage(sqlURL, None).open(make=False)

    with engine.connect() as connection:
        assert "0001" == connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
