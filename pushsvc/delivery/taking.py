"""
Takes what is due from the outbox, when it is due; and looks after what nobody else looks after.
"""

from twisted.internet.defer import Deferred, ensureDeferred, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.delivery.process import isDead
from pushsvc.delivery.sending import LEASE, Sending
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IOutbox

# Taken at once.
HANDFUL = 100
# Seconds between looks for what nobody wants any more, and for what a dead process left behind.
ROUND = 60.0


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
        self._clock = clock
        self._process = ""
        self._running = False
        self._alarm: IDelayedCall | None = None
        self._taking: Deferred[None] | None = None
        self._rang = False
        # Lanes of which something waits that they could not take.
        self._behind: set[str] = set()
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
        if lane and self._sending.lanes.isFull(lane):
            self._behind.add(lane)
            return
        now = self._clock.seconds()
        if self._alarm is not None and self._alarm.active():
            if self._alarm.getTime() <= max(due, now):
                return
            self._alarm.cancel()
        self._alarm = self._clock.callLater(max(0.0, due - now), self._ring)

    def hasTurn(self, lane: str) -> None:
        """
        A turn on this lane became free.
        """
        if lane in self._behind:
            self.wakeAt(self._clock.seconds(), lane)

    def _ring(self) -> None:
        if self._taking is not None:
            # What is being taken was asked for before this.
            self._rang = True
            return
        self._rang = False
        self._taking = Deferred()
        taking = ensureDeferred(self._take())
        taking.addErrback(lambda failure: self.log.failure("taking from the outbox failed", concealed(failure)))
        taking.addBoth(lambda _: self._taken())

    def _taken(self) -> None:
        taking, self._taking = self._taking, None
        if taking is not None:
            taking.callback(None)
        if self._rang:
            self.wakeAt(self._clock.seconds())

    async def _take(self) -> None:
        full = self._sending.lanes.full
        now = self._clock.seconds()
        due: float | None = now + ROUND
        try:
            taken = await self._outbox.claim(self._process, now, now + LEASE, HANDFUL, full)
            if not self._running:
                return
            for waiting in taken:
                self._sending.send(waiting)
            more = len(taken) == HANDFUL
            due = now if more else await self._outbox.nextDue(full)
            # What is left behind is on the lanes that were full, or was more than a handful. A turn that became free
            # meanwhile was told to nobody.
            self._behind = {*full, *(waiting.lane for waiting in taken if more)}
            if not all(self._sending.lanes.isFull(lane) for lane in full):
                due = now
        except TryLater:
            pass
        if due is not None:
            self.wakeAt(due)

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
        if self._running:
            self._ring()
