"""
What is being sent: each place of the outbox once, and on its lane.
"""

import random
from collections.abc import Callable, Mapping
from typing import TypeAlias

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from pushsvc.apps import App
from pushsvc.concealed import concealed
from pushsvc.concurrently import Errands
from pushsvc.delivery.attempts import PATIENCE, Attempts
from pushsvc.delivery.lanes import Lane, Lanes
from pushsvc.delivery.limits import Limits
from pushsvc.delivery.verdict import Verdict
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IOutbox
from pushsvc.model import Kind, Waiting

# Key, kind, slot.
Place: TypeAlias = tuple[str, Kind, int]

# Seconds a process may hold a notification: an attempt, and as long again for those that follow it at once.
LEASE = 2 * PATIENCE
# Seconds until the outbox is told again what it could not note down.
AGAIN = 2.0
# Turns on the lane of an app that is no longer configured: nothing is sent there.
UNKNOWN_APP = 100


class Sending:
    """
    Sends, and tells the outbox what became of it.

    :ivar expired: how many were dropped because nobody wanted them any more when they were to be sent.
    :ivar wake: told when something on a lane becomes due.
    :ivar free: told when a turn on a lane became free.
    :ivar recovered: told when a lane is well after all, or for the first time; and whether it was left alone.
    """

    log = Logger()

    def __init__(
        self,
        outbox: IOutbox,
        apps: Mapping[str, App],
        attempts: Attempts,
        clock: IReactorTime,
        limits: Limits,
        randomly: Callable[[], float] = random.random,
    ) -> None:
        self.lanes = Lanes(clock, randomly)
        for app in apps.values():
            self.lanes.expect(app.name, app.maxInFlight)
        self.expired = 0
        self.wake: Callable[[float, str], None] = lambda due, lane: None
        self.free: Callable[[str], None] = lambda lane: None
        self.recovered: Callable[[Lane, bool], None] = lambda lane, wasTripped: None
        self._outbox = outbox
        self._apps = apps
        self._attempts = attempts
        self._clock = clock
        self._limits = limits
        self._places: set[Place] = set()
        self._isEnding = False
        self._errands = Errands(clock)

    def send(self, waiting: Waiting, leased: float, turn: Lane | None = None) -> None:
        """
        See to it that this is sent.

        What is being sent at this place already learns of it from the outbox, when it is done with. What its lane
        cannot take after all goes back.

        :param leased: seconds since 1970 until which it is ours. It may have taken the outbox long to say so.
        :param turn: on a lane, if there is one already; it is given back.
        """
        place = (waiting.target.key, waiting.notification.kind, waiting.slot)
        if place in self._places:
            self.giveBack(turn)
            return
        if turn is not None and turn.name != waiting.lane:
            # What somebody else put there meanwhile goes another way.
            self.giveBack(turn)
            turn = None
        if turn is None:
            app = self._apps.get(waiting.target.app)
            most = UNKNOWN_APP if app is None else app.maxInFlight
            turn = self.lanes.turn(waiting.lane, waiting.target.app, most)
        self._places.add(place)
        self._errands.run(self._send(place, waiting, leased, turn))

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
        self._isEnding = True
        await self._errands.finish(seconds)

    async def _send(self, place: Place, waiting: Waiting, leased: float, turn: Lane | None) -> None:
        try:
            if turn is None:
                # A full lane is told of when it has a turn; one that is left alone is not: then it is due when it is
                # not.
                await self._postpone(waiting, waiting.due, leased, tried=False)
            else:
                await self._untilDone(waiting, leased, turn)
        except TryLater:
            # The storage did not answer in time: the lease ends, and then somebody takes it up again.
            pass
        except Exception:
            self.log.failure("sending failed", concealed())
        finally:
            self._places.discard(place)
            self.giveBack(turn)

    async def _untilDone(self, waiting: Waiting, leased: float, turn: Lane) -> None:
        now = self._clock.seconds()
        while now <= leased - PATIENCE and waiting.lane == turn.name:
            isWanted = waiting.expires > now
            if isWanted:
                verdict = await self._attempts.attempt(waiting)
                now = self._clock.seconds()
                self._learn(verdict, waiting, turn, now)
                if verdict.again is not None:
                    waiting = verdict.again
                    continue
                if verdict.retryIn is not None:
                    # What its lane is to blame for is no attempt of its own: it goes as soon as the lane is well.
                    tried = verdict.isWell is not False or not turn.breaker.isTripped
                    await self._postpone(waiting, now + verdict.retryIn, leased, tried)
                    return
            newer, leased = await self._finish(waiting, leased)
            if newer is None:
                self.expired += not isWanted
                return
            waiting, now = newer, self._clock.seconds()
            wait = self._limits.again(waiting.target.key, now)
            if wait:
                await self._postpone(waiting, now + wait, leased, tried=False)
                return
        # Somebody else could take it while we send it; or it is on another lane, where it has no turn.
        await self._postpone(waiting, now, leased, tried=False)

    def _learn(self, verdict: Verdict, waiting: Waiting, turn: Lane, now: float) -> None:
        tripped = False
        if verdict.isWell:
            wasTripped = turn.breaker.isTripped
            if self.lanes.succeeded(turn):
                self.recovered(turn, wasTripped)
        elif verdict.isWell is False:
            tripped = self.lanes.failed(turn, verdict.lanePause)
        elif verdict.devicePause is not None:
            tripped = self.lanes.doubted(turn)
            self._limits.pause(waiting.target.key, now + verdict.devicePause)
        if tripped:
            # What is due on this lane is to be put off.
            self.wake(now, "")

    async def _finish(self, sent: Waiting, leased: float) -> tuple[Waiting | None, float]:
        while True:
            until = self._clock.seconds() + LEASE
            try:
                return await self._outbox.finish(sent, until), until
            except TryLater:
                await self._pause(leased)

    async def _postpone(self, waiting: Waiting, due: float, leased: float, tried: bool) -> None:
        due = self.lanes.later(waiting.lane, due, tried or waiting.attempts > 0)
        while True:
            try:
                await self._outbox.postpone(waiting, due, tried)
                break
            except TryLater:
                await self._pause(leased)
        self.wake(due, waiting.lane)

    async def _pause(self, leased: float) -> None:
        """
        The storage is in trouble. What it does not learn of while this is ours is sent once more: that is worth trying
        again, and nothing else can be sent meanwhile.

        :raises TryLater: it is ours no longer.
        """
        if self._isEnding or self._clock.seconds() + AGAIN >= leased:
            raise TryLater("the storage does not answer")
        await deferLater(self._clock, AGAIN)
