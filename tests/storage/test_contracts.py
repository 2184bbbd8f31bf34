"""
Every kind of storage keeps the promises of its interfaces.
"""

from pathlib import Path
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from zope.interface.verify import verifyObject

from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IStorage
from tests.contracts.departures import DeparturesContract
from tests.contracts.enablements import EnablementsContract
from tests.contracts.nodes import NodesContract
from tests.contracts.outbox import OutboxContract
from tests.contracts.registrations import RegistrationsContract, registration, waitingFor
from tests.contracts.verdicts import VerdictBookContract


class TestRegistrations(RegistrationsContract):
    """
    On memory, SQLite and PostgreSQL.
    """


class TestOutbox(OutboxContract):
    """
    On memory, SQLite and PostgreSQL.
    """


class TestVerdictBook(VerdictBookContract):
    """
    On memory, SQLite and PostgreSQL.
    """


class TestEnablements(EnablementsContract):
    """
    On memory, SQLite and PostgreSQL.
    """


class TestNodes(NodesContract):
    """
    On memory, SQLite and PostgreSQL.
    """


class TestDepartures(DeparturesContract):
    """
    On memory, SQLite and PostgreSQL.
    """


class TestStorage:
    """
    What holds both of them.
    """

    def test_interface(self, storage: Any) -> None:
        """
        It has what the interface asks for.
        """
        assert verifyObject(IStorage, storage)

    @ensureDeferred
    async def test_closed(self, storage: Any) -> None:
        """
        Whoever comes after it was closed is to try later; closing twice does no harm.
        """
        await storage.close()
        await storage.close()

        with pytest.raises(TryLater):
            await storage.registrations.byNode("node1")
        with pytest.raises(TryLater):
            await storage.outbox.put(waitingFor(registration()), 0.0)


@pytest.mark.parametrize("kind", ["memory", "sql"])
@ensureDeferred
async def test_notYetOpen(kind: str, tmp_path: Path, clock: Any) -> None:
    """
    Whoever comes before it was opened is to try later, and nothing has been opened by then.
    """
    from pushsvc import kinds

    url = "memory:" if kind == "memory" else f"sqlite:///{tmp_path / 'pushsvc.db'}"
    storage = kinds.load("storage", kind).makeStorage(url, clock)

    with pytest.raises(TryLater):
        await storage.registrations.register(registration())
    assert list(tmp_path.iterdir()) == []
