"""
Takes what is due from the outbox, when it is due; and looks after what nobody else looks after.

There are two ways to look. One is to look at everything, when something becomes due. The other is to look at lanes of
which it is known that something waits for them, when they have turns; that costs the same however much waits elsewhere.
"""

from collections import Counter

from twisted.internet.defer import Deferred, ensureDeferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.delivery.process import isDead
from pushsvc.delivery.sending import LEASE, Sending
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IOutbox

# Taken at once: of everything, and of each lane by itself; and of how many of these at once, and how much of them all.
HANDFUL = 100
LANES = 50
ARMFUL = 500
# Lanes that are passed by at once.
PASSED = 500
# Seconds between looks for what nobody wants any more, and for what a dead process left behind.
ROUND = 60.0
# Seconds until the next look at everything when there was something of which nothing could be taken.
BREATH = 1.0
# Seconds until the next look when the storage did not answer.
AGAIN = 5.0
# A look at everything that took long is followed by so many times as long without one.
REST = 4.0


class Taking:
    """
    Wakes when the next thing is due.

    :ivar expired: how many were dropped because nobody wanted them any more.
    """

    log = Logger()

    def __init__(self, outbox: IOutbox, sending: Sending, clock: IReactorTime) -> None:
        self.expired = 0
        self._outbox = outbox
        self._sending = sending
        self._lanes = sending.lanes
        self._clock = clock
        self._process = ""
        self._running = False
        self._alarm: IDelayedCall | None = None
        self._taking: Deferred[None] | None = None
        # When everything is to be looked at, and not before when.
        self._due: float | None = None
        self._rested = 0.0
        # Lanes of which something waits that they could not take; those of them that have turns now; and those that
        # were passed by when everything was looked at, so that it is not known when more of theirs is due.
        self._behind: set[str] = set()
        self._ready: dict[str, None] = {}
        self._passed: set[str] = set()
        self._rounds = LoopingCall(self._round)
        self._rounds.clock = clock

    def start(self, process: str) -> None:
        """
        Begin, in the name of a process.
        """
        self._process = process
        self._running = True
        self._rounds.start(ROUND).addErrback(lambda failure: self.log.failure("the rounds ended", concealed(failure)))

    def stop(self) -> Deferred[None]:
        """
        Take no more.

        :returns: fires when what was being taken has been taken.
        """
        self._running = False
        if self._rounds.running:
            self._rounds.stop()
        if self._alarm is not None and self._alarm.active():
            self._alarm.cancel()
        return self._taking or succeed(None)

    def isBehind(self, lane: str) -> bool:
        """
        Whether something older waits for this lane.
        """
        return lane in self._behind

    def wakeAt(self, due: float, lane: str = "") -> None:
        """
        Look then.

        :param lane: the one that it is about, if it is one: there is nothing to look for while it is full.
        """
        if not self._running:
            return
        now = self._clock.seconds()
        if lane and due <= now and (lane in self._behind or self._lanes.isFull(lane)):
            self._behind.add(lane)
            self.hasTurn(lane)
            return
        due = max(due, self._rested)
        if self._due is None or due < self._due:
            self._due = due
            self._ringAt(due)

    def lookAnew(self) -> None:
        """
        Look now, however short a while ago that was done.
        """
        self._rested = 0.0
        self.wakeAt(self._clock.seconds())

    def hasTurn(self, lane: str) -> None:
        """
        A turn on this lane became free.
        """
        if not self._running:
            return
        if lane in self._behind and not self._lanes.isFull(lane):
            self._ready[lane] = None
            self._ringAt(self._clock.seconds())
        if self._lanes.refused:
            self._lanes.refused = False
            self.wakeAt(self._clock.seconds())

    def _ringAt(self, time: float) -> None:
        if self._taking is not None:
            return
        now = self._clock.seconds()
        if self._alarm is not None and self._alarm.active():
            if self._alarm.getTime() <= max(time, now):
                return
            self._alarm.cancel()
        self._alarm = self._clock.callLater(max(0.0, time - now), self._ring)

    def _ring(self) -> None:
        self._taking = Deferred()
        taking = ensureDeferred(self._take())
        taking.addErrback(lambda failure: self.log.failure("taking from the outbox failed", concealed(failure)))
        taking.addBoth(lambda _: self._taken())

    def _taken(self) -> None:
        taking, self._taking = self._taking, None
        if taking is not None:
            taking.callback(None)
        if not self._running:
            return
        # What came meanwhile was not known when the outbox was asked.
        if self._ready:
            self._ringAt(self._clock.seconds())
        if self._due is not None:
            self._ringAt(self._due)

    async def _take(self) -> None:
        try:
            if self._due is not None and self._due <= self._clock.seconds():
                await self._lookAtEverything()
            elif self._ready:
                await self._lookAtLanes()
        except TryLater:
            self.wakeAt(self._clock.seconds() + AGAIN)

    async def _lookAtEverything(self) -> None:
        self._due = None
        now = self._clock.seconds()
        leased = now + LEASE
        rooms = self._lanes.rooms()
        full = [name for name, room in rooms.items() if not room][:PASSED]
        taken = await self._outbox.claim(
            self._process, now, leased, HANDFUL, full, rooms, self._lanes.roomForStrangers
        )
        if not self._running:
            return
        for waiting in taken:
            self._sending.send(waiting, leased)
        due: float | None = now
        if taken:
            self._behind |= {*full, *(waiting.lane for waiting in taken)}
        else:
            self._behind = set(full)
            due = await self._outbox.nextDue(full)
            if due is not None and due <= now:
                due = now + BREATH
        self._passed = set(full)
        self._rested = now + min(ROUND, (1 + REST) * (self._clock.seconds() - now))
        if due is not None:
            self.wakeAt(due)
        # A turn that became free meanwhile was told to nobody.
        for lane in list(self._behind):
            self.hasTurn(lane)

    async def _lookAtLanes(self) -> None:
        now = self._clock.seconds()
        rooms: dict[str, int] = {}
        while self._ready and len(rooms) < LANES:
            lane = next(iter(self._ready))
            del self._ready[lane]
            if room := min(self._lanes.room(lane), HANDFUL):
                rooms[lane] = room
        if not rooms:
            return
        leased = now + LEASE
        taken = await self._outbox.claim(self._process, now, leased, ARMFUL, (), rooms, 0)
        if not self._running:
            return
        for waiting in taken:
            self._sending.send(waiting, leased)
        found = Counter(waiting.lane for waiting in taken)
        for lane, room in rooms.items():
            if found[lane] == room or len(taken) == ARMFUL:
                self.hasTurn(lane)
                continue
            self._behind.discard(lane)
            if lane in self._passed:
                self._passed.discard(lane)
                self.wakeAt(now)

    async def _round(self) -> None:
        try:
            for owner in await self._outbox.owners():
                if isDead(owner, self._process):
                    await self._outbox.release(owner, self._clock.seconds())
            self.expired += await self._outbox.expire(self._clock.seconds())
        except TryLater:
            pass
        except Exception:
            # The next round may do better; without rounds nobody looks after anything.
            self.log.failure("a round failed", concealed())
        self.lookAnew()
