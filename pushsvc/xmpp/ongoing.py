"""
Requests that are being answered: a clean stop lets them get their answers.
"""

from twisted.internet.interfaces import IReactorTime

from pushsvc.concurrently import Errands


class Ongoing(Errands):
    """
    The requests of all links.

    :ivar closing: from now on, who asks is told to try later.
    """

    def __init__(self, clock: IReactorTime) -> None:
        super().__init__(clock)
        self.closing = False

    async def finish(self, seconds: float) -> None:
        """
        Take no more, and wait until those that were taken have their answers, or for so long.
        """
        self.closing = True
        await super().finish(seconds)
