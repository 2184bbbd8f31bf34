"""
A clock that is set back stops nobody.
"""

import subprocess
import sys

import pytest
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

timekeeping = Timekeeping(reactor, lambda seconds: print("moved", round(seconds, -2)), time.time)
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

    assert "moved 3600.0\nrang\n" == ran.stdout


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
    timekeeping = Timekeeping(clock, lambda seconds: rang.append("moved"))
    clock.callLater(100, rang.append, "rang")
    timekeeping.startService()
    timekeeping.stopService()

    timekeeping._setBack(100.0)
    clock.advance(1)

    assert rang == []


@pytest.mark.parametrize("overdue", [0, 50])
def test_whatBeginsAfterwardsIsLeftAlone(overdue):
    """
    What is delayed once the clock has been set back, and before that is noticed, comes when it is to come; what was
    late already comes at once.
    """
    clock, rang = Threadless(), []
    clock.advance(1_000_000)
    timekeeping = Timekeeping(clock, lambda seconds: rang.append(f"moved by {seconds:.0f}"))
    timekeeping.running = True
    clock.callLater(100, rang.append, "old")
    # Nothing was done meanwhile.
    clock.rightNow += 100 + overdue

    clock.rightNow -= 3600
    clock.callLater(15, rang.append, "young")
    timekeeping._setBack(3600.0)
    clock.advance(0)
    soon = list(rang)
    clock.advance(15)

    assert ["moved by 3600", "old"] == soon
    assert ["young"] == rang[2:]


def test_whoStartsAgainWatchesOnce():
    """
    A thread that has not noticed the end of its time does not go on when the next one begins.
    """
    timekeeping = Timekeeping(Threadless(), lambda seconds: None)
    timekeeping.startService()
    first = timekeeping._ended
    timekeeping.stopService()

    timekeeping.startService()

    assert first.is_set()
    timekeeping.stopService()
