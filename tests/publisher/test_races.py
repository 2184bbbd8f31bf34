"""
Several things at once.
"""

from dataclasses import replace

import pytest
from twisted.internet.defer import Deferred, ensureDeferred

from pushsvc.enablement import Account, ContentOptions, Enablement
from pushsvc.errors import NotAllowed
from pushsvc.event import Event, Occasion
from pushsvc.model import Kind, Waiting
from pushsvc.publisher.batches import COLLECTED
from pushsvc.publisher.dispatching import targetOf
from tests.publisher.conftest import JULIET, SERVICE, House
from tests.publisher.slow import Slow
from tests.support import resultOf


@pytest.fixture
def house(clock):
    return House(clock, wrap=Slow)


@pytest.fixture
def begin(house):
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    house.enablements.isSlow = True

    def happens(occasion, *stanzas, **more):
        return ensureDeferred(house.publisher.happened(Event(occasion, JULIET, stanzas=stanzas, **more)))

    return happens


def counted(house):
    return resultOf(house.storage.enablements.account(JULIET)).pending.messages


def test_PR15_twoReportsAtOnce(house, begin, says):
    """
    PR-15: of two reports of one stanza that come at once one is told, and it counts once.
    """
    message = says.message()

    begin(Occasion.OFFLINE, message)
    begin(Occasion.OFFLINE, message)
    house.enablements.goOn()

    assert ["phone", "tablet"] == sorted(house.nodes)
    assert 1 == counted(house)


def test_PR15_slowPolicies(clock, says):
    """
    PR-15: what is told while a policy thinks is not told again when it has thought.
    """
    thinking = []

    class Slow:
        async def shouldPublish(self, event, services):
            thinking.append(Deferred())
            await thinking[-1]
            return services

    house = House(clock, policies=(lambda default: Slow(),))
    house.enable()
    message = says.message()
    for _ in range(2):
        ensureDeferred(house.publisher.happened(Event(Occasion.OFFLINE, JULIET, stanzas=(message,))))
    assert 2 == len(thinking)

    for thought in thinking:
        thought.callback(None)

    assert ["phone"] == house.nodes


def test_PR23_resumedWhileHearing(house, begin, says):
    """
    PR-23, MP-56: who is back before it is even known what has been enabled is not told, and nothing waits any more.
    """
    begin(Occasion.QUEUED, says.message(), session="phone")
    begin(Occasion.RESUMED, session="phone")
    house.enablements.goOn()
    house.clock.advance(COLLECTED)
    house.enablements.goOn()

    assert [] == house.told
    assert 0 == counted(house)


def test_MP50_removedWhileHearing(house, begin, says):
    """
    MP-50: what was being heard of an account that is gone brings nothing of it back.
    """
    begin(Occasion.OFFLINE, says.message())
    begin(Occasion.QUEUED, says.message(), session="phone")
    begin(Occasion.REMOVED)
    house.enablements.goOn()
    house.clock.advance(COLLECTED)
    house.enablements.goOn()

    assert Account() == resultOf(house.storage.enablements.account(JULIET))


def test_MP44_twoFirstOnes(house, clock):
    """
    MP-44: of two devices that enable their services at once one is the first, and it chooses.
    """
    house.enablements.isSlow = True
    asked = [
        ensureDeferred(house.publisher.enable(Enablement(JULIET, SERVICE, node, 1.0, 1.0), ContentOptions(bodies=True)))
        for node in ("a", "b")
    ]
    more = ensureDeferred(
        house.publisher.enable(Enablement(JULIET, SERVICE, "c", 1.0, 1.0), ContentOptions(senders=True))
    )
    house.enablements.goOn()

    assert [ContentOptions(bodies=True)] * 2 == [resultOf(each) for each in asked]
    assert ContentOptions() == resultOf(more)


def test_PR25_stoppingWhileHearing(house, begin, says):
    """
    PR-25, MP-66: who stops waits for what is being heard, and collects nothing any more.
    """
    begin(Occasion.OFFLINE, says.message())

    (last,) = house.publisher.finish()
    assert not last.called
    begin(Occasion.QUEUED, says.message(), session="phone")
    house.enablements.goOn()

    assert last.called
    assert 3 == len(house.told)
    assert not house.clock.getDelayedCalls()


def test_theCostOfAnEvent(house, begin, says):
    """
    What is put aside costs one look at the account and one change of it; nothing else does cost a change, nor does
    anything of accounts that have nothing enabled.
    """
    house.enablements.isSlow = False
    asked = house.enablements.asked

    def cost(occasion, *stanzas, **more):
        asked.clear()
        begin(occasion, *stanzas, **more)
        return list(asked)

    assert ["account", "pend"] == cost(Occasion.OFFLINE, says.message(), says.call())
    assert ["account"] == cost(Occasion.OFFLINE, says.typing())
    assert ["account"] == cost(Occasion.PING)
    assert ["account", "settle"] == cost(Occasion.RESUMED, session="phone")
    assert ["account"] == cost(Occasion.RESUMED, session="phone")
    assert ["account"] == cost(Occasion.READ)
    assert ["account"] == cost(Occasion.ENDED, session="phone")
    assert [] == cost(Occasion.OFFLINE, says.message(type="headline"))
    resultOf(house.publisher.disable(JULIET, SERVICE))
    for occasion in (Occasion.OFFLINE, Occasion.RESUMED, Occasion.READ, Occasion.ENDED, Occasion.HIBERNATED):
        assert ["account"] == cost(occasion, says.message(), session="phone")


def test_ofOthersAccounts(house):
    """
    0357-21: nothing is enabled for accounts that are not ours.
    """
    with pytest.raises(NotAllowed):
        resultOf(house.publisher.enable(Enablement("juliet@example.com", SERVICE, "n", 1.0, 1.0)))


def test_enabledAnewIsKnownByItsTime():
    """
    What was enabled anew is another one for whoever knows the one before.
    """
    one = Enablement(JULIET, SERVICE, "n", 1.0, 1.0)

    assert one.key == replace(one, enabled=2.0).key
    assert one != replace(one, enabled=2.0)


@pytest.mark.parametrize(
    "occasion, session, isPart, left",
    [
        (Occasion.RESUMED, "phone", False, {"tablet"}),
        (Occasion.RESUMED, "desktop", False, {"phone", "tablet"}),
        (Occasion.RESUMED, None, False, {"phone", "tablet"}),
        (Occasion.READ, None, False, set()),
        (Occasion.READ, "desktop", False, set()),
        (Occasion.READ, "desktop", True, {"phone", "tablet"}),
        (Occasion.ENDED, "phone", False, {"phone", "tablet"}),
    ],
)
def test_TG4_whatWaitsWhileSomebodyComesBack(house, clock, says, occasion, session, isPart, left):
    """
    TG-4, PR-23: a push that waits in the outbox because its service cannot be reached wakes nobody any more who is
    back, or for what was read elsewhere. It stays where nobody says who is back, or that everything was read. What is
    put there afterwards wakes again.
    """

    async def dispatch(service, notification):
        now = clock.seconds()
        waiting = Waiting(targetOf(service), notification, "push", "lane", expires=now + 60.0, due=now)
        await house.storage.outbox.put(waiting, 0.0)

    house = House(clock)
    house.publisher._informing._dispatch = dispatch
    for node in ("phone", "tablet"):
        house.enable(node, node)
    house.happens(Occasion.OFFLINE, says.message())
    clock.advance(1)

    house.happens(occasion, *([says.typing()] if isPart else []), session=session)

    def waiting():
        found = resultOf(house.storage.outbox.claim("me", clock.seconds(), 0.0, 99))
        return {each.target.token for each in found if each.notification.kind is Kind.MESSAGE}

    assert left == waiting()
    clock.advance(1)
    house.happens(Occasion.OFFLINE, says.message())
    assert {"phone", "tablet"} == waiting()


def test_PR25_stoppedInTrouble(house, says, logEvents):
    """
    PR-25: what cannot be told when we stop is lost, and the operator hears of it: it was counted, so that it is told
    when we start again.
    """
    house.enable()
    for session in ("phone", "tablet"):
        house.happens(Occasion.QUEUED, says.message(), session=session)
    house.enablements.isSlow = True

    last = house.publisher.finish()
    for each in last:
        each.cancel()

    assert [1, 2] == [event["lost"] for event in logEvents if "lost" in event]
    assert [] == house.told
    assert 2 == counted(house)
    assert not house.clock.getDelayedCalls()
