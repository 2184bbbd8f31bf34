"""
Whether the service can do what it is there for, and if not, why.
"""

from collections.abc import Callable, Sequence

from twisted.internet.interfaces import IReactorTime

from pushsvc.errors import TryLater
from pushsvc.ipushsvc import ILink, IStorage
from pushsvc.web.patience import inTime


class Readiness:
    """
    Asks those who have to be there.
    """

    def __init__(
        self, storage: IStorage, links: Sequence[ILink], closing: Callable[[], bool], clock: IReactorTime
    ) -> None:
        """
        :param closing: whether the service stops.
        """
        self._storage = storage
        self._links = links
        self._closing = closing
        self._clock = clock

    async def troubles(self) -> Sequence[str]:
        """
        What is in the way; empty when all is well.
        """
        found = ["the service stops"] if self._closing() else []
        try:
            # No node has no name: this touches one page of an index.
            await inTime(self._storage.registrations.byNode(""), self._clock)
        except TryLater as e:
            found.append(f"the storage does not answer: {e}")
        else:
            # Of a disk that is full one can still read.
            trouble = self._storage.work.trouble
            found += [f"the storage is in trouble: {trouble}"] if trouble is not None else []
        return found + [trouble for link in self._links if (trouble := link.trouble()) is not None]
