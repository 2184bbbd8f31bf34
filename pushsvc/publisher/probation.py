"""
Push services that refuse what they are told.

One refusal is no reason to give a device up: a service may be misconfigured for an afternoon. So many in a row are:
then the service is on probation, and is tried once a day. It is forgotten when it goes on refusing; whenever it takes a
publish, or the client enables it again, all is forgiven.
"""

from dataclasses import replace

from twisted.internet.interfaces import IReactorTime

from pushsvc.enablement import Enablement
from pushsvc.ipushsvc import IEnablements

# Seconds.
TRIED_EVERY = 86_400.0
# Which services are in use is written down this often, not with every publish.
REMARKED_EVERY = 3_600.0


def isResting(enablement: Enablement, now: float) -> bool:
    """
    Whether a service is on probation, and was tried not long ago.
    """
    # What happened after now happened by a clock that was wrong.
    return enablement.suspended is not None and 0 <= now - max(enablement.suspended, enablement.used) < TRIED_EVERY


class Probation:
    """
    Learns what services answer.
    """

    def __init__(self, enablements: IEnablements, clock: IReactorTime, most: int, lasts: float) -> None:
        """
        :param most: refusals in a row before probation.
        :param lasts: seconds on probation before a service is forgotten.
        """
        self._enablements = enablements
        self._clock = clock
        self._most = most
        self._lasts = lasts

    async def find(self, account: str, service: str, node: str) -> Enablement | None:
        """
        What is enabled, if it is to be told now; None: it is not enabled any more, or it is to be left alone.

        :raises TryLater: storage trouble.
        """
        for enablement in await self._enablements.ofAccount(account):
            if (enablement.service, enablement.node) == (service, node):
                return None if isResting(enablement, self._clock.seconds()) else enablement
        return None

    async def taken(self, enablement: Enablement) -> None:
        """
        The service took a publish.

        :raises TryLater: storage trouble.
        """
        now = self._clock.seconds()
        isRemarked = abs(now - enablement.used) >= REMARKED_EVERY
        if enablement.failures or enablement.suspended is not None or isRemarked:
            await self._enablements.revise(
                enablement, lambda known: replace(known, failures=0, suspended=None, used=now)
            )

    async def refused(self, enablement: Enablement) -> None:
        """
        The service refused one, for good. What was enabled anew since does not answer for that.

        :raises TryLater: storage trouble.
        """
        now = self._clock.seconds()

        def revise(known: Enablement) -> Enablement | None:
            failures = known.failures + 1
            if known.suspended is None:
                return replace(known, failures=failures, suspended=now if failures >= self._most else None)
            if now - known.suspended >= self._lasts:
                return None
            return replace(known, failures=failures, used=now, suspended=min(known.suspended, now))

        await self._enablements.revise(enablement, revise)
