"""
How SQLite goes about what it is asked: what is asked for with every publish never walks through a whole table.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from sqlalchemy import Engine, event
from twisted.internet.defer import ensureDeferred as started
from twisted.internet.defer import gatherResults

from pushsvc.storage.sql.engine import makeEngine, readURL
from tests.contracts.registrations import ROMEO, SECOND, registration, waitingFor
from tests.storage.conftest import Opener

TABLES = ("registrations", "outbox", "verdicts")


@pytest.fixture
def walks() -> Iterator[list[str]]:
    """
    Steps of plans that walk through all of a table or an index, of all that is executed from now on.
    """
    found: list[str] = []

    def execute(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            one = parameters[0] if many else parameters
            plan = connection.connection.dbapi_connection.execute(f"EXPLAIN QUERY PLAN {statement}", one)
            steps = [step for *_, step in plan]
            found.extend(f"{step}: {statement}" for step in steps if step.startswith("SCAN") and isTable(step))

    event.listen(Engine, "before_cursor_execute", execute)
    yield found
    event.remove(Engine, "before_cursor_execute", execute)


def isTable(step: str) -> bool:
    """
    Whether it is one of ours, and not a list of parameters.
    """
    return step.split()[1] in TABLES


@ensureDeferred
async def test_publishing(tmp_path: Path, opened: Opener, walks: list[str]) -> None:
    """
    Finding a node, accepting, replacing, finishing and postponing cost the same however much there is.
    """
    storage = opened(f"sqlite:///{tmp_path / 'pushsvc.db'}")
    known = await storage.registrations.register(registration())
    walks.clear()

    await storage.registrations.byNode("node1")
    await storage.registrations.secretUsed("node1", known.digests[0])
    sent = await storage.outbox.put(waitingFor(known), 0.0)
    await storage.outbox.put(waitingFor(known), 0.0)
    assert await storage.outbox.finish(sent, 0.0) is None
    await storage.outbox.postpone(sent, 0.0)

    assert walks == []


@ensureDeferred
async def test_registering(tmp_path: Path, opened: Opener, walks: list[str]) -> None:
    """
    So do registering, listing an account's devices, and forgetting.
    """
    storage = opened(f"sqlite:///{tmp_path / 'pushsvc.db'}")
    walks.clear()

    await storage.registrations.register(registration())
    await storage.registrations.register(registration(digests=(SECOND,)))
    await storage.registrations.ofOwner(ROMEO)
    await storage.registrations.secretUsed("node1", SECOND)
    await storage.registrations.remove(ROMEO, ["node1"])
    await storage.registrations.removeGone("node1", "token1", None)

    assert walks == []


@ensureDeferred
async def test_rounds(tmp_path: Path, opened: Opener, walks: list[str]) -> None:
    """
    So do claiming for lanes, and dropping what nobody wants any more.
    """
    storage = opened(f"sqlite:///{tmp_path / 'pushsvc.db'}")
    known = await storage.registrations.register(registration())
    await storage.outbox.put(waitingFor(known), 0.0)
    walks.clear()

    await storage.outbox.claim("me", 0.0, 1.0, 10, (), {"chatninja": 1}, 0)
    assert await storage.outbox.expire(1e12) == 1

    assert walks == []


@ensureDeferred
async def test_fromTheBeginningInPostgreSQL(postgresqlURL: str, opened: Opener) -> None:
    """
    PostgreSQL keeps to indexes even when it thinks that nothing waits: what it decides then holds while more comes.
    """
    found: list[str] = []

    def execute(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith(("SELECT", "UPDATE", "DELETE")) and "outbox" in statement:
            plan = connection.connection.dbapi_connection.execute(
                f"EXPLAIN {statement}", parameters[0] if many else parameters
            )
            found.extend(f"{step}: {statement}" for (step,) in plan if "Seq Scan" in step)

    storage = opened(postgresqlURL)
    event.listen(Engine, "before_cursor_execute", execute)
    try:
        several = [waitingFor(registration(f"node{number}")) for number in range(100)]
        sent = await gatherResults([started(storage.outbox.put(each, 0.0)) for each in several])
        await gatherResults([started(storage.outbox.put(each, 0.0)) for each in several])
        await gatherResults([started(storage.outbox.finish(each, 0.0)) for each in sent])
        await storage.outbox.expire(0.0)
    finally:
        event.remove(Engine, "before_cursor_execute", execute)

    assert found == []


def test_nothingIsCompiled(postgresqlURL: str) -> None:
    """
    Nor does it compile statements that have to walk through everything: on an empty table that takes thousands of times
    as long as doing so.
    """
    with makeEngine(readURL(postgresqlURL)).connect() as connection:
        assert connection.exec_driver_sql("SHOW jit").scalar() == "off"


@ensureDeferred
async def test_noticed(tmp_path: Path, opened: Opener, walks: list[str]) -> None:
    """
    What has to walk through everything is seen to do so here.
    """
    storage = opened(f"sqlite:///{tmp_path / 'pushsvc.db'}")
    walks.clear()

    await storage.registrations.counts()

    assert len(walks) == 1
