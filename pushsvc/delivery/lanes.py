"""
Lanes: what shares its fate, and how much of it is under way at once.
"""

from collections import deque

from twisted.internet.defer import Deferred


class Lane:
    """
    At most so many at once.
    """

    def __init__(self, limit: int) -> None:
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

    def tryEnter(self) -> bool:
        """
        Take a turn if there is one. Whoever got one has to `leave`.
        """
        if self.full:
            return False
        self._running += 1
        return True

    async def enter(self) -> None:
        """
        Wait for a turn.
        """
        if not self.tryEnter():
            turn: Deferred[None] = Deferred()
            self._queue.append(turn)
            await turn

    def leave(self) -> None:
        """
        Hand the turn on.
        """
        if self._queue:
            self._queue.popleft().callback(None)
        else:
            self._running -= 1
