"""
Devices that are gone: registrations are forgotten by whoever keeps them; where a device stands in the publish itself,
nobody but us remembers that.
"""

from zope.interface import implementer

from pushsvc.ipushsvc import IDepartures, IVerdicts
from pushsvc.model import Target
from pushsvc.targets import isOfPublish

# Devices remembered, at most; about a hundred bytes each.
MOST = 100_000
# After so many further ones it is seen to that there are not more.
HANDFUL = 1_000


@implementer(IVerdicts)
class Unregistered:
    """
    Sees whose a target is.
    """

    def __init__(self, departures: IDepartures, otherwise: IVerdicts) -> None:
        self._departures = departures
        self._otherwise = otherwise
        self._noted = 0

    async def gone(self, target: Target, since: float | None) -> Target | None:
        if not isOfPublish(target):
            now: Target | None = await self._otherwise.gone(target, since)
            return now
        await self._departures.departed(target.key)
        # At first too: what is over since the last time need not stay.
        if self._noted % HANDFUL == 0:
            await self._departures.trim(MOST)
        self._noted += 1
        return None
