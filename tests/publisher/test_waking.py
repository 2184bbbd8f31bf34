"""
After a restart.
"""

import pytest
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred

from pushsvc.enablement import Enablement
from pushsvc.errors import TryLater
from pushsvc.event import Occasion
from pushsvc.publisher.virtual import VirtualHosts
from pushsvc.publisher.waking import AGAIN, ATTEMPTS, HANDFUL, PATIENCE, SETTLED, Waking
from tests.publisher.conftest import SERVICE
from tests.support import resultOf


def test_MP64_everybodyForWhomSomethingWaits(house, says):
    """
    MP-64: everybody for whom something waits is told once more, how much; nobody else is.
    """
    for number in range(HANDFUL + 3):
        account = f"user{number}@example.org"
        enablement = Enablement(account, SERVICE, f"n{number}", 1.0, 1.0, session="s")
        resultOf(house.publisher.enable(enablement))
        if number:
            house.happens(Occasion.OFFLINE, says.message(), account=account)
    house.told.clear()

    assert HANDFUL + 2 == resultOf(Waking(house.enablements, house.publisher, house.clock).wakeAll())

    assert HANDFUL + 2 == len(set(house.nodes)) == len(house.nodes)
    assert "n0" not in house.nodes
    assert 1 == house.latest.summary.messageCount


def test_theStorageDoesNotAnswer(house):
    """
    What cannot be found out now is asked again, for a while.
    """
    house.enable()
    asked = []

    async def busy(after, limit):
        asked.append(after)
        raise TryLater()

    house.enablements.everybodyPending = busy

    waking = ensureDeferred(Waking(house.enablements, house.publisher, house.clock).wakeAll())
    for _ in range(ATTEMPTS - 1):
        assert not waking.called
        house.clock.advance(AGAIN)

    assert 0 == resultOf(waking)
    assert ATTEMPTS == len(asked)


def test_oneThatCannotBeWoken(house, says, loggedFailures):
    """
    One account that cannot be woken because of a bug is no reason to let the others sleep.
    """
    for name in ("a", "b"):
        resultOf(house.publisher.enable(Enablement(f"{name}@example.org", SERVICE, name, 1.0, 1.0)))
        house.happens(Occasion.OFFLINE, says.message(), account=f"{name}@example.org")
    house.told.clear()
    happened = house.publisher.happened

    async def sometimes(event):
        if event.account == "a@example.org":
            raise ZeroDivisionError
        await happened(event)

    house.publisher.happened = sometimes

    resultOf(Waking(house.enablements, house.publisher, house.clock).wakeAll())

    assert ["b"] == house.nodes
    loggedFailures.clear()


def test_onceLinksAreUp(house, says):
    """
    Nobody is woken before stanzas can leave, and servers have said in whose name they may.
    """
    house.enable()
    house.happens(Occasion.OFFLINE, says.message())
    house.told.clear()
    isUp = []
    ensureDeferred(Waking(house.enablements, house.publisher, house.clock, lambda: bool(isUp)).whenReady())

    house.clock.pump([1] * 20)
    assert [] == house.told

    isUp.append(True)
    house.clock.pump([1] * (int(SETTLED) - 1))
    assert [] == house.told
    house.clock.pump([1] * 2)
    assert ["phone"] == house.nodes


def test_linksThatDoNotComeUp(house, says):
    """
    Links are not waited for without end: what is to be told waits on disk as well.
    """
    house.enable()
    house.happens(Occasion.OFFLINE, says.message())
    house.told.clear()
    ensureDeferred(Waking(house.enablements, house.publisher, house.clock, lambda: False).whenReady())

    house.clock.pump([1] * (int(PATIENCE) + 1))

    assert ["phone"] == house.nodes


def test_stoppedInTheMidst(house, says, loggedFailures):
    """
    Who is stopped in the midst of it says nothing of bugs.
    """
    house.enable()
    house.happens(Occasion.OFFLINE, says.message())

    async def never(event):
        await Deferred()

    house.publisher.happened = never
    waking = ensureDeferred(Waking(house.enablements, house.publisher, house.clock).wakeAll())

    waking.cancel()

    with pytest.raises(CancelledError):
        resultOf(waking)
    assert not loggedFailures


def test_stopped(house, says):
    """
    Who stops wakes nobody any more.
    """
    house.enable()
    house.happens(Occasion.OFFLINE, says.message())
    waking = Waking(house.enablements, house.publisher, house.clock)

    waking.stop()

    assert 0 == resultOf(waking.wakeAll())


@pytest.mark.parametrize("template", ["virtual.@HOST@", "virtual.@HOSTS@", "Virtual.@HOST@"])
def test_MIM33_templates(template):
    """
    MIM-33: a template stands for a name on each domain, however it is spelled; there may be several.
    """
    virtual = VirtualHosts([template, "Fixed.example"])

    assert ["virtual.example.org", "fixed.example"] == virtual.of("example.org")
    assert virtual.isVirtual("virtual.example.org", "example.org")
    assert virtual.isVirtual("fixed.example", "example.com")
    assert not virtual.isVirtual("virtual.example.org", "example.com")


def test_sessionsAreRemembered(house, says):
    """
    MP-77: which sessions wait to be resumed is kept.
    """
    house.enable()
    house.happens(Occasion.HIBERNATED, says.message(), session="phone")

    assert {"phone"} == resultOf(house.enablements.account("juliet@example.org")).pending.sessions
