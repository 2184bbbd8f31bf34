"""
Telling the publisher, from where nobody waits for it.
"""

from collections.abc import Collection

from twisted.internet.defer import CancelledError, Deferred, DeferredList, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.errors import TryLater
from pushsvc.event import Event
from pushsvc.ipushsvc import IPublisher

# Seconds between attempts while the storage does not answer, and how many there are.
AGAIN = 5.0
ATTEMPTS = 12
# Events that may wait for that; whoever has more to tell is heard no more.
MOST = 10_000


class Telling:
    """
    Events on their way from one feed to the publisher.
    """

    log = Logger()

    def __init__(self, publisher: IPublisher, clock: IReactorTime) -> None:
        self._publisher = publisher
        self._clock = clock
        self._under: set[Deferred[None]] = set()
        # Of accounts whose events have to wait: what is to be told before any other.
        self._held: dict[str, Deferred[None]] = {}
        self._lost = 0
        self._isFinished = False

    @property
    def underWay(self) -> Collection[Deferred[None]]:
        """
        What has not been taken yet.
        """
        return self._under

    def tell(self, event: Event) -> None:
        """
        See to it that the publisher hears of it.
        """
        if len(self._under) >= MOST:
            self._lose("too much happens at once")
            return
        telling = ensureDeferred(self._tellOrLose(event))
        self._under.add(telling)
        telling.addBoth(lambda _: self._under.discard(telling))

    async def finish(self, seconds: float) -> None:
        """
        We stop: wait until all of it has been taken, or for so long; what has not been taken by then is lost, and so is
        what cannot be taken at once from then on.
        """
        self._isFinished = True
        if self._under:
            # What is late is cancelled with the list.
            waiting = DeferredList(list(self._under), consumeErrors=True)
            await waiting.addTimeout(seconds, self._clock, onTimeoutCancel=lambda late, _: [])

    async def _tellOrLose(self, event: Event) -> None:
        try:
            await self._tell(event)
        except CancelledError:
            self._lose("we stop before they are taken")

    async def _tell(self, event: Event) -> None:
        # Who came back did so after what was put aside for him.
        while (before := self._held.get(event.account)) is not None:
            await ended(before)
        if await self._isTaken(event):
            return
        if self._isFinished:
            self._lose("the storage does not answer, and we stop")
            return
        done = self._held[event.account] = Deferred()
        try:
            await self._again(event)
        finally:
            if self._held.get(event.account) is done:
                del self._held[event.account]
            done.callback(None)

    async def _again(self, event: Event) -> None:
        for _ in range(ATTEMPTS - 1):
            await deferLater(self._clock, AGAIN)
            if await self._isTaken(event):
                return
        self._lose("the storage does not answer")

    async def _isTaken(self, event: Event) -> bool:
        try:
            await self._publisher.happened(event)
        except TryLater:
            return False
        except CancelledError:
            # Nobody waits for it any longer.
            raise
        except Exception:
            self.log.failure("an event could not be told: this is a bug", concealed())
        return True

    def _lose(self, why: str) -> None:
        # Once in a while: whoever reads the log needs to know, not to count lines.
        self._lost += 1
        if self._lost & (self._lost - 1) == 0:
            self.log.error("events are lost ({lost} by now): {why}", lost=self._lost, why=why)


async def ended(before: Deferred[None]) -> None:
    """
    Wait for something that others wait for as well: its result stays its own.
    """
    waiting: Deferred[None] = Deferred()

    def end(result: object) -> object:
        if not waiting.called:
            waiting.callback(None)
        return result

    before.addBoth(end)
    await waiting
