"""
The publisher as a part that is started and stopped.
"""

from collections.abc import Callable, Sequence
from typing import Any

from twisted.application.service import IService, MultiService
from twisted.internet.defer import CancelledError, Deferred, DeferredList, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from pushsvc.concealed import concealed
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IEnablements
from pushsvc.publisher.publisher import Publisher
from pushsvc.publisher.waking import Waking

# Seconds between looks for what has ended.
ROUND = 3600.0
# Seconds a clean stop waits for what is being told.
LAST_WORDS = 5.0


class PublisherService(MultiService):
    """
    Starts the feeds, wakes everybody for whom something waits, and forgets what has ended.
    """

    log = Logger()

    def __init__(
        self,
        publisher: Publisher,
        enablements: IEnablements,
        feeds: Sequence[Any],
        clock: IReactorTime,
        wakeOnStart: bool,
        expires: float | None,
        probation: float,
        isReady: Callable[[], bool] = lambda: True,
    ) -> None:
        """
        :param feeds: those that are services are started and stopped.
        :param isReady: whether stanzas can leave.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self._publisher = publisher
        self._enablements = enablements
        self._clock = clock
        self._waking = Waking(enablements, publisher, clock, isReady) if wakeOnStart else None
        self._expires = expires
        self._probation = probation
        self._rounds = LoopingCall(self._round)
        self._rounds.clock = clock
        self._waken: Deferred[Any] | None = None
        for feed in feeds:
            if IService.providedBy(feed):
                feed.setServiceParent(self)  # type: ignore[no-untyped-call]

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        self._rounds.start(ROUND, now=False).addErrback(
            lambda failure: self.log.failure("the publisher's rounds ended", concealed(failure))
        )
        if self._waking is not None:
            waking = ensureDeferred(self._waking.whenReady())
            waking.addErrback(self._onWakingFailed)
            self._waken = waking

    def stopService(self) -> Deferred[None]:
        return ensureDeferred(self._stop())

    async def _stop(self) -> None:
        stopping = super().stopService()  # type: ignore[no-untyped-call]
        if self._rounds.running:
            self._rounds.stop()
        if self._waking is not None and self._waken is not None:
            self._waking.stop()
            # It may be waiting for links, or for the storage.
            self._waken.cancel()
        await stopping
        last = self._publisher.finish()
        if last:
            waiting = DeferredList(last, consumeErrors=True)
            await waiting.addTimeout(LAST_WORDS, self._clock, onTimeoutCancel=self._onLate)

    def _onLate(self, _: object, seconds: float) -> list[object]:
        self.log.error("not everything was told within {seconds:g} seconds of stopping", seconds=seconds)
        return []

    def _onWakingFailed(self, failure: Failure) -> None:
        if not isinstance(failure.value, CancelledError):
            self.log.failure("waking failed", concealed(failure))

    async def _round(self) -> None:
        now = self._clock.seconds()
        before = 0.0 if self._expires is None else now - self._expires
        try:
            # On probation services are tried, and forgotten when they refuse; of accounts to which nothing happens
            # nobody would ever know.
            await self._enablements.expire(before, now - 2 * self._probation)
        except TryLater:
            pass
        except Exception:
            self.log.failure("looking for what has ended failed", concealed())
