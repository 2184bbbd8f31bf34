"""
Storage in an SQL database: SQLite (``sqlite:////path/of/file``) or PostgreSQL (``postgresql://user@host/name``).
"""

from typing import Any

from alembic.util import CommandError
from sqlalchemy import URL
from zope.interface import implementer, moduleProvides

from pushsvc.errors import CannotOpen
from pushsvc.ipushsvc import IStorage, IStorageKind
from pushsvc.model import Work
from pushsvc.storage.absences import Absences
from pushsvc.storage.departures import Departures
from pushsvc.storage.enablements import Enablements
from pushsvc.storage.sql.accounts import SQLAccounts
from pushsvc.storage.sql.batches import Batches
from pushsvc.storage.sql.departures import SQLDepartures
from pushsvc.storage.sql.engine import makeEngine, readURL, touch, tryOut
from pushsvc.storage.sql.looking import lookInto
from pushsvc.storage.sql.nodes import SQLNodes
from pushsvc.storage.sql.outbox import SQLOutbox
from pushsvc.storage.sql.registrations import SQLRegistrations
from pushsvc.storage.sql.transactions import Transactions
from pushsvc.storage.sql.trouble import describe
from pushsvc.storage.sql.upgrade import requireHead, toHead
from pushsvc.storage.sql.verdicts import SQLVerdictBook

moduleProvides(IStorageKind)


def makeStorage(url: str, reactor: Any) -> "SQLStorage":
    """
    :raises ValueError: no database that can be used here.
    """
    return SQLStorage(readURL(url), reactor)


@implementer(IStorage)
class SQLStorage:
    """
    One database, and one thread that talks to it.
    """

    def __init__(self, url: URL, reactor: Any) -> None:
        self._url = url
        self._engine = makeEngine(url)
        self._batches = Batches(Transactions(self._engine), reactor)
        self.registrations = Absences(SQLRegistrations(self._batches), reactor)
        self.outbox = SQLOutbox(self._batches, reactor)
        self.verdicts = SQLVerdictBook(self._batches)
        self.enablements = Enablements(SQLAccounts(self._batches))
        self.nodes = SQLNodes(self._batches)
        self.departures = Departures(SQLDepartures(self._batches), reactor)

    @property
    def work(self) -> Work:
        return self._batches.work

    def open(self, make: bool = True) -> None:
        try:
            touch(self._url, make)
            (toHead if make else requireHead)(self._engine)
        except CommandError as e:
            raise CannotOpen(f"{self._where()}: its schema is not one that this version knows: {e}") from None
        except Exception as e:
            raise CannotOpen(f"{self._where()}: {describe(e)}") from None
        self._batches.start()

    def check(self) -> None:
        try:
            tryOut(self._url, self._engine)
            lookInto(self._url, self._engine)
        except CommandError as e:
            raise CannotOpen(f"{self._where()}: its schema is not one that this version knows: {e}") from None
        except Exception as e:
            raise CannotOpen(f"{self._where()}: {describe(e)}") from None

    async def close(self) -> None:
        await self._batches.stop()

    def _where(self) -> str:
        # What follows the question mark may be a password too.
        return self._url.set(query={}).render_as_string(hide_password=True)
