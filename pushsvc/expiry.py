"""
Certificates of ours that end: told in time, and not too often.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from twisted.application.service import Service
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from pushsvc.concealed import concealed

# Days before the end at which it is told, once each.
DAYS = (30, 14, 7, 1, 0)
# Seconds between looks.
ROUND = 3600.0

_DAY = 86400.0


class Expiry(Service):
    """
    Looks at what ends, each hour.

    :param ends: what ends, by whose it is, in seconds since 1970. It is asked each time: they are renewed meanwhile.
    """

    log = Logger()
    name = "expiry"

    def __init__(self, ends: Callable[[], Mapping[str, float]], clock: IReactorTime) -> None:
        self._ends = ends
        self._clock = clock
        self._told: dict[str, tuple[float, int]] = {}
        self._rounds = LoopingCall(self._look)
        self._rounds.clock = clock

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        self._rounds.start(ROUND).addErrback(lambda failure: self.log.failure("the rounds ended", concealed(failure)))

    def stopService(self) -> None:
        super().stopService()  # type: ignore[no-untyped-call]
        if self._rounds.running:
            self._rounds.stop()

    def _look(self) -> None:
        try:
            for whose, end, days in self._news():
                self._told[whose] = end, days
                when = f"{datetime.fromtimestamp(end, UTC):%Y-%m-%dT%H:%M:%SZ}"
                if days:
                    text = "{whose}: the certificate ends within {days} days, on {when}: renew it, and send a SIGHUP"
                    self.log.warn(text, whose=whose, days=days, when=when)
                else:
                    self.log.critical("{whose}: the certificate has ended, on {when}", whose=whose, when=when)
        except Exception:
            self.log.failure("looking for what ends failed", concealed())

    def _news(self) -> Iterator[tuple[str, float, int]]:
        now = self._clock.seconds()
        for whose, end in sorted(self._ends().items()):
            reached = [days for days in DAYS if end - now <= days * _DAY]
            told, least = self._told.get(whose, (end, DAYS[0] + 1))
            if reached and (told != end or min(reached) < least):
                yield whose, end, min(reached)
