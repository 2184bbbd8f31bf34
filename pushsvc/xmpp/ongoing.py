"""
Requests that are being answered: a clean stop lets them get their answers.
"""

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime

from pushsvc.concurrently import Errands


class Ongoing(Errands):
    """
    The requests of all links.

    :ivar closing: from now on, who asks is told to try later.
    :ivar last: what is to be done at once when it begins: it may begin further errands.
    """

    def __init__(self, clock: IReactorTime) -> None:
        super().__init__(clock)
        self.clock = clock
        self.closing = False
        self.last: list[Callable[[], None]] = []

    async def finish(self, seconds: float) -> None:
        """
        Take no more, and wait until those that were taken have their answers, or for so long.
        """
        self.closing = True
        for last in self.last:
            last()
        await super().finish(seconds)
