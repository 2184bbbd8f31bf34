"""
Requests on their way to the writer's thread, and how long they may wait for one another.
"""

from collections.abc import Callable, Sequence
from typing import Any

from twisted.internet.interfaces import IDelayedCall

from pushsvc.storage.sql.transactions import Request

# Seconds that a request which can wait is kept for others to come along, who then share its commit.
PATIENCE = 0.005

# Seconds from one commit's beginning to the next one's, at least: who comes in between shares the latter.
TEMPO = 0.002


class Gathering:
    """
    Who only reads goes at the end of the reactor's turn. Who writes waits for the tempo of commits, and who can wait
    comes along with the next, or when it has waited long enough.

    :param ready: told when there is something to `take`.
    """

    def __init__(self, reactor: Any, ready: Callable[[], None]) -> None:
        self._reactor = reactor
        self._ready = ready
        self._reading: list[Request] = []
        self._writing: list[Request] = []
        self._turn: IDelayedCall | None = None
        self._alarm: IDelayedCall | None = None
        self._isUrgent = False
        self._isDue = False
        self._committed = 0.0

    def __len__(self) -> int:
        return len(self._reading) + len(self._writing)

    def add(self, request: Request) -> None:
        """
        One more.
        """
        if not request.operation.writes:
            self._reading.append(request)
            if self._turn is None:
                self._turn = self._reactor.callLater(0, self._turnEnds)
            return
        self._writing.append(request)
        if self._isDue or self._isUrgent:
            return
        if not request.operation.canWait:
            self._isUrgent = True
            self._setAlarm(self._untilCommit())
        elif self._alarm is None:
            self._setAlarm(PATIENCE)

    def take(self) -> list[Sequence[Request]]:
        """
        What is to be done now, one batch after the other: those who read first, for they need not wait for the disk.
        """
        parts: list[Sequence[Request]] = []
        if self._reading:
            parts.append(self._reading)
            self._reading = []
        if self._writing and self._isDue:
            parts.append(self._writing)
            self._writing = []
            self._isDue = self._isUrgent = False
            self._committed = self._reactor.seconds()
        return parts

    def hurry(self) -> None:
        """
        Nobody is waited for any more.
        """
        if self._writing:
            self._setAlarm(0)

    def _untilCommit(self) -> float:
        since: float = self._reactor.seconds() - self._committed
        # Clocks are set, too.
        return TEMPO - since if 0 <= since < TEMPO else 0

    def _setAlarm(self, seconds: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm = self._reactor.callLater(seconds, self._commitIsDue)

    def _turnEnds(self) -> None:
        self._turn = None
        self._ready()

    def _commitIsDue(self) -> None:
        self._alarm = None
        self._isDue = True
        self._ready()
