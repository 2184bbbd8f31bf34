"""
What is being sent: each place of the outbox once, and on its lane.
"""

from collections.abc import Callable, Mapping

from twisted.internet.defer import Deferred, DeferredList, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from pushsvc.apps import App
from pushsvc.concealed import concealed
from pushsvc.delivery.attempts import PATIENCE, Attempts
from pushsvc.delivery.lanes import Lane, Lanes
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IOutbox
from pushsvc.model import Kind, Waiting

# Seconds a process may hold a notification: an attempt, and as long again for its turn to come.
LEASE = 2 * PATIENCE
# Turns on the lane of an app that is no longer configured: nothing is sent there.
UNKNOWN_APP = 100


class Sending:
    """
    Sends, and tells the outbox what became of it.

    :ivar wake: told when something becomes due.
    :ivar free: told when a turn on a lane became free.
    """

    log = Logger()

    def __init__(self, outbox: IOutbox, apps: Mapping[str, App], attempts: Attempts, clock: IReactorTime) -> None:
        self.lanes = Lanes()
        self.wake: Callable[[float], None] = lambda due: None
        self.free: Callable[[str], None] = lambda lane: None
        self._outbox = outbox
        self._apps = apps
        self._attempts = attempts
        self._clock = clock
        self._places: dict[tuple[str, Kind, int], Deferred[None]] = {}

    def send(self, waiting: Waiting, turn: Lane | None = None) -> None:
        """
        See to it that this is sent.

        What is being sent at this place already learns of it from the outbox, when it is done with.

        :param turn: on a lane, if there is one already; it is given back.
        """
        place = (waiting.target.key, waiting.notification.kind, waiting.slot)
        if place in self._places:
            self.giveBack(turn)
            return
        self._places[place] = Deferred()
        sending = ensureDeferred(self._onItsLane(waiting, turn))
        sending.addBoth(lambda _: self._places.pop(place).callback(None))

    def giveBack(self, turn: Lane | None) -> None:
        """
        A turn is over, if there was one; whoever waits for it is told.
        """
        if turn is not None:
            self.lanes.leave(turn)
            self.free(turn.name)

    async def finish(self, seconds: float) -> None:
        """
        Wait until nothing is being sent, or for so long.
        """
        if self._places:
            answers = DeferredList(list(self._places.values()), consumeErrors=True)
            await answers.addTimeout(seconds, self._clock, onTimeoutCancel=lambda late, _: [])

    async def _onItsLane(self, waiting: Waiting, turn: Lane | None) -> None:
        leased = self._clock.seconds() + LEASE
        if turn is None:
            app = self._apps.get(waiting.target.app)
            turn = self.lanes.get(waiting.lane, UNKNOWN_APP if app is None else app.maxInFlight)
            await turn.enter()
        try:
            await self._untilDone(waiting, leased)
        except TryLater:
            # The storage does not answer: the lease ends, and then somebody takes it up again.
            pass
        except Exception:
            self.log.failure("sending failed", concealed())
        self.giveBack(turn)

    async def _untilDone(self, waiting: Waiting, leased: float) -> None:
        while True:
            now = self._clock.seconds()
            if now > leased - PATIENCE:
                # Somebody else could take it while we send it.
                await self._outbox.postpone(waiting, now, tried=False)
                self.wake(now)
                return
            done = waiting.expires <= now
            if not done:
                verdict = await self._attempts.attempt(waiting)
                now = self._clock.seconds()
                if verdict.again is not None:
                    waiting = verdict.again
                    continue
                if verdict.retryIn is not None:
                    await self._outbox.postpone(waiting, now + verdict.retryIn)
                    self.wake(now + verdict.retryIn)
                    return
            newer = await self._outbox.finish(waiting, now + LEASE)
            if newer is None:
                return
            waiting, leased = newer, now + LEASE
