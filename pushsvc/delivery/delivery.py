"""
The delivery: accepts notifications, and works the outbox off.
"""

from collections.abc import Mapping
from uuid import uuid4

from twisted.application.service import Service
from twisted.internet.defer import Deferred, DeferredList, ensureDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from zope.interface import implementer

from pushsvc.apps import App
from pushsvc.delivery.attempts import PATIENCE, Attempts
from pushsvc.delivery.lanes import Lane
from pushsvc.delivery.process import isDead
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IDelivery, IOutbox
from pushsvc.model import Kind, Notification, Target, Waiting

# Seconds a process may hold a notification: an attempt, and as long again for its turn to come.
LEASE = 2 * PATIENCE
# Taken from the outbox at once.
HANDFUL = 100
# Seconds between looks for what nobody wants any more, and for what a dead process left behind.
ROUND = 60.0
# Seconds a clean stop waits for answers.
LAST_ANSWERS = 10.0

Place = tuple[str, Kind, int]


def _place(waiting: Waiting) -> Place:
    return waiting.target.key, waiting.notification.kind, waiting.slot


@implementer(IDelivery)
class Delivery(Service):
    """
    Keeps the promise that an accepted publish is.
    """

    log = Logger()
    name = "delivery"

    def __init__(
        self, outbox: IOutbox, apps: Mapping[str, App], attempts: Attempts, clock: IReactorTime, process: str
    ) -> None:
        self._outbox = outbox
        self._apps = apps
        self._attempts = attempts
        self._clock = clock
        self._process = process
        self._lanes: dict[str, Lane] = {}
        # What is being sent, and what has come in its place since.
        self._sending: dict[Place, Deferred[None]] = {}
        self._since: dict[Place, Waiting] = {}
        self._backlog: set[str] = set()
        self._alarmClock: IDelayedCall | None = None
        self._taking = False
        self._rounds = LoopingCall(self._round)
        self._rounds.clock = clock

    # Accepting

    async def accept(self, target: Target, notification: Notification) -> None:
        app = self._apps.get(target.app)
        if app is None:
            raise TryLater("the app is not configured")
        lane = app.provider.lane(target)
        # What the lane cannot take now waits on disk, where everybody sees it.
        turn = bool(self.running) and self._lane(lane, app).tryEnter()
        try:
            stored = await self._put(app, lane, target, notification, turn)
        except BaseException:
            if turn:
                self._leave(lane)
            raise
        if stored.owner == self._process:
            self._send(stored, turn)
            return
        if turn:
            self._leave(lane)
        if stored.owner is None:
            self._wakeAt(stored.due, lane)

    async def _put(self, app: App, lane: str, target: Target, notification: Notification, mine: bool) -> Waiting:
        now = self._clock.seconds()
        return await self._outbox.put(
            Waiting(
                target=target,
                notification=app.allowed(notification),
                pushId=str(uuid4()),
                lane=lane,
                expires=now + app.ttl,
                due=now,
                slot=0 if notification.encrypted is None else 1,
                owner=self._process if mine else None,
            ),
            now + LEASE,
        )

    # Sending

    def _send(self, waiting: Waiting, turn: bool) -> None:
        place = _place(waiting)
        if place in self._sending:
            self._since[place] = waiting
            if turn:
                self._leave(waiting.lane)
            return
        self._sending[place] = Deferred()
        ensureDeferred(self._sendAll(waiting, turn)).addErrback(
            lambda failure: self.log.failure("sending failed", failure)
        ).addBoth(lambda _: self._sent(place, waiting.lane))

    def _sent(self, place: Place, lane: str) -> None:
        self._since.pop(place, None)
        self._leave(lane)
        self._sending.pop(place).callback(None)
        if lane in self._backlog:
            self._wakeAt(self._clock.seconds(), lane)

    async def _sendAll(self, waiting: Waiting, turn: bool) -> None:
        place = _place(waiting)
        leased = self._clock.seconds() + LEASE
        if not turn:
            await self._lane(waiting.lane, self._apps.get(waiting.target.app)).enter()
        current: Waiting | None = waiting
        while current is not None:
            if self._clock.seconds() > leased - PATIENCE:
                return
            done = current
            try:
                current = await self._sendOne(done)
            except TryLater:
                # The storage does not answer: its lease ends, and then somebody takes it up again.
                return
            since = self._since.pop(place, None)
            if current is None and since is not None and since.pushId != done.pushId:
                current = since
            leased = self._clock.seconds() + LEASE

    async def _sendOne(self, waiting: Waiting) -> Waiting | None:
        now = self._clock.seconds()
        if waiting.expires <= now:
            return await self._outbox.finish(waiting, now + LEASE)
        verdict = await self._attempts.attempt(waiting)
        now = self._clock.seconds()
        if verdict.again is not None:
            return verdict.again
        if verdict.retryIn is None:
            return await self._outbox.finish(waiting, now + LEASE)
        # Whatever came in its place meanwhile waits with it.
        self._since.pop(_place(waiting), None)
        await self._outbox.postpone(waiting, now + verdict.retryIn)
        self._wakeAt(now + verdict.retryIn)
        return None

    # Working the outbox off

    def _lane(self, name: str, app: App | None) -> Lane:
        lane = self._lanes.get(name)
        if lane is None:
            lane = self._lanes[name] = Lane(HANDFUL if app is None else app.maxInFlight)
        return lane

    def _leave(self, name: str) -> None:
        lane = self._lanes[name]
        lane.leave()
        if lane.idle:
            del self._lanes[name]

    def _wakeAt(self, due: float, lane: str | None = None) -> None:
        if not self.running:
            return
        if lane is not None and lane in self._lanes and self._lanes[lane].full:
            self._backlog.add(lane)
            return
        delay = max(0.0, due - self._clock.seconds())
        if self._alarmClock is not None and self._alarmClock.active():
            if self._alarmClock.getTime() <= self._clock.seconds() + delay:
                return
            self._alarmClock.cancel()
        self._alarmClock = self._clock.callLater(delay, self._wake)

    def _wake(self) -> None:
        if self._taking:
            return
        self._taking = True
        ensureDeferred(self._take()).addErrback(
            lambda failure: self.log.failure("taking from the outbox failed", failure)
        )

    async def _take(self) -> None:
        full = sorted(name for name, lane in self._lanes.items() if lane.full)
        self._backlog = set(full)
        now = self._clock.seconds()
        due: float | None = now + ROUND
        try:
            taken = await self._outbox.claim(self._process, now, now + LEASE, HANDFUL, full)
            for waiting in taken:
                self._send(waiting, turn=False)
            due = now if len(taken) == HANDFUL else await self._outbox.nextDue(full)
        except TryLater:
            pass
        finally:
            self._taking = False
        if due is not None:
            self._wakeAt(due)

    async def _round(self) -> None:
        try:
            for owner in await self._outbox.owners():
                if isDead(owner, self._process):
                    await self._outbox.release(owner, self._clock.seconds())
            dropped = await self._outbox.expire(self._clock.seconds())
        except TryLater:
            return
        if dropped:
            self._attempts.counts["", "expired"] += dropped
        self._wake()

    # Starting and stopping

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        self._rounds.start(ROUND).addErrback(lambda failure: self.log.failure("the rounds ended", failure))

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]
        if self._rounds.running:
            self._rounds.stop()
        if self._alarmClock is not None and self._alarmClock.active():
            self._alarmClock.cancel()
        return ensureDeferred(self._finish())

    async def _finish(self) -> None:
        if self._sending:
            answers = DeferredList(list(self._sending.values()), consumeErrors=True)
            await answers.addTimeout(LAST_ANSWERS, self._clock, onTimeoutCancel=lambda late, _: [])
        try:
            await self._outbox.release(self._process, self._clock.seconds())
        except TryLater:
            self.log.error("what is not sent yet is taken up again when its lease ends: the storage does not answer")
