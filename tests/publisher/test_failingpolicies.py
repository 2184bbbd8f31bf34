"""
Policies of others that do not do as they should.
"""

import pytest
from twisted.internet.defer import Deferred, ensureDeferred

from pushsvc.enablement import Enablement
from pushsvc.errors import TryLater
from pushsvc.event import Event, Occasion
from pushsvc.publisher.informing import PUBLISHES, THINKS
from tests.publisher.conftest import JULIET, House
from tests.support import resultOf

METHODS = ["concerning", "shouldPublish", "prepareNotification", "publishNotification"]


def houseWith(clock, method, does):
    """
    A publisher with a policy of which one method does something else.
    """
    policy = type("Policy", (), {method: lambda self, *asked: does(*asked)})()
    house = House(clock, policies=(lambda default: policy,))
    house.enable()
    return house


@pytest.mark.parametrize("method", METHODS)
def test_whatRaises(clock, says, method, loggedFailures):
    """
    When a policy fails nobody is told, for it may be that it would have forbidden it; the event is taken all the same,
    for it would fail again. The operator hears of it, though not each time, and of nobody's name.
    """

    async def fails(*asked):
        raise ZeroDivisionError(JULIET)

    house = houseWith(clock, method, fails)

    for _ in range(3):
        house.happens(Occasion.OFFLINE, says.message())

    assert [] == house.told
    assert 2 == len(loggedFailures)
    assert JULIET not in "".join(failure.getTraceback() for failure in loggedFailures)
    assert 3 == resultOf(house.enablements.account(JULIET)).pending.messages
    loggedFailures.clear()


@pytest.mark.parametrize("rubbish", [None, 7, "yes", [None], object()])
@pytest.mark.parametrize("method", METHODS[:3])
def test_rubbish(clock, says, method, rubbish, loggedFailures):
    """
    What makes no sense tells nobody anything, and breaks nothing.
    """

    async def answers(*asked):
        return rubbish

    house = houseWith(clock, method, answers)

    house.happens(Occasion.OFFLINE, says.message())

    assert [] == house.told
    loggedFailures.clear()


@pytest.mark.parametrize("method", METHODS)
def test_whatHangs(clock, says, method, loggedFailures):
    """
    A policy that never comes to an end holds nothing up for ever, and what comes meanwhile is heard.
    """
    hanging = [True]

    async def hangs(*asked):
        if hanging:
            hanging.clear()
            await Deferred()
        return await getattr(house.default, method)(*asked)

    house = houseWith(clock, method, hangs)
    first = ensureDeferred(house.publisher.happened(Event(Occasion.OFFLINE, JULIET, stanzas=(says.message(),))))
    house.happens(Occasion.OFFLINE, says.message())
    assert (False, ["phone"]) == (first.called, house.nodes)

    clock.advance(PUBLISHES if method == "publishNotification" else THINKS)

    assert first.called
    assert ["phone"] == house.nodes
    assert 1 == len(loggedFailures)
    assert not clock.getDelayedCalls()
    loggedFailures.clear()


def test_oneServiceOnly(clock, says, loggedFailures):
    """
    A policy that fails for one service does not take the others along.
    """

    async def fails(event, service):
        if service.node == "phone":
            raise ZeroDivisionError
        return event.stanzas

    house = houseWith(clock, "concerning", fails)
    house.enable("tablet", "tablet")

    house.happens(Occasion.OFFLINE, says.message())

    assert ["tablet"] == house.nodes
    loggedFailures.clear()


def test_troubleIsNoFailure(clock, says, loggedFailures):
    """
    That the storage does not answer is no failure of a policy that publishes: it is tried again.
    """
    house = houseWith(clock, "publishNotification", lambda event, told, services, publish: publish(told, services[0]))
    house.trouble.add("phone")
    message = says.message()

    with pytest.raises(TryLater):
        house.happens(Occasion.OFFLINE, message)
    house.trouble.clear()
    house.happens(Occasion.OFFLINE, message)

    assert ["phone"] == house.nodes
    assert not loggedFailures


def test_othersServices(clock, says):
    """
    A policy cannot have anybody told that an account has not enabled.
    """
    stranger = Enablement("romeo@example.org", "push.example.com", "n", 1.0, 1.0)

    async def brings(event, services):
        return [*services, stranger]

    house = houseWith(clock, "shouldPublish", brings)
    house.happens(Occasion.OFFLINE, says.message())

    assert ["phone"] == house.nodes
