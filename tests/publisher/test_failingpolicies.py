"""
Policies of others that do not do as they should.
"""

from contextlib import suppress

import pytest
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred, succeed

from pushsvc.enablement import Enablement
from pushsvc.errors import TryLater
from pushsvc.event import Event, Occasion
from pushsvc.model import Kind, Notification, Priority
from pushsvc.publisher.batches import COLLECTED
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


@pytest.mark.parametrize("method", METHODS)
def test_whatHeedsNothing(clock, says, method, loggedFailures):
    """
    A policy that goes on when its time is over is left behind.
    """

    async def stays(*asked):
        for _ in range(3):
            with suppress(CancelledError):
                await Deferred()

    house = houseWith(clock, method, stays)
    happening = ensureDeferred(house.publisher.happened(Event(Occasion.OFFLINE, JULIET, stanzas=(says.message(),))))

    clock.advance(PUBLISHES if method == "publishNotification" else THINKS)

    assert happening.called
    assert [] == house.told
    assert 1 == len(loggedFailures)
    assert not clock.getDelayedCalls()
    loggedFailures.clear()


@pytest.mark.parametrize("isSlow", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_whatCancelsItself(clock, says, method, isSlow, loggedFailures):
    """
    A policy that gives something up, as an HTTP client does that runs out of time, fails like any other: it is not
    taken for trouble of ours, to be tried again and again.
    """
    asking = Deferred()

    async def givesUp(*asked):
        if isSlow:
            await asking
        raise CancelledError

    house = houseWith(clock, method, givesUp)
    happening = ensureDeferred(house.publisher.happened(Event(Occasion.QUEUED, JULIET, "phone", (says.message(),))))
    clock.advance(COLLECTED)
    asking.callback(None)

    assert happening.called
    assert [] == house.told
    assert 1 == len(loggedFailures)
    assert not clock.getDelayedCalls()
    loggedFailures.clear()


def test_whoWaitsNoMore(clock, says, loggedFailures):
    """
    Whoever gives up waiting for what policies say is no failure of theirs.
    """

    async def thinks(*asked):
        await Deferred()

    house = houseWith(clock, "shouldPublish", thinks)
    happening = ensureDeferred(house.publisher.happened(Event(Occasion.OFFLINE, JULIET, stanzas=(says.message(),))))

    happening.cancel()

    resultOfFailed = happening.addErrback(lambda failure: failure.trap(CancelledError))
    assert CancelledError is resultOf(resultOfFailed)
    assert not loggedFailures
    assert not clock.getDelayedCalls()


@pytest.mark.parametrize("answer", [lambda value: value, succeed], ids=["at once", "Deferred"])
def test_whatIsKnownAtOnce(clock, says, answer):
    """
    Policies need not be coroutines: what they know at once they may say at once, and Deferreds will do.
    """

    class Policy:
        def concerning(self, event, service):
            return answer([stanza for stanza in event.stanzas if stanza.body != "secret"])

        def shouldPublish(self, event, services):
            return answer([service for service in services if service.node != "tablet"])

        def prepareNotification(self, event, notification):
            return answer(Notification(Kind.MESSAGE, Priority.HIGH))

        def publishNotification(self, event, notification, services, publish):
            return answer(None) if event.stanzas[-1].body == "later" else publish(notification, services[0])

    house = House(clock, policies=(lambda default: Policy(),))
    for node in ("phone", "tablet"):
        house.enable(node)

    for body in ("secret", "later", "Hi"):
        house.happens(Occasion.OFFLINE, says.message(body))

    assert [("phone", Notification(Kind.MESSAGE, Priority.HIGH))] == house.told


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


def test_slownessIsNoFailure(clock, says, loggedFailures):
    """
    That the storage takes longer than policies may is no failure of theirs either: it is tried again.
    """
    house, slow = House(clock), [True]
    house.enable()
    dispatch = house.publisher._informing._dispatch

    async def dispatches(service, notification):
        if slow:
            slow.clear()
            await Deferred()
        await dispatch(service, notification)

    house.publisher._informing._dispatch = dispatches
    event = Event(Occasion.OFFLINE, JULIET, stanzas=(says.message(),))
    happening = ensureDeferred(house.publisher.happened(event))

    clock.advance(PUBLISHES)

    assert TryLater is resultOf(happening.addErrback(lambda failure: failure.trap(TryLater)))
    resultOf(house.publisher.happened(event))
    assert ["phone"] == house.nodes
    assert not loggedFailures
    assert not clock.getDelayedCalls()


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
