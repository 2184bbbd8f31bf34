"""
How SQLite goes about what it is asked: what is asked for with every publish never walks through a whole table.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from sqlalchemy import Engine, event

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
async def test_noticed(tmp_path: Path, opened: Opener, walks: list[str]) -> None:
    """
    What has to walk through everything is seen to do so here.
    """
    storage = opened(f"sqlite:///{tmp_path / 'pushsvc.db'}")
    walks.clear()

    await storage.registrations.counts()

    assert len(walks) == 1
