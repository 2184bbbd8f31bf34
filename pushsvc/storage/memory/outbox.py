"""
The outbox.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from zope.interface import implementer

from pushsvc.ipushsvc import IOutbox
from pushsvc.model import Kind, Standing, Waiting
from pushsvc.storage import rules
from pushsvc.storage.rules import Held


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
        unwanted = [
            held
            for held in self._all()
            if held.waiting.expires <= now and (held.lease is None or held.lease <= now)
        ]
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

    def forgetNews(self, key: str, kind: Kind, until: float) -> None:
        """
        Drop what waits for this key and is of this kind, of what was accepted until a time.
        """
        for held in list(self._held.get(key, {}).get(kind, {}).values()):
            if held.accepted <= until:
                self._drop(held)

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
