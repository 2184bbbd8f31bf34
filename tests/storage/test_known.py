"""
Registrations that are not read again as long as nobody can have changed them.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from sqlalchemy import Engine, event

from pushsvc.model import Target
from pushsvc.storage.sql.engine import makeEngine, readURL
from pushsvc.storage.sql.known import MOST, Known
from tests.contracts.registrations import FIRST, ROMEO, SECOND, registration, waitingFor
from tests.storage.conftest import Opener


@pytest.fixture
def statements() -> Iterator[Counter[str]]:
    """
    What databases are asked, by the first word.
    """
    seen: Counter[str] = Counter()

    def execute(connection: Any, cursor: Any, statement: str, *args: Any) -> None:
        seen[statement.split()[0]] += 1

    event.listen(Engine, "before_cursor_execute", execute)
    yield seen
    event.remove(Engine, "before_cursor_execute", execute)


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    """
    An empty file.
    """
    return f"sqlite:///{tmp_path / 'pushsvc.db'}"


@ensureDeferred
async def test_readOnce(sqlite: str, opened: Opener, statements: Counter[str]) -> None:
    """
    What was read is known, however much the process itself has put into the outbox since.
    """
    storage = opened(sqlite)
    known = await storage.registrations.register(registration())
    await storage.registrations.byNode("node1")
    await storage.outbox.put(waitingFor(known), 0.0)
    statements.clear()

    again = await storage.registrations.byNode("node1")

    assert again == known
    assert statements == {"PRAGMA": 1}


@ensureDeferred
async def test_unknownIsNotRemembered(sqlURL: str, opened: Opener) -> None:
    """
    That a node does not exist holds only for the moment.
    """
    storage = opened(sqlURL)
    assert await storage.registrations.byNode("node1") is None

    await storage.registrations.register(registration())

    assert await storage.registrations.byNode("node1") == registration()


@ensureDeferred
async def test_ownChanges(sqlURL: str, opened: Opener) -> None:
    """
    What the process changes itself, it reads as it is then.
    """
    storage = opened(sqlURL)
    registrations = storage.registrations

    async def read() -> Any:
        return await registrations.byNode("node1")

    await registrations.register(registration())
    assert (await read()).target.token == "token1"
    await registrations.register(registration(target=Target("node1", "chatninja", "token2"), digests=(SECOND,)))
    assert ((await read()).target.token, (await read()).digests) == ("token2", (FIRST, SECOND))
    await registrations.secretUsed("node1", SECOND)
    assert (await read()).digests == (SECOND,)
    await registrations.remove(ROMEO, ["node1"])
    assert await read() is None
    await registrations.register(registration())
    assert await read() == registration()
    await registrations.removeGone("node1", "token1", None)
    assert await read() is None


@ensureDeferred
async def test_changesOfOthers(sqlURL: str, opened: Opener) -> None:
    """
    What another process has changed is read as it is since then, at once.
    """
    own, other = opened(sqlURL), opened(sqlURL)
    await own.registrations.register(registration())

    for number in range(3):
        changed = registration(target=Target("node1", "chatninja", f"token{number}"), digests=())
        await other.registrations.register(changed)
        assert (await own.registrations.byNode("node1")).target.token == f"token{number}"
        assert await own.registrations.byNode("node1") == await other.registrations.byNode("node1")

    await other.registrations.remove(ROMEO, ["node1"])
    assert await own.registrations.byNode("node1") is None


@ensureDeferred
async def test_changesOfOthersBetweenOwn(sqlite: str, tmp_path: Path, opened: Opener) -> None:
    """
    A change from outside is not overlooked when the process has written since.
    """
    storage = opened(sqlite)
    known = await storage.registrations.register(registration())
    await storage.registrations.byNode("node1")

    with sqlite3.connect(tmp_path / "pushsvc.db") as database:
        database.execute("UPDATE registrations SET app = 'other'")
    database.close()
    await storage.outbox.put(waitingFor(known), 0.0)

    assert (await storage.registrations.byNode("node1")).target.app == "other"


@ensureDeferred
async def test_undone(sqlite: str, tmp_path: Path, opened: Opener) -> None:
    """
    A change that came to nothing leaves what was there.
    """
    storage = opened(sqlite)
    known = await storage.registrations.register(registration())
    await storage.registrations.byNode("node1")
    with sqlite3.connect(tmp_path / "pushsvc.db") as database:
        database.execute("CREATE TRIGGER refusing BEFORE DELETE ON outbox BEGIN SELECT RAISE(ABORT, 'refusing'); END")
    database.close()
    await storage.outbox.put(waitingFor(known), 0.0)

    with pytest.raises(Exception, match="storage trouble"):
        await storage.registrations.remove(ROMEO, ["node1"])

    assert await storage.registrations.byNode("node1") == known


def test_bounded(sqlite: str) -> None:
    """
    Of what is known, what has been known longest makes room.
    """
    with makeEngine(readURL(sqlite)).connect() as connection:
        known = Known(connection)
        known.upToDate(connection)

        for number in range(MOST + 1):
            known.keep(replace(registration(), node=f"{number}"))

        found = known.upToDate(connection)
    assert len(found) == MOST
    assert "0" not in found
    assert f"{MOST}" in found
