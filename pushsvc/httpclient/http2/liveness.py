"""
Whether the other side is still there.
"""

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from pushsvc.httpclient.http2.tuning import Tuning

# Seconds that are not worth waiting for: with fractions of them it would be looked again and again in one moment.
_NOTHING = 0.01


class Liveness:
    """
    Asks for a sign of life where none came for a while; anything that comes is one.

    :param ping: asks.
    :param abort: called with the reason when there was none.
    """

    def __init__(
        self, clock: IReactorTime, tuning: Tuning, ping: Callable[[], None], abort: Callable[[str], None]
    ) -> None:
        self._clock = clock
        self._tuning = tuning
        self._ping = ping
        self._abort = abort
        self._busy: Callable[[], bool] = bool
        self._heard = clock.seconds()
        self._look: IDelayedCall | None = None
        self._dead: IDelayedCall | None = None

    def start(self, busy: Callable[[], bool]) -> None:
        """
        :param busy: whether answers are waited for.
        """
        self._busy = busy
        self._look = self._clock.callLater(self._tuning.pingAfter, self._looks)

    def stop(self) -> None:
        """
        The connection has ended.
        """
        for call in (self._look, self._dead):
            if call is not None:
                call.cancel()
        self._look = self._dead = None

    def heard(self) -> None:
        """
        Something came.
        """
        self._heard = self._clock.seconds()
        if self._dead is not None:
            self._dead.cancel()
            self._dead = None

    def used(self) -> None:
        """
        A connection on which nothing happened is used again.
        """
        if self._quiet() >= self._tuning.pingAfter:
            self._ask()

    def _quiet(self) -> float:
        return self._clock.seconds() - self._heard

    def _looks(self) -> None:
        after = self._tuning.pingAfter if self._busy() else self._tuning.idlePingAfter
        if self._quiet() >= after - _NOTHING:
            self._ask()
        # Looked again no later than the next silence could be too long.
        left = self._tuning.pingAfter - self._quiet()
        self._look = self._clock.callLater(left if left > _NOTHING else self._tuning.pingAfter, self._looks)

    def _ask(self) -> None:
        if self._dead is None:
            self._dead = self._clock.callLater(self._tuning.pingWithin, self._noAnswer)
            self._ping()

    def _noAnswer(self) -> None:
        # After a standstill of our own the answer may have been there for long: first see what came.
        self._dead = self._clock.callLater(0, self._giveUp)

    def _giveUp(self) -> None:
        self._dead = None
        self._abort("no sign of life")
