"""
Storage that forgets everything when the process ends: for trials, and for tests. Its URL is ``memory:``.
"""

from typing import Any

from zope.interface import implementer, moduleProvides

from pushsvc.errors import CannotOpen, TryLater
from pushsvc.ipushsvc import IStorage, IStorageKind
from pushsvc.model import Work
from pushsvc.storage.departures import Departures
from pushsvc.storage.enablements import Enablements
from pushsvc.storage.memory.accounts import MemoryAccounts
from pushsvc.storage.memory.nodes import MemoryDepartures, MemoryNodes
from pushsvc.storage.memory.outbox import MemoryOutbox
from pushsvc.storage.memory.registrations import MemoryRegistrations, MemoryVerdictBook

moduleProvides(IStorageKind)


def makeStorage(url: str, reactor: Any) -> "MemoryStorage":
    """
    A storage of its own, whatever the URL says after the colon.
    """
    return MemoryStorage(reactor)


@implementer(IStorage)
class MemoryStorage:
    """
    Everything in dicts.
    """

    def __init__(self, clock: Any) -> None:
        self._isOpen = False
        self.outbox = MemoryOutbox(clock, self._mustBeOpen)
        registrations = MemoryRegistrations(self.outbox, self._mustBeOpen)
        self.registrations = registrations
        self.verdicts = MemoryVerdictBook(registrations, self._mustBeOpen)
        self.enablements = Enablements(MemoryAccounts(self.outbox, self._mustBeOpen))
        self.nodes = MemoryNodes(self._mustBeOpen)
        self.departures = Departures(MemoryDepartures(self._mustBeOpen), clock)

    @property
    def work(self) -> Work:
        return Work()

    def open(self, make: bool = True) -> None:
        if not make:
            raise CannotOpen("memory: what is there, only the process knows that keeps it")
        self._isOpen = True

    def check(self) -> None:
        """
        There is nothing that could be missing.
        """

    async def close(self) -> None:
        self._isOpen = False

    def _mustBeOpen(self) -> None:
        if not self._isOpen:
            raise TryLater("the storage is not open")
