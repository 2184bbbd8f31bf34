"""
After a restart everybody for whom something waits is told once more: who knows what was lost on the way.
"""

from collections.abc import Callable

from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from pushsvc.concealed import concealed
from pushsvc.concurrently import atOnce
from pushsvc.errors import TryLater
from pushsvc.event import Event, Occasion
from pushsvc.ipushsvc import IEnablements, IPublisher

# Accounts at a time: what they are told is on disk before the next are looked for.
HANDFUL = 100
# Seconds that links have to be up: servers say then what they grant us, and what was lost meanwhile comes again.
SETTLED = 6.0
# Seconds after which they are not waited for any more.
PATIENCE = 120.0
# Seconds between attempts while the storage does not answer, and how many of them may be in vain.
AGAIN = 5.0
ATTEMPTS = 12


class Waking:
    """
    Goes through them.

    :param isReady: whether stanzas can leave.
    """

    log = Logger()

    def __init__(
        self,
        enablements: IEnablements,
        publisher: IPublisher,
        clock: IReactorTime,
        isReady: Callable[[], bool] = lambda: True,
    ) -> None:
        self._enablements = enablements
        self._publisher = publisher
        self._clock = clock
        self._isReady = isReady
        self._givenUp = False

    def stop(self) -> None:
        """
        Wake nobody further.
        """
        self._givenUp = True

    async def whenReady(self) -> int:
        """
        As `wakeAll`, once stanzas can leave.
        """
        began = since = self._clock.seconds()
        while not self._givenUp:
            now = self._clock.seconds()
            if not self._isReady():
                since = now
            if now - since >= SETTLED or now - began >= PATIENCE:
                break
            await deferLater(self._clock, 1.0)
        return await self.wakeAll()

    async def wakeAll(self) -> int:
        """
        Tell each of them.

        :returns: how many accounts there were.
        """
        after, woken, vain = "", 0, 0
        while not self._givenUp:
            try:
                accounts = await self._enablements.everybodyPending(after, HANDFUL)
                await atOnce(self._wake(account) for account in accounts)
            except TryLater:
                vain += 1
                if vain >= ATTEMPTS:
                    self.log.warn("not everybody for whom something waits could be woken: the storage does not answer")
                    break
                await deferLater(self._clock, AGAIN)
                continue
            woken += len(accounts)
            if len(accounts) < HANDFUL:
                break
            after = accounts[-1]
        return woken

    async def _wake(self, account: str) -> None:
        try:
            await self._publisher.happened(Event(Occasion.PING, account))
        except (TryLater, CancelledError):
            raise
        except Exception:
            # One that cannot be woken is no reason to let the others sleep.
            self.log.failure("an account could not be woken: this is a bug", concealed())
