"""
A clock that is set back stops nobody.
"""

import subprocess
import sys

from twisted.internet.task import Clock

from pushsvc.timekeeping import Timekeeping

# A process whose clock is set back by an hour while something is delayed by two seconds.
SET_BACK = """
import time
real, step = time.time, 0.0
time.time = lambda: real() - step

from twisted.internet import reactor
from pushsvc.timekeeping import Timekeeping

def setBack():
    global step
    step = 3600.0

timekeeping = Timekeeping(reactor, lambda: print("moved"), time.time)
timekeeping.startService()
reactor.callLater(2, lambda: (print("rang"), reactor.stop()))
reactor.callWhenRunning(setBack)
reactor.run()
timekeeping.stopService()
"""


def test_whatIsDelayedComesInTime():
    """
    In a process whose clock is set back by an hour, what was to happen in two seconds does not take the hour.
    """
    ran = subprocess.run([sys.executable, "-c", SET_BACK], capture_output=True, text=True, timeout=120, check=True)

    assert "moved\nrang\n" == ran.stdout


class Threadless(Clock):
    """
    A clock to which threads may speak.
    """

    def callFromThread(self, call, *arguments):
        self.callLater(0, call, *arguments)


def test_whoeverHasStoppedMovesNothing():
    """
    What was noticed just before the service stopped has no consequences any more.
    """
    clock, rang = Threadless(), []
    timekeeping = Timekeeping(clock, lambda: rang.append("moved"))
    clock.callLater(100, rang.append, "rang")
    timekeeping.startService()
    timekeeping.stopService()

    timekeeping._setBack(100.0)
    clock.advance(1)

    assert rang == []
