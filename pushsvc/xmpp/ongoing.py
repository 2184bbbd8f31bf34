"""
Requests that are being answered: a clean stop lets them get their answers.
"""

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorTime


class Ongoing:
    """
    The requests of all links.

    :ivar closing: from now on, who asks is told to try later.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self.closing = False
        self._clock = clock
        self._answers: set[Deferred[None]] = set()

    def add(self, answered: Deferred[None]) -> None:
        """
        A request; it fires when its answer has been sent.
        """
        if not answered.called:
            self._answers.add(answered)
            answered.addBoth(lambda result: self._answers.discard(answered))

    async def finish(self, seconds: float) -> None:
        """
        Take no more, and wait until those that were taken have their answers, or for so long.
        """
        self.closing = True
        if self._answers:
            answers = DeferredList(list(self._answers), consumeErrors=True)
            await answers.addTimeout(seconds, self._clock, onTimeoutCancel=lambda late, _: [])
