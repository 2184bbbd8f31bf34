"""
The delivery: makes promises, and sees to it that they are kept.
"""

import random
from collections.abc import Callable, Mapping

from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from pushsvc.apps import App
from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.hurrying import Hurrying
from pushsvc.delivery.lanes import Lane
from pushsvc.delivery.limits import Limits, unlimited
from pushsvc.delivery.process import ownName
from pushsvc.delivery.pushids import PushIds
from pushsvc.delivery.remembering import Remembering
from pushsvc.delivery.sending import LEASE, Sending
from pushsvc.delivery.taking import Taking
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IDelivery, IOutbox, IVerdictBook
from pushsvc.model import Kind, Notification, Target, Waiting

# Seconds a clean stop waits for answers.
LAST_ANSWERS = 10.0
# Seconds that a call rings: nobody wants to be told of one after that.
RINGS = 60
# Seconds by which the clock may be set back without anything being done about what waits: it waits as much longer.
LITTLE = 30.0


@implementer(IDelivery)
class Delivery(Service):
    """
    Keeps the promise that an accepted publish is.

    :param naming: names the process, once it has forked.
    :param limits: on what is published; None: there are none.
    :param book: where it is remembered what became of pushes; None: nowhere.
    """

    log = Logger()
    name = "delivery"

    def __init__(
        self,
        outbox: IOutbox,
        apps: Mapping[str, App],
        attempts: Attempts,
        clock: IReactorTime,
        naming: Callable[[], str] = ownName,
        limits: Limits | None = None,
        book: IVerdictBook | None = None,
        randomly: Callable[[], float] = random.random,
    ) -> None:
        self._outbox = outbox
        self._apps = apps
        self._clock = clock
        self._naming = naming
        self._process = ""
        # Seconds by which the clock was set back, while nothing was done about it.
        self._setBack = 0.0
        self._attempts = attempts
        self._limits = limits or unlimited()
        self._pushIds = PushIds()
        self._sending = Sending(outbox, apps, attempts, clock, self._limits, randomly)
        self._lanes = self._sending.lanes
        self._taking = Taking(outbox, self._sending, clock)
        self._hurrying = Hurrying(outbox, self._taking.wakeAt, clock)
        self._sending.wake = self._taking.wakeAt
        self._sending.free = self._taking.hasTurn
        self._sending.recovered = self._hurrying.lane
        self._remembering = None if book is None else Remembering(book, clock)
        if self._remembering is not None:
            attempts.tell = self._remembering.hear

    @property
    def expired(self) -> int:
        """
        How many were dropped because nobody wanted them any more.
        """
        return self._taking.expired + self._sending.expired

    @property
    def merged(self) -> Mapping[str, int]:
        """
        How often a publish had to wait because of a limit, by limit.
        """
        return self._limits.merged

    @property
    def shut(self) -> Mapping[str, int]:
        """
        How many lanes of each app are left alone because they failed.
        """
        return self._lanes.shut

    async def accept(
        self, target: Target, notification: Notification, publisher: str = "", account: str = ""
    ) -> None:
        app = self._apps.get(target.app)
        if app is None:
            raise TryLater("the app is not configured")
        now = self._clock.seconds()
        wait = self._limits.publish(publisher, account, target.key, notification.kind, now)
        lane = app.provider.lane(target)
        turn = None if wait else self._turn(lane, app)
        try:
            waiting = self._waiting(app, lane, target, notification, turn, now, now + wait)
            leased = now + LEASE
            stored = await self._outbox.put(waiting, leased)
        except BaseException:
            self._sending.giveBack(turn)
            raise
        if turn is not None and self.running and stored.owner == self._process:
            self._sending.send(stored, leased, turn)
            return
        self._sending.giveBack(turn)
        if stored.owner is None:
            self._taking.wakeAt(stored.due, lane)

    def delay(self, publisher: str, account: str, key: str) -> float:
        return self._limits.publish(publisher, account, key, Kind.MESSAGE, self._clock.seconds())

    def mended(self, app: str) -> None:
        """
        What was in an app's way has passed: its credentials were renewed. What waits for it is due at once.
        """
        self._attempts.mended(app)
        self._hurry(app)

    def clockSetBack(self, seconds: float) -> None:
        """
        Moments to come are further away than was meant. What waits for one is due at once, unless it is hardly worth
        trying all of it: networks may have asked to be left alone.
        """
        self._setBack += seconds
        if self._setBack < LITTLE:
            return
        self._setBack = 0.0
        self._limits.unpause()
        self._taking.lookAnew()
        for app in self._apps:
            self._hurry(app)

    def _hurry(self, app: str) -> None:
        self._lanes.reset(app)
        self._hurrying.app(app)

    def _turn(self, lane: str, app: App) -> Lane | None:
        # What the lane cannot take now waits on disk, where everybody sees it; and first come those who wait already.
        if not self.running or self._taking.isBehind(lane):
            return None
        return self._lanes.turn(lane, app.name, app.maxInFlight)

    def _waiting(
        self,
        app: App,
        lane: str,
        target: Target,
        notification: Notification,
        turn: Lane | None,
        now: float,
        due: float,
    ) -> Waiting:
        return Waiting(
            target=target,
            notification=app.allowed(notification),
            pushId=self._pushIds.next(),
            lane=lane,
            expires=now + (app.ttl if notification.kind is not Kind.CALL else min(app.ttl, RINGS)),
            due=due if turn is not None else self._lanes.later(lane, due),
            slot=0 if notification.encrypted is None else 1,
            owner=None if turn is None else self._process,
        )

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        self._process = self._naming()
        self._hurrying.start()
        self._taking.start(self._process)

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]
        return ensureDeferred(self._finish())

    async def _finish(self) -> None:
        self._hurrying.stop()
        await self._taking.stop()
        await self._sending.finish(LAST_ANSWERS)
        if self._remembering is not None:
            await self._remembering.finish()
        try:
            await self._outbox.release(self._process, self._clock.seconds())
        except TryLater:
            self.log.error("what is not sent yet is taken up again when its lease ends: the storage does not answer")
