"""
How a connection has behaved: whether it gets requests, and what its end says about the next one.
"""

from twisted.internet.interfaces import IReactorTime

from pushsvc.httpclient.http2.asking import Asking
from pushsvc.httpclient.http2.tuning import Tuning

# Answers after which a connection has shown that it is good for something.
PROVEN = 10
# Complaints in a row after which it gets nothing more.
ENOUGH = 2
# Seconds of idleness after which nobody wonders that the other side ends it.
_IDLE = 1.0
# What says that the connection's other end, not the request, is in trouble.
_UNAVAILABLE = 503


class Conduct:
    """
    Answers speak for a connection. A 503 speaks against it, and so does a request whose time is up and which the
    connection met with nothing but pings: an answer to somebody else means that it is the request that takes long.

    :ivar good: how many answers came that were no failure of the other side.
    :ivar complaints: how many in a row; if there are any, another connection is to be preferred.
    :ivar isSpent: it ends for a good reason of our own.
    """

    def __init__(self, clock: IReactorTime, tuning: Tuning) -> None:
        self.good = 0
        self.isSpent = False
        self._clock = clock
        self._lasting = tuning.lasting
        self._least = tuning.pingWithin
        self._since = self._spoke = self._served = clock.seconds()
        self.complaints = 0

    @property
    def isUseless(self) -> bool:
        """
        Whether it is to get nothing more.
        """
        return self.complaints >= ENOUGH

    @property
    def isProven(self) -> bool:
        """
        Whether it has shown that there is nothing wrong with connecting.
        """
        return self.good >= PROVEN or (self.good > 0 and self._lasted >= self._lasting)

    def spoke(self) -> None:
        """
        Something came that was more than a sign of life.
        """
        self._spoke = self._clock.seconds()

    def answered(self, status: int) -> bool:
        """
        An answer came.

        :returns: whether it speaks for the connection.
        """
        self._spoke = self._clock.seconds()
        if status < 500:
            self.good += 1
            self.complaints = 0
            self._served = self._spoke
            return True
        if status == _UNAVAILABLE:
            self.complaints += 1
        return False

    def late(self, asking: Asking) -> None:
        """
        The time of a request is up that was on it.
        """
        if self._spoke <= asking.since and self._hadItsTime(asking):
            self.complaints = ENOUGH
        elif self._served <= asking.since:
            self.complaints += 1

    def keptWaiting(self, asking: Asking) -> None:
        """
        The time of a request is up that waited, and this had no room for it.
        """
        if self._spoke <= asking.since and self._hadItsTime(asking):
            self.complaints += 1

    def shunned(self) -> None:
        """
        Somebody would rather go elsewhere, because of what was answered.
        """
        self.complaints = max(1, self.complaints)

    def endedBadly(self, idleSince: float | None) -> bool:
        """
        Whether, when it ends now, that is a reason to wonder about the next one.

        :param idleSince: None: there are requests on it.
        """
        if self.isSpent or self.good >= PROVEN or self._lasted >= self._lasting:
            return False
        idle = 0.0 if idleSince is None else self._clock.seconds() - idleSince
        # Many servers soon end what is idle. A connection that was never good for anything is no such case.
        return not (self.good and idle >= _IDLE)

    def _hadItsTime(self, asking: Asking) -> bool:
        # Some time must have passed, for there is who asks with next to none left.
        return self._clock.seconds() - asking.since >= max(asking.deadline / 2, self._least)

    @property
    def _lasted(self) -> float:
        return self._clock.seconds() - self._since
