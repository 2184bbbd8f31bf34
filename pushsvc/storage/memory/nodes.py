"""
Nodes that somebody created, and devices that are gone, in dicts.
"""

from collections.abc import Callable, Sequence

from zope.interface import implementer

from pushsvc.errors import NodeExists, NoSuchNode, QuotaReached
from pushsvc.ipushsvc import INodes
from pushsvc.leaf import Leaf
from pushsvc.storage.departures import Departure, departed, goneUntil


@implementer(INodes)
class MemoryNodes:
    """
    Nodes by host and name.
    """

    def __init__(self, mustBeOpen: Callable[[], None]) -> None:
        self._mustBeOpen = mustBeOpen
        self._leaves: dict[tuple[str, str], Leaf] = {}

    async def create(self, leaf: Leaf, most: int) -> None:
        self._mustBeOpen()
        if (leaf.host, leaf.identifier) in self._leaves:
            raise NodeExists()
        if sum(known.creator == leaf.creator for known in self._leaves.values()) >= most:
            raise QuotaReached("as many nodes as there may be")
        self._leaves[leaf.host, leaf.identifier] = leaf

    async def find(self, host: str, name: str) -> Leaf | None:
        self._mustBeOpen()
        return self._leaves.get((host, name))

    async def change(
        self, host: str, name: str, change: Callable[[Leaf], Leaf | None]
    ) -> tuple[Leaf, Leaf | None]:
        before = await self.find(host, name)
        if before is None:
            raise NoSuchNode()
        after = change(before)
        if after is None:
            del self._leaves[host, name]
        else:
            self._leaves[host, name] = after
        return before, after

    async def concerning(self, host: str, jid: str, limit: int) -> Sequence[Leaf]:
        self._mustBeOpen()
        found = [leaf for leaf in self._leaves.values() if leaf.host == host and jid in leaf.concerns()]
        return sorted(found, key=lambda leaf: leaf.identifier)[:limit]

    async def removeOf(self, creator: str) -> int:
        self._mustBeOpen()
        gone = [key for key, leaf in self._leaves.items() if leaf.creator == creator]
        for key in gone:
            del self._leaves[key]
        return len(gone)


class MemoryDepartures:
    """
    Devices by key.
    """

    def __init__(self, mustBeOpen: Callable[[], None]) -> None:
        self._mustBeOpen = mustBeOpen
        self._departures: dict[str, Departure] = {}

    async def departed(self, key: str, now: float) -> None:
        self._mustBeOpen()
        self._departures[key] = departed(self._departures.get(key), now)

    async def goneUntil(self, key: str, now: float) -> float:
        self._mustBeOpen()
        return goneUntil(self._departures.get(key), now)

    async def trim(self, now: float, most: int) -> int:
        self._mustBeOpen()
        before = len(self._departures)
        staying = [(key, known) for key, known in self._departures.items() if known.kept > now]
        staying.sort(key=lambda each: each[1].kept)
        self._departures = dict(staying[max(0, len(staying) - most) :])
        return before - len(self._departures)
