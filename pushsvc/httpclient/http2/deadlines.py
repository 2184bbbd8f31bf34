"""
When requests have to have their answers.
"""

from collections.abc import Callable
from math import ceil

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from pushsvc.httpclient.http2.asking import Asking

# Moments in a second: a request is never called late too early, and late by one of them at most.
EACH_SECOND = 16


class Moment:
    """
    All whose time is up at once: of thousands of requests a few dozen calls.
    """

    __slots__ = ("_call", "_deadlines", "asked", "at")

    def __init__(self, deadlines: "Deadlines", at: int, call: IDelayedCall) -> None:
        self.at = at
        self.asked: dict[Asking, None] = {}
        self._deadlines = deadlines
        self._call = call

    def remove(self, asking: Asking) -> None:
        """
        It has ended in time.
        """
        self.asked.pop(asking, None)
        if not self.asked and self._call.active():
            self._call.cancel()
            self._deadlines.forget(self)


class Deadlines:
    """
    Those of many requests.

    :param late: called with each whose time is up.
    """

    def __init__(self, clock: IReactorTime, late: Callable[[Asking], None]) -> None:
        self._clock = clock
        self._late = late
        self._moments: dict[int, Moment] = {}

    def add(self, asking: Asking, seconds: float) -> None:
        """
        One more.
        """
        now = self._clock.seconds()
        at = ceil((now + seconds) * EACH_SECOND)
        moment = self._moments.get(at)
        if moment is None:
            call = self._clock.callLater(max(0.0, at / EACH_SECOND - now), self._pass, at)
            moment = self._moments[at] = Moment(self, at, call)
        moment.asked[asking] = None
        asking.moment = moment

    def forget(self, moment: Moment) -> None:
        """
        Nobody waits for it.
        """
        del self._moments[moment.at]

    def _pass(self, at: int) -> None:
        asked = self._moments.pop(at).asked
        for asking in list(asked):
            # What one of them leads to may have ended others.
            if asking in asked:
                del asked[asking]
                asking.moment = None
                self._late(asking)
