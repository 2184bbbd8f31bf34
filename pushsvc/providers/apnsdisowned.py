"""
Tokens that APNs has disowned, where the device is not gone with them.
"""

from collections import OrderedDict

from twisted.internet.interfaces import IReactorTime

# Seconds for which it is remembered. Not for ever: a wrong environment may be put right.
REMEMBERED = 6 * 3600.0
# Tokens of which it is.
MOST = 10_000


class Disowned:
    """
    PushKit's tokens that are no good, for a while: pushing to them again and again would slow down everything, for APNs
    lets a connection have one stream only after it refused a push on it.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._until: OrderedDict[str, float] = OrderedDict()

    def __contains__(self, token: str) -> bool:
        until = self._until.get(token)
        return until is not None and self._clock.seconds() < until

    def add(self, token: str) -> None:
        """
        APNs has disowned it now.
        """
        self._until[token] = self._clock.seconds() + REMEMBERED
        self._until.move_to_end(token)
        if len(self._until) > MOST:
            self._until.popitem(last=False)
