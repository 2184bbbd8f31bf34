"""
What a SIGHUP does.
"""

import os
import signal
from dataclasses import dataclass, field

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.testing import MemoryReactorClock

from pushsvc.config import ConfigurationError
from pushsvc.reloading import Reloading
from tests.support import resultOf


@dataclass
class Link:
    """
    A link that counts.
    """

    fault: Exception | None = None
    reloads: int = 0

    async def reload(self) -> None:
        self.reloads += 1
        if self.fault is not None:
            raise self.fault


@dataclass
class Slow:
    """
    Somebody whose files take their time.
    """

    began: int = 0
    done: list[Deferred[None]] = field(default_factory=list)

    async def reload(self) -> None:
        self.began += 1
        self.done.append(Deferred())
        await self.done[-1]


@pytest.fixture
def reactor():
    reactor = MemoryReactorClock()
    reactor.callFromThread = lambda function, *arguments: function(*arguments)
    return reactor


def test_hangupReloads(reactor):
    """
    SIGHUP has every link read its files again, as long as the service runs.
    """
    before = signal.getsignal(signal.SIGHUP)
    link = Link()
    reloading = Reloading([link], reactor)
    reloading.startService()

    os.kill(os.getpid(), signal.SIGHUP)
    reloading.stopService()

    assert 1 == link.reloads
    assert before == signal.getsignal(signal.SIGHUP)


def test_whatCannotBeUsedIsTold(reactor, logEvents):
    """
    A file that cannot be used is named in the log, and keeps no other link from reloading.
    """
    broken, fine = Link(ConfigurationError("cert.pem: not PEM")), Link()

    resultOf(Reloading([broken, fine], reactor).reload())

    assert 1 == fine.reloads
    assert "cert.pem: not PEM" in [event.get("reason") for event in logEvents]
    assert "reloaded" not in [event.get("log_format") for event in logEvents]


def test_aBugInOneLinkIsNoOthers(reactor, loggedFailures):
    """
    A link that fails in its own way keeps no other from reloading.
    """
    broken, fine = Link(RuntimeError("secret")), Link()

    resultOf(Reloading([broken, fine], reactor).reload())

    assert 1 == fine.reloads
    assert ["RuntimeError"] == [str(failure.value) for failure in loggedFailures]
    loggedFailures.clear()


def test_oneAfterTheOther(reactor):
    """
    A SIGHUP that comes while files are being read has them read once more, afterwards.
    """
    slow = Slow()
    reloading = Reloading([slow], reactor)

    reloading.reload()
    reloading.reload()
    during = slow.began
    slow.done.pop().callback(None)
    slow.done.pop().callback(None)

    assert (1, 2) == (during, slow.began)
