"""
What becomes of what is stored when something new comes: the same in every kind of storage.

Nothing here stores anything.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from math import inf, nextafter
from typing import TypeVar

from pushsvc.model import Registration, Remembered, Waiting, withSecret

R = TypeVar("R")

# Where encrypted notifications of one key and kind stand side by side.
SLOTS = range(1, 9)


@dataclass(frozen=True)
class Held:
    """
    A place of the outbox that is taken.

    :ivar lease: seconds since 1970 until which the owner has it; None: nobody has it.
    :ivar accepted: about when, in seconds since 1970; grows with each content that a key and kind are given.
    """

    waiting: Waiting
    lease: float | None
    accepted: float

    def claimable(self) -> float:
        """
        From when on it may be claimed.
        """
        return self.waiting.due if self.lease is None else max(self.waiting.due, self.lease)


def registered(known: Registration | None, proposed: Registration) -> Registration:
    """
    What to store when a device registers.

    :param known: what is stored of the same owner, device id and room.
    """
    node, since, digests = proposed.node, proposed.registered, proposed.digests
    if known is not None:
        node, since, digests = known.node, known.registered, known.digests
        for issued in proposed.digests:
            digests = withSecret(digests, issued)
    target = replace(proposed.target, key=node)
    return replace(proposed, node=node, registered=since, digests=digests, target=target)


def usedLast(digests: tuple[bytes, ...], used: bytes) -> tuple[bytes, ...]:
    """
    What to keep of a registration's digests when a publish was opened by this one.
    """
    return digests[digests.index(used) :] if used in digests else digests


def isGone(registration: Registration, token: str, since: float | None) -> bool:
    """
    Whether the network's verdict on a token, seen at a time, still concerns this registration.
    """
    if registration.target.token != token:
        return False
    return since is None or registration.renewed <= since


def remembered(known: Remembered | None, new: Remembered) -> Remembered:
    """
    What to remember of pushes to a device when there is something new.
    """
    if known is None:
        return new
    return Remembered(
        succeeded=known.succeeded if new.succeeded is None else new.succeeded,
        failed=known.failed if new.failed is None else new.failed,
        word=known.word if new.word is None else new.word,
    )


def withRoom(
    ripe: Iterable[R], laneOf: Callable[[R], str], limit: int, rooms: Mapping[str, int], otherwise: int | None
) -> list[R]:
    """
    Of what could be claimed, what there is room for.

    :param rooms: as for `IOutbox.claim`; so is ``otherwise``.
    """
    taken: Counter[str] = Counter()
    fitting: list[R] = []
    for each in ripe:
        if len(fitting) == limit:
            break
        lane = laneOf(each)
        room = rooms.get(lane, otherwise)
        if room is None or taken[lane] < room:
            taken[lane] += 1
            fitting.append(each)
    return fitting


def canHurry(held: Held, app: str, now: float, lane: str | None) -> bool:
    """
    Whether something is waiting that need not wait any longer.
    """
    waiting = held.waiting
    if waiting.owner is not None or waiting.target.app != app or waiting.due <= now:
        return False
    return lane is None or (waiting.lane == lane and not waiting.attempts)


def accepted(new: Waiting, lease: float, taken: Mapping[int, Held], now: float) -> Held:
    """
    What to store when a notification is accepted, in the slot that it says.

    :param taken: what the slots of this key and kind hold.
    """
    slot = _slotFor(new, taken)
    order = now
    if taken:
        newest = max(held.accepted for held in taken.values())
        order = now if now > newest else nextafter(newest, inf)
    if slot not in taken:
        fresh = new if (new.slot, new.sequence) == (slot, 1) else replace(new, slot=slot, sequence=1)
        return Held(fresh, None if new.owner is None else lease, order)
    old = taken[slot].waiting
    isSame = (old.target.app, old.target.token) == (new.target.app, new.target.token)
    # What one device was in the way of, another is not.
    due, attempts = (old.due, old.attempts) if isSame else (new.due, 0)
    owner, until = _holder(taken[slot], due, new, lease, now)
    merged = replace(
        new,
        notification=replace(
            new.notification, priority=max(old.notification.priority, new.notification.priority)
        ),
        expires=max(old.expires, new.expires),
        due=due,
        slot=slot,
        sequence=old.sequence + 1,
        attempts=attempts,
        owner=owner,
    )
    return Held(merged, until, order)


def _slotFor(new: Waiting, taken: Mapping[int, Held]) -> int:
    if new.slot == 0 and new.notification.encrypted is None:
        return 0
    for slot in SLOTS:
        # It may be put twice: when the connection was lost, nobody knew whether it had been.
        if slot in taken and taken[slot].waiting.pushId == new.pushId:
            return slot
    for slot in SLOTS:
        if slot not in taken:
            return slot
    return min(SLOTS, key=lambda slot: taken[slot].accepted)


def _holder(old: Held, due: float, new: Waiting, lease: float, now: float) -> tuple[str | None, float | None]:
    if old.lease is not None and old.lease > now:
        # It is being sent. Whoever does so learns of the newer content when it is done.
        same = old.waiting.owner == new.owner
        return old.waiting.owner, max(old.lease, lease) if same else old.lease
    if due > now or new.owner is None:
        return None, None
    return new.owner, lease
