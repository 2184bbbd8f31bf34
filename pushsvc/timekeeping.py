"""
A clock that is set back stops nobody.

Twisted's delayed calls are due at a time of the wall clock. When that is set back by an hour (a machine that kept local
time, a host that gave its guest the wrong one) what was due in a second is due in an hour and a second, and a service
of which nothing is lost stands still.
"""

import threading
import time
from collections.abc import Callable
from typing import Any

from twisted.application.service import Service
from twisted.logger import Logger

# Seconds between two looks, and what the clock may lose meanwhile: it is slowed down gently all the time.
LOOK = 0.25
LITTLE = 0.5
# For no longer than that is anything late: what is due earlier was delayed when the clock had been set back already.
LATE = 60.0
# A look is one only if it took no longer: else the clocks were read at different times.
GLANCE = 0.1


class Timekeeping(Service):
    """
    Moves everything delayed along with the clock. It concerns the whole process, so whoever embeds us has to want it.
    """

    log = Logger()
    name = "timekeeping"

    def __init__(
        self, reactor: Any, onSetBack: Callable[[float], object], wall: Callable[[], float] = time.time
    ) -> None:
        """
        :param onSetBack: called when delayed calls have been moved, with the seconds: what waits elsewhere for a moment
            to come can be moved as well.
        """
        self._reactor = reactor
        self._onSetBack = onSetBack
        self._wall = wall
        self._ended = threading.Event()

    def startService(self) -> None:
        super().startService()  # type: ignore[no-untyped-call]
        # The thread of the last time may not have noticed yet that it is to end.
        self._ended = threading.Event()
        # A thread: what the reactor would have to call in time is what may be late.
        threading.Thread(target=self._watch, args=(self._ended, self._ahead()), name=self.name, daemon=True).start()

    def stopService(self) -> None:
        super().stopService()  # type: ignore[no-untyped-call]
        self._ended.set()

    def _ahead(self) -> float:
        while True:
            began = time.monotonic()
            ahead = self._wall() - began
            if time.monotonic() - began < GLANCE:
                return ahead

    def _watch(self, ended: threading.Event, ahead: float) -> None:
        while not ended.wait(LOOK):
            before, ahead = ahead, self._ahead()
            if before - ahead > LITTLE:
                self._reactor.callFromThread(self._setBack, before - ahead)

    def _setBack(self, step: float) -> None:
        if not self.running:
            return
        self.log.warn("the clock was set back by {step:.1f} seconds: what was delayed moves along", step=step)
        since = self._reactor.seconds() + step - LATE
        for call in self._reactor.getDelayedCalls():
            # Time limits of what began after the clock was set back are right: they must not be up at once.
            if call.getTime() >= since:
                call.delay(-step)
        self._onSetBack(step)
