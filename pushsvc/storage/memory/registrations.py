"""
Registrations, and what networks said of them.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter

from zope.interface import implementer

from pushsvc.ipushsvc import IRegistrations, IVerdictBook
from pushsvc.model import Registration, Remembered
from pushsvc.storage import rules
from pushsvc.storage.memory.outbox import MemoryOutbox


@implementer(IRegistrations)
class MemoryRegistrations:
    """
    Registrations by node, and nodes by owner, device id and room.
    """

    def __init__(self, outbox: MemoryOutbox, mustBeOpen: Callable[[], None]) -> None:
        self._outbox = outbox
        self._mustBeOpen = mustBeOpen
        self._byNode: dict[str, Registration] = {}
        self._nodes: dict[str, dict[tuple[str, str | None], str]] = {}
        self.remembered: dict[str, Remembered] = {}

    async def register(self, proposed: Registration) -> Registration:
        self._mustBeOpen()
        devices = self._nodes.setdefault(proposed.owner, {})
        node = devices.setdefault((proposed.deviceId, proposed.room), proposed.node)
        stored = self._byNode[node] = rules.registered(self._byNode.get(node), proposed)
        return stored

    async def rename(self, owner: str, node: str, deviceId: str) -> None:
        self._mustBeOpen()
        known = self._byNode.get(node)
        devices = self._nodes.get(owner, {})
        if known is None or known.owner != owner or (deviceId, known.room) in devices:
            return
        devices[deviceId, known.room] = devices.pop((known.deviceId, known.room))
        self._byNode[node] = replace(known, deviceId=deviceId)

    async def byNode(self, node: str) -> Registration | None:
        self._mustBeOpen()
        return self._byNode.get(node)

    async def ofOwner(self, owner: str) -> Sequence[Registration]:
        self._mustBeOpen()
        found = [self._byNode[node] for node in self._nodes.get(owner, {}).values()]
        return sorted(found, key=attrgetter("registered", "node"))

    async def page(
        self, after: str, limit: int, owner: str | None = None, app: str | None = None
    ) -> Sequence[Registration]:
        self._mustBeOpen()
        found = [
            known
            for node, known in sorted(self._byNode.items())
            if node > after and owner in (None, known.owner) and app in (None, known.target.app)
        ]
        return found[:limit]

    async def counts(self, owner: str | None = None) -> Mapping[str, int]:
        self._mustBeOpen()
        return Counter(known.target.app for known in self._byNode.values() if owner in (None, known.owner))

    async def secretUsed(self, node: str, used: bytes) -> None:
        self._mustBeOpen()
        known = self._byNode.get(node)
        if known is not None:
            self._byNode[node] = replace(known, digests=rules.usedLast(known.digests, used))

    async def remove(self, owner: str, nodes: Sequence[str]) -> Sequence[Registration]:
        self._mustBeOpen()
        found = [self._byNode.get(node) for node in dict.fromkeys(nodes)]
        own = [known for known in found if known is not None and known.owner == owner]
        for registration in own:
            self._forget(registration)
        return own

    async def removeGone(self, node: str, token: str, since: float | None) -> Registration | None:
        self._mustBeOpen()
        known = self._byNode.get(node)
        if known is None or not rules.isGone(known, token, since):
            return None
        self._forget(known)
        return known

    def _forget(self, registration: Registration) -> None:
        del self._byNode[registration.node]
        devices = self._nodes[registration.owner]
        del devices[registration.deviceId, registration.room]
        if not devices:
            del self._nodes[registration.owner]
        self.remembered.pop(registration.node, None)
        self._outbox.forget(registration.node)

    def isRegistered(self, node: str) -> bool:
        """
        Whether there is one of this node.
        """
        return node in self._byNode


@implementer(IVerdictBook)
class MemoryVerdictBook:
    """
    Kept beside the registrations, for it goes with them.
    """

    def __init__(self, registrations: MemoryRegistrations, mustBeOpen: Callable[[], None]) -> None:
        self._registrations = registrations
        self._mustBeOpen = mustBeOpen

    async def note(self, news: Mapping[str, Remembered]) -> None:
        self._mustBeOpen()
        known = self._registrations.remembered
        for node, new in news.items():
            if self._registrations.isRegistered(node):
                known[node] = rules.remembered(known.get(node), new)

    async def ofNodes(self, nodes: Sequence[str]) -> Mapping[str, Remembered]:
        self._mustBeOpen()
        known = self._registrations.remembered
        return {node: known[node] for node in nodes if node in known}
