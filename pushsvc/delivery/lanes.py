"""
Lanes: what shares its fate, and how much of it is under way at once.

A lane takes more as long as that goes well, less when it does not, and nothing while its breaker is tripped. Nothing
queues here: what a lane cannot take waits on disk.
"""

import random
from collections import Counter
from collections.abc import Callable, Mapping

from twisted.internet.interfaces import IReactorTime

from pushsvc.delivery.breaker import Breaker

# What a lane takes at first. It doubles with each round of answers until there is trouble.
FIRST = 10
# Turns that may be taken at once on all those lanes together of which nobody knows yet that they lead anywhere: clients
# may name as many servers as they like.
STRANGERS = 256
# Turns beyond which no lane gets more than it began with.
MANY = 10_000
# Lanes that are remembered while nothing is on them.
REMEMBERED = 4_096
# How much of a sign of trouble it is that a device is to be left alone.
DEVICE = 0.25
# What is taken at once of a lane that is left alone: it only goes back.
PUT_OFF = 100


class Lane:
    """
    So much at once, as its network can take.

    :ivar app: whose it is.
    :ivar most: what its app allows.
    :ivar running: how many turns are taken.
    :ivar isProven: whether something got through since it was made, or since its breaker tripped.
    """

    __slots__ = ("_forgiven", "_limit", "_threshold", "app", "breaker", "isProven", "most", "name", "running")

    def __init__(self, name: str, app: str, most: int, randomly: Callable[[], float]) -> None:
        self.name = name
        self.app = app
        self.most = most
        self.running = 0
        self.isProven = False
        self.breaker = Breaker(randomly)
        self._limit = float(FIRST)
        # Up to here it grows quickly.
        self._threshold = float("inf")
        # Turns taken before it was shrunk last: their trouble is known.
        self._forgiven = 0

    @property
    def isStrange(self) -> bool:
        """
        Whether nobody knows that it leads anywhere. That of the app itself does: it is the operator who named it.
        """
        return not self.isProven and self.name != self.app

    def allowed(self, now: float) -> int:
        """
        How many turns may be taken in all.
        """
        if self.breaker.isTripped:
            return int(now >= self.breaker.until)
        limit = int(self._limit)
        return limit if limit < self.most else self.most

    def grow(self) -> None:
        """
        Something got through. A lane that is not used by half does not show what it could take.
        """
        if self._forgiven:
            self._forgiven -= 1
        if 2 * self.running >= self._limit < self.most:
            self._limit += 1.0 if self._limit < self._threshold else 1.0 / self._limit

    def shrink(self) -> None:
        """
        Something did not, and it was the lane's fault.
        """
        if self._forgiven:
            self._forgiven -= 1
            return
        self._forgiven = self.running - 1
        self._limit = self._threshold = max(1.0, min(self._limit, self.most) / 2)


class Lanes:
    """
    All lanes that something is, or was, on.

    :ivar refused: whether a turn was refused because of what is on other lanes.
    """

    def __init__(self, clock: IReactorTime, randomly: Callable[[], float] = random.random) -> None:
        self.refused = False
        self._clock = clock
        self._randomly = randomly
        self._lanes: dict[str, Lane] = {}
        self._running = 0
        self._strangers = 0

    def expect(self, app: str, most: int) -> None:
        """
        There will be something on the lane of an app: it has room, however many strangers there are.
        """
        if app not in self._lanes:
            self._made(app, app, most)

    def turn(self, name: str, app: str, most: int) -> Lane | None:
        """
        A turn on a lane; None when it takes no more now.

        :param most: how many turns there may be on it.
        """
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._made(name, app, most)
        lane.most = most
        if lane.running >= lane.allowed(self._clock.seconds()):
            return None
        if lane.isStrange:
            if self._strangers >= STRANGERS:
                self.refused = True
                return None
            self._strangers += 1
        elif self._running >= MANY and lane.running >= FIRST:
            self.refused = True
            return None
        lane.running += 1
        self._running += 1
        return lane

    def leave(self, lane: Lane) -> None:
        """
        The turn is over.
        """
        lane.running -= 1
        self._running -= 1
        if lane.isStrange:
            self._strangers -= 1

    def succeeded(self, lane: Lane) -> bool:
        """
        Something got through, or was refused by a network that is well.

        :returns: whether that is news.
        """
        lane.breaker.succeeded()
        lane.grow()
        if lane.isProven:
            return False
        if lane.isStrange:
            self._strangers -= lane.running
        lane.isProven = True
        return True

    def failed(self, lane: Lane, asked: float | None = None) -> bool:
        """
        The lane is in trouble.

        :param asked: seconds that the network asks to be left alone.
        :returns: whether it is left alone from now on.
        """
        now = self._clock.seconds()
        wasTripped = lane.breaker.isTripped
        lane.shrink()
        if asked is None:
            lane.breaker.failed(now)
        else:
            lane.breaker.trip(now, asked)
        return self._doubt(lane, wasTripped)

    def doubted(self, lane: Lane) -> bool:
        """
        A device is to be left alone. When that is said of one after the other, it is not the devices.

        :returns: as for `failed`.
        """
        wasTripped = lane.breaker.isTripped
        lane.breaker.failed(self._clock.seconds(), DEVICE)
        return self._doubt(lane, wasTripped)

    def _doubt(self, lane: Lane, wasTripped: bool) -> bool:
        if lane.breaker.isTripped and lane.isProven:
            lane.isProven = False
            if lane.isStrange:
                self._strangers += lane.running
        return lane.breaker.isTripped and not wasTripped

    def reset(self, app: str) -> None:
        """
        What was in an app's way has passed.
        """
        for lane in self._lanes.values():
            if lane.app == app:
                lane.breaker.succeeded()

    def later(self, name: str, due: float, wasTried: bool = False) -> float:
        """
        When something that would be due then is to be tried on this lane.

        :param wasTried: there is little of that, and it does not hurry when the lane is well again: it is due then.
        """
        lane = self._lanes.get(name)
        if lane is None or not lane.breaker.isTripped:
            return due
        return lane.breaker.later(due, not wasTried)

    def isFull(self, name: str) -> bool:
        """
        Whether nothing more can be sent on it now.
        """
        lane = self._lanes.get(name)
        return lane is not None and lane.running >= lane.allowed(self._clock.seconds())

    def room(self, name: str) -> int:
        """
        How many turns are free on it.
        """
        lane = self._lanes.get(name)
        if lane is None:
            return self.roomForStrangers
        return self._roomOf(lane, self._clock.seconds())

    @property
    def roomForStrangers(self) -> int:
        """
        How many turns are free on a lane that nothing was on yet.
        """
        return max(0, min(FIRST, STRANGERS - self._strangers))

    def rooms(self) -> Mapping[str, int]:
        """
        How many turns are free on lanes that differ in that from those that nothing was on yet.
        """
        now = self._clock.seconds()
        usual = self.roomForStrangers
        free = {name: self._roomOf(lane, now) for name, lane in self._lanes.items()}
        return {name: room for name, room in free.items() if room != usual}

    @property
    def shut(self) -> Mapping[str, int]:
        """
        How many lanes of each app are left alone because they failed.
        """
        return Counter(lane.app for lane in self._lanes.values() if lane.breaker.isTripped)

    def _roomOf(self, lane: Lane, now: float) -> int:
        if lane.breaker.isTripped and now < lane.breaker.until:
            # What is due nevertheless is to be put off.
            return PUT_OFF
        free = max(0, lane.allowed(now) - lane.running)
        if lane.isStrange:
            shared = max(0, STRANGERS - self._strangers)
        else:
            shared = free if self._running < MANY else max(0, FIRST - lane.running)
        if shared < free:
            self.refused = True
        return min(free, shared)

    def _made(self, name: str, app: str, most: int) -> Lane:
        if len(self._lanes) >= REMEMBERED:
            self._forgetSome()
        lane = self._lanes[name] = Lane(name, app, most, self._randomly)
        return lane

    def _forgetSome(self) -> None:
        # The oldest; those that something is on are as good as new.
        for name in list(self._lanes)[: REMEMBERED // 8]:
            lane = self._lanes.pop(name)
            if lane.running or name == lane.app:
                self._lanes[name] = lane
