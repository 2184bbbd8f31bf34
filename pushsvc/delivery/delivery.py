"""
The delivery: makes promises, and sees to it that they are kept.
"""

from collections.abc import Callable, Mapping
from uuid import uuid4

from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from zope.interface import implementer

from pushsvc.apps import App
from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.lanes import Lane
from pushsvc.delivery.process import ownName
from pushsvc.delivery.sending import LEASE, Sending
from pushsvc.delivery.taking import Taking
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IDelivery, IOutbox
from pushsvc.model import Kind, Notification, Target, Waiting

# Seconds a clean stop waits for answers.
LAST_ANSWERS = 10.0
# Seconds that a call rings: nobody wants to be told of one after that.
RINGS = 60


@implementer(IDelivery)
class Delivery(Service):
    """
    Keeps the promise that an accepted publish is.

    :param naming: names the process, once it has forked.
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
    ) -> None:
        self._outbox = outbox
        self._apps = apps
        self._clock = clock
        self._naming = naming
        self._process = ""
        self._sending = Sending(outbox, apps, attempts, clock)
        self._taking = Taking(outbox, self._sending, clock)
        self._sending.wake = self._taking.wakeAt
        self._sending.free = self._taking.hasTurn

    @property
    def expired(self) -> int:
        """
        How many were dropped because nobody wanted them any more.
        """
        return self._taking.expired

    async def accept(self, target: Target, notification: Notification) -> None:
        app = self._apps.get(target.app)
        if app is None:
            raise TryLater("the app is not configured")
        lane = app.provider.lane(target)
        turn = self._turn(lane, app)
        try:
            stored = await self._put(app, lane, target, notification, turn)
        except BaseException:
            self._sending.giveBack(turn)
            raise
        if self.running and stored.owner == self._process:
            self._sending.send(stored, turn)
            return
        self._sending.giveBack(turn)
        if stored.owner is None:
            self._taking.wakeAt(stored.due, lane)

    def _turn(self, lane: str, app: App) -> Lane | None:
        # What the lane cannot take now waits on disk, where everybody sees it; and first come those who wait already.
        if not self.running or self._taking.isBehind(lane):
            return None
        return self._sending.lanes.turn(lane, app.maxInFlight)

    async def _put(
        self, app: App, lane: str, target: Target, notification: Notification, turn: Lane | None
    ) -> Waiting:
        now = self._clock.seconds()
        return await self._outbox.put(
            Waiting(
                target=target,
                notification=app.allowed(notification),
                pushId=str(uuid4()),
                lane=lane,
                expires=now + (app.ttl if notification.kind is not Kind.CALL else min(app.ttl, RINGS)),
                due=now,
                slot=0 if notification.encrypted is None else 1,
                owner=None if turn is None else self._process,
            ),
            now + LEASE,
        )

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        self._process = self._naming()
        self._taking.start(self._process)

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]
        return ensureDeferred(self._finish())

    async def _finish(self) -> None:
        await self._taking.stop()
        await self._sending.finish(LAST_ANSWERS)
        try:
            await self._outbox.release(self._process, self._clock.seconds())
        except TryLater:
            self.log.error("what is not sent yet is taken up again when its lease ends: the storage does not answer")
