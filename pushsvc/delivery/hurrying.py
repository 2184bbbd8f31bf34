"""
What was put off while something was in the way becomes due when that has passed: in parts, so that nobody else has to
wait for all of it.
"""

from collections.abc import Callable

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.delivery.breaker import LONGEST_SPREAD
from pushsvc.delivery.lanes import Lane
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IOutbox

# So much at once, and seconds between: about what one process can send.
PART = 500
PAUSE = 0.1


class Hurrying:
    """
    Of each lane and each app once at a time.
    """

    log = Logger()

    def __init__(self, outbox: IOutbox, wakeAt: Callable[[float], None], clock: IReactorTime) -> None:
        self._outbox = outbox
        self._wakeAt = wakeAt
        self._clock = clock
        self._running = False
        self._started = 0.0
        self._under: set[tuple[str, str | None]] = set()

    def start(self) -> None:
        """
        Begin.
        """
        self._running = True
        self._started = self._clock.seconds()

    def stop(self) -> None:
        """
        End, with what is being done.
        """
        self._running = False

    def lane(self, lane: Lane, wasTripped: bool) -> None:
        """
        A lane is well: what waits for it and was never tried need not wait any longer.

        :param wasTripped: whether it is known to have been left alone. A process that ended may have put off what was
            for other lanes; after a while that has become due by itself.
        """
        if wasTripped or self._clock.seconds() - self._started < LONGEST_SPREAD:
            self._begin(lane.app, lane.name, lambda: not lane.breaker.isTripped)

    def app(self, app: str) -> None:
        """
        What was in an app's way has passed.
        """
        self._begin(app, None, lambda: True)

    def _begin(self, app: str, lane: str | None, isWell: Callable[[], bool]) -> None:
        if self._running and (app, lane) not in self._under:
            self._under.add((app, lane))
            hurrying: Deferred[None] = ensureDeferred(self._hurry(app, lane, isWell))
            hurrying.addErrback(lambda failure: self.log.failure("hurrying failed", concealed(failure)))
            hurrying.addBoth(lambda _: self._under.discard((app, lane)))

    async def _hurry(self, app: str, lane: str | None, isWell: Callable[[], bool]) -> None:
        while self._running and isWell():
            now = self._clock.seconds()
            try:
                hurried = await self._outbox.hurry(app, now, PART, lane)
            except TryLater:
                # It is due anyway, somewhat later.
                return
            if hurried:
                self._wakeAt(now)
            if hurried < PART:
                return
            await deferLater(self._clock, PAUSE)
