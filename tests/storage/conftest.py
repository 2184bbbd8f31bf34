"""
Every kind of storage, each on its own ground.
"""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
import pytest_twisted
from twisted.internet.task import Clock

from pushsvc import kinds
from tests.storage.postgresql import NoServer, server
from tests.support import untested

pytest.register_assert_rewrite("tests.contracts")


class ThreadsAndClock:
    """
    The reactor's threads and turns, with a time that passes when the test says so.
    """

    def __init__(self, clock: Clock) -> None:
        from twisted.internet import reactor

        self.seconds = clock.seconds
        self.callLater = reactor.callLater
        self.callFromThread = reactor.callFromThread


@pytest.fixture(scope="session")
def postgresqlServer() -> Iterator[str]:
    """
    A server; the folder of its socket.
    """
    try:
        with server() as folder:
            yield folder
    except NoServer as e:
        untested(f"storage on PostgreSQL: {e}")


@pytest.fixture
def postgresqlURL(postgresqlServer: str) -> str:
    """
    A database that is empty again.
    """
    with psycopg.connect(f"host={postgresqlServer} user=pushsvc dbname=postgres", autocommit=True) as admin:
        admin.execute("SET client_min_messages = warning")
        admin.execute("DROP SCHEMA public CASCADE")
        admin.execute("CREATE SCHEMA public")
    return f"postgresql://pushsvc@/postgres?host={postgresqlServer}"


@pytest.fixture(params=["sqlite", "postgresql"])
def sqlURL(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """
    An empty database, once of each kind.
    """
    if request.param == "postgresql":
        url: str = request.getfixturevalue("postgresqlURL")
        return url
    return f"sqlite:///{tmp_path / 'pushsvc.db'}"


Opener = Callable[[str], Any]


@pytest.fixture
def opened(clock: Clock) -> Iterator[Opener]:
    """
    Opens the storage of an URL; it is closed when the test is over.
    """
    storages: list[Any] = []

    def openStorage(url: str) -> Any:
        kind = kinds.load("storage", "memory" if url == "memory:" else "sql")
        storage = kind.makeStorage(url, ThreadsAndClock(clock))
        storage.open()
        storages.append(storage)
        return storage

    yield openStorage
    for storage in storages:
        pytest_twisted.blockon(_deferred(storage.close()))


def _deferred(awaitable: Awaitable[Any]) -> Any:
    from twisted.internet.defer import ensureDeferred

    return ensureDeferred(awaitable)  # type: ignore[arg-type]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def storage(request: pytest.FixtureRequest, tmp_path: Path, opened: Opener) -> Any:
    """
    An empty storage, once of each kind.
    """
    if request.param == "memory":
        return opened("memory:")
    if request.param == "sqlite":
        return opened(f"sqlite:///{tmp_path / 'pushsvc.db'}")
    return opened(request.getfixturevalue("postgresqlURL"))
