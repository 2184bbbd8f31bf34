"""
Storage that forgets everything when the process ends: for trials, and for tests. Its URL is ``memory:``.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any, TypeVar

from zope.interface import implementer, moduleProvides

from pushsvc.enablement import Account
from pushsvc.errors import CannotOpen, TryLater
from pushsvc.ipushsvc import IOutbox, IRegistrations, IStorage, IStorageKind, IVerdictBook
from pushsvc.model import Kind, Registration, Remembered, Standing, Waiting, Work
from pushsvc.storage import rules
from pushsvc.storage.accounts import Change, expiring
from pushsvc.storage.departures import Departures
from pushsvc.storage.enablements import Enablements
from pushsvc.storage.memorynodes import MemoryDepartures, MemoryNodes
from pushsvc.storage.rules import Held

moduleProvides(IStorageKind)

R = TypeVar("R")


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


@implementer(IRegistrations)
class MemoryRegistrations:
    """
    Registrations by node, and nodes by owner, device id and room.
    """

    def __init__(self, outbox: "MemoryOutbox", mustBeOpen: Callable[[], None]) -> None:
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


class MemoryAccounts:
    """
    What accounts have enabled, by their names.
    """

    def __init__(self, outbox: "MemoryOutbox", mustBeOpen: Callable[[], None]) -> None:
        self._outbox = outbox
        self._mustBeOpen = mustBeOpen
        self._accounts: dict[str, Account] = {}

    async def of(self, name: str) -> Account:
        self._mustBeOpen()
        return self._accounts.get(name, Account())

    async def change(self, name: str, change: Change[R]) -> R:
        changed = change(await self.of(name))
        self._accounts[name] = changed.account
        if changed.account == Account():
            del self._accounts[name]
        for key in changed.gone:
            self._outbox.forget(key)
        return changed.answer

    async def waiting(self, after: str, limit: int) -> Sequence[str]:
        self._mustBeOpen()
        waiting = (name for name, account in self._accounts.items() if account.pending.isSomething)
        return sorted(name for name in waiting if name > after)[:limit]

    async def aged(self, before: float, suspendedBefore: float, limit: int) -> Sequence[str]:
        self._mustBeOpen()
        aged = expiring(before, suspendedBefore)
        return sorted(name for name, account in self._accounts.items() if aged(account).answer)[:limit]


@implementer(IOutbox)
class MemoryOutbox:
    """
    What is held, by key, then by kind, then by slot.
    """

    def __init__(self, clock: Any, mustBeOpen: Callable[[], None]) -> None:
        self._clock = clock
        self._mustBeOpen = mustBeOpen
        self._held: dict[str, dict[Kind, dict[int, Held]]] = {}

    async def put(self, waiting: Waiting, lease: float) -> Waiting:
        self._mustBeOpen()
        taken = self._held.setdefault(waiting.target.key, {}).setdefault(waiting.notification.kind, {})
        held = rules.accepted(waiting, lease, taken, self._clock.seconds())
        taken[held.waiting.slot] = held
        return held.waiting

    async def claim(
        self,
        owner: str,
        now: float,
        lease: float,
        limit: int,
        exceptLanes: Sequence[str] = (),
        rooms: Mapping[str, int] | None = None,
        otherwise: int | None = None,
    ) -> Sequence[Waiting]:
        self._mustBeOpen()
        ripe = [
            held
            for held in self._all()
            if held.claimable() <= now and held.waiting.lane not in exceptLanes
        ]
        if otherwise == 0:
            ripe = [held for held in ripe if held.waiting.owner is None]
        ripe.sort(key=attrgetter("waiting.due"))
        fitting = rules.withRoom(ripe, lambda held: held.waiting.lane, limit, rooms or {}, otherwise)
        return [self._change(held, lease, owner=owner) for held in fitting]

    async def finish(self, sent: Waiting, lease: float) -> Waiting | None:
        self._mustBeOpen()
        held = self._at(sent)
        if held is None:
            return None
        if (held.waiting.sequence, held.waiting.pushId) == (sent.sequence, sent.pushId):
            self._drop(held)
            return None
        if sent.owner is None or held.waiting.owner != sent.owner:
            return None
        return self._change(held, lease)

    async def postpone(self, failed: Waiting, due: float, tried: bool = True) -> None:
        self._mustBeOpen()
        held = self._at(failed)
        if held is not None and held.waiting.owner == failed.owner:
            self._change(held, None, owner=None, due=due, attempts=held.waiting.attempts + tried)

    async def hurry(self, app: str, now: float, limit: int, lane: str | None = None) -> int:
        self._mustBeOpen()
        late = [held for held in self._all() if rules.canHurry(held, app, now, lane)][:limit]
        for held in late:
            self._change(held, None, due=now)
        return len(late)

    async def release(self, owner: str, now: float) -> None:
        self._mustBeOpen()
        for held in self._all():
            if held.waiting.owner == owner:
                self._change(held, None, owner=None, due=now)

    async def owners(self) -> Sequence[str]:
        self._mustBeOpen()
        return sorted({held.waiting.owner for held in self._all() if held.waiting.owner is not None})

    async def expire(self, now: float) -> int:
        self._mustBeOpen()
        unwanted = [held for held in self._all() if held.waiting.expires <= now]
        for held in unwanted:
            self._drop(held)
        return len(unwanted)

    async def standings(self) -> Mapping[str, Standing]:
        self._mustBeOpen()
        found: dict[str, Standing] = {}
        for held in self._all():
            app = held.waiting.target.app
            known = found.get(app, Standing(0, held.accepted))
            found[app] = Standing(known.count + 1, min(known.oldest, held.accepted))
        return found

    async def nextDue(self, exceptLanes: Sequence[str] = ()) -> float | None:
        self._mustBeOpen()
        return min(
            (held.claimable() for held in self._all() if held.waiting.lane not in exceptLanes), default=None
        )

    def forget(self, key: str) -> None:
        """
        Drop everything that waits for this key.
        """
        self._held.pop(key, None)

    def _all(self) -> Iterator[Held]:
        for kinds in self._held.values():
            for taken in kinds.values():
                yield from list(taken.values())

    def _at(self, waiting: Waiting) -> Held | None:
        return self._held.get(waiting.target.key, {}).get(waiting.notification.kind, {}).get(waiting.slot)

    def _change(self, held: Held, lease: float | None, **changes: Any) -> Waiting:
        changed = replace(held.waiting, **changes)
        place = self._held[changed.target.key][changed.notification.kind]
        place[changed.slot] = Held(changed, lease, held.accepted)
        return changed

    def _drop(self, held: Held) -> None:
        key, kind = held.waiting.target.key, held.waiting.notification.kind
        kinds = self._held[key]
        del kinds[kind][held.waiting.slot]
        if not kinds[kind]:
            del kinds[kind]
        if not kinds:
            del self._held[key]
