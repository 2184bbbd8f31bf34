"""
Lanes: what shares its fate, and how much of it is under way at once.
"""

from collections import deque

from twisted.internet.defer import Deferred


class Lane:
    """
    At most so many at once.
    """

    def __init__(self, name: str, limit: int) -> None:
        self.name = name
        self._limit = limit
        self._running = 0
        self._queue: deque[Deferred[None]] = deque()

    @property
    def idle(self) -> bool:
        """
        Whether nothing runs and nothing waits.
        """
        return not self._running and not self._queue

    @property
    def full(self) -> bool:
        """
        Whether who comes now has to wait.
        """
        return self._running >= self._limit

    async def enter(self) -> None:
        """
        Wait for a turn. Whoever got one has to `leave`.
        """
        if not self.full:
            self._running += 1
            return
        turn: Deferred[None] = Deferred()
        self._queue.append(turn)
        await turn

    def take(self) -> None:
        """
        A turn, of a lane that is not full.
        """
        self._running += 1

    def leave(self) -> None:
        """
        Hand the turn on.
        """
        if self._queue:
            self._queue.popleft().callback(None)
        else:
            self._running -= 1


class Lanes:
    """
    The lanes that something is on.
    """

    def __init__(self) -> None:
        self._lanes: dict[str, Lane] = {}

    def turn(self, name: str, limit: int) -> Lane | None:
        """
        A turn on a lane; None when it is full.
        """
        lane = self.get(name, limit)
        if lane.full:
            return None
        lane.take()
        return lane

    def get(self, name: str, limit: int) -> Lane:
        """
        The lane of this name.
        """
        if name not in self._lanes:
            self._lanes[name] = Lane(name, limit)
        return self._lanes[name]

    def leave(self, lane: Lane) -> None:
        """
        The turn is over.
        """
        lane.leave()
        if lane.idle:
            self._lanes.pop(lane.name, None)

    def isFull(self, name: str) -> bool:
        """
        Whether nothing more can be sent on it now.
        """
        return name in self._lanes and self._lanes[name].full

    @property
    def full(self) -> list[str]:
        """
        Those on which nothing more can be sent now.
        """
        return sorted(name for name, lane in self._lanes.items() if lane.full)
