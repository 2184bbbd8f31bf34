"""
Several things at once, and trouble in between: nothing is lost, and nothing is told twice.
"""

from dataclasses import replace

import pytest
from twisted.internet.defer import Deferred, ensureDeferred

from pushsvc.enablement import Account, ContentOptions, Enablement
from pushsvc.errors import NotAllowed, TryLater
from pushsvc.event import Event, Occasion
from pushsvc.model import Kind, Priority, Waiting
from pushsvc.publisher.batches import COLLECTED, Batches
from pushsvc.publisher.dispatching import targetOf
from pushsvc.publisher.publisher import AGAIN
from pushsvc.publisher.told import UNNAMED, Told
from tests.publisher.conftest import JULIET, SERVICE, House
from tests.support import resultOf


class Slow:
    """
    Enablements that take their time: until they are told to go on. They may also rest.

    :ivar asked: what they were asked.
    """

    def __init__(self, enablements):
        self._enablements = enablements
        self._waiting = []
        self.isSlow = False
        self.rests = False
        self.asked = []

    def __getattr__(self, name):
        method = getattr(self._enablements, name)

        async def ask(*arguments, **more):
            self.asked.append(name)
            if self.isSlow:
                waiting = Deferred()
                self._waiting.append(waiting)
                await waiting
            if self.rests:
                raise TryLater("disk")
            return await method(*arguments, **more)

        return ask

    def goOn(self):
        """
        Answer, in the order of the questions, until nobody asks any more.
        """
        while self._waiting:
            self._waiting.pop(0).callback(None)


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


def test_nothingIsLostForTrouble(house, says):
    """
    What could not be told because of storage trouble is told when it is reported again: to whom it was not, and
    counted once.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    message = says.message()
    house.trouble.add("phone")

    with pytest.raises(TryLater):
        house.happens(Occasion.OFFLINE, message)
    assert ["tablet"] == house.nodes
    house.trouble.clear()
    house.happens(Occasion.OFFLINE, message)

    assert ["tablet", "phone"] == house.nodes
    assert 1 == house.latest.summary.messageCount


def test_nothingIsUncountedForTrouble(house, says):
    """
    What could not be counted is counted when it is reported again.
    """
    house.enable()
    message = says.message()
    pend = house.storage.enablements.pend

    async def fails(*what):
        raise TryLater("disk")

    house.storage.enablements.pend = fails
    with pytest.raises(TryLater):
        house.happens(Occasion.OFFLINE, message)
    house.storage.enablements.pend = pend
    house.happens(Occasion.OFFLINE, message)

    assert ["phone"] == house.nodes
    assert 1 == counted(house)


def test_readInTrouble(house, says):
    """
    TG-4: that everything was read is told though there was trouble at first.
    """
    house.enable()
    house.happens(Occasion.OFFLINE, says.message())
    house.told.clear()
    house.trouble.add("phone")
    with pytest.raises(TryLater):
        house.happens(Occasion.READ)
    house.trouble.clear()

    house.happens(Occasion.READ)

    assert [Kind.CLEAR] == [told.kind for _, told in house.told]
    assert 0 == counted(house)


def test_batchesInTrouble(house, says):
    """
    A batch that could not be told is told later, with what came meanwhile; and not to who is back by then.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    for session in ("phone", "tablet"):
        house.happens(Occasion.QUEUED, says.message(), session=session)
    house.trouble |= {"phone", "tablet"}
    house.clock.advance(COLLECTED)
    house.trouble.clear()
    house.happens(Occasion.QUEUED, says.typing(), session="phone")
    house.happens(Occasion.RESUMED, session="tablet")
    assert [] == house.told

    house.clock.advance(AGAIN)

    assert [("phone", Priority.HIGH)] == [(node, told.priority) for node, told in house.told]


def test_theTroubleOfOneIsNotTheOthers(house, says):
    """
    Services that differ in what they want to know do not share each other's trouble.
    """
    from pushsvc.publisher.policies import filters

    house = House(house.clock, policies=(filters.makePolicy,))
    house.enable("quiet", "quiet", extras={"muted": '["paris@example.net"]'})
    house.enable("phone", "phone")
    house.trouble.add("quiet")

    with pytest.raises(TryLater):
        house.happens(Occasion.OFFLINE, says.message(), says.message(sender="paris@example.net/x"))

    assert ["phone"] == house.nodes


def test_endedWhileCollecting(house, says):
    """
    PR-21: of a session that ends within the second, its device is told: nobody will come for it any more.
    """
    house.enable()
    house.happens(Occasion.QUEUED, says.message(), session="phone")

    house.happens(Occasion.ENDED, session="phone")

    assert ["phone"] == house.nodes
    assert not house.clock.getDelayedCalls()
    pending = resultOf(house.enablements.account(JULIET)).pending
    assert (1, frozenset()) == (pending.messages, pending.sessions)


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


def test_tooManyBatches(clock, says, monkeypatch):
    """
    Batches take only so much memory: what is beyond is told at once.
    """
    monkeypatch.setattr("pushsvc.publisher.batches.MOST_BATCHES", 2)
    ready = []
    batches = Batches(ready.append, clock)
    for session in ("a", "b", "c"):
        batches.collect(Event(Occasion.QUEUED, JULIET, session, (says.message(),)))
    assert ["c"] == [event.session for event in ready]

    clock.advance(COLLECTED)
    batches.collect(Event(Occasion.QUEUED, JULIET, "d", (says.message(),)))

    assert ["c", "a", "b"] == [event.session for event in ready]


def test_ofOthersAccounts(house):
    """
    0357-21: nothing is enabled for accounts that are not ours.
    """
    with pytest.raises(NotAllowed):
        resultOf(house.publisher.enable(Enablement("juliet@example.com", SERVICE, "n", 1.0, 1.0)))


def test_farewells(clock, says):
    """
    MP-50, TG-4: of an account that is gone somebody hears while it is still known what it had enabled; when that fails
    for trouble, it is tried again.
    """
    house = House(clock)
    house.enable("phone")
    heard, trouble = [], [True]

    async def farewell(account, enablements):
        heard.append((account, [each.node for each in enablements]))
        if trouble:
            trouble.clear()
            raise TryLater("disk")

    house.publisher._farewell = farewell
    with pytest.raises(TryLater):
        house.happens(Occasion.REMOVED)
    house.happens(Occasion.REMOVED)

    assert [(JULIET, ["phone"])] * 2 == heard
    assert Account() == resultOf(house.enablements.account(JULIET))


@pytest.mark.parametrize("isNamed", [True, False])
def test_triedAgainInTrouble(house, says, isNamed):
    """
    What is told again after trouble is told to nobody twice, and counted once, be it known by an id or not: it is the
    same report.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    message = says.message() if isNamed else says.message(id=None)
    house.trouble.add("phone")
    for _ in range(3):
        with pytest.raises(TryLater):
            house.happens(Occasion.OFFLINE, message)
    house.trouble.clear()

    house.happens(Occasion.OFFLINE, message)

    assert ["tablet", "phone"] == house.nodes
    assert 1 == counted(house)


def test_unnamedStanzasAreForgotten(says):
    """
    Of stanzas without an id only so many are remembered.
    """
    told, service = Told(), Enablement(JULIET, SERVICE, "n", 1.0, 1.0)
    stanzas = [says.message(id=None) for _ in range(UNNAMED + 1)]

    for stanza in stanzas:
        told.tell(service, [stanza])

    assert told.isNews(service, stanzas[0])
    assert not told.isNews(service, stanzas[1])


def test_PR15_twiceInOneBatch(house, says):
    """
    PR-15: a stanza that two feeds report within one second is one.
    """
    house.enable()
    message, other = says.message(), says.message("Hi")
    for each in (message, replace(message), other):
        house.happens(Occasion.QUEUED, each, session="phone")

    house.clock.advance(COLLECTED)

    assert [2] == [told.summary.messageCount for _, told in house.told]


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


def test_TG4_collectedWhileSomethingIsRead(house, says):
    """
    TG-4: what is being collected for the phone while somebody reads another conversation elsewhere is told. Of what was
    read, be it a part of it, the count begins anew.
    """
    house.enable("phone", "phone")
    house.happens(Occasion.OFFLINE, says.message())
    house.happens(Occasion.QUEUED, says.message("Hark"), session="phone")
    house.told.clear()

    house.happens(Occasion.READ, says.typing(), session="desktop")
    house.clock.advance(COLLECTED)

    assert [(Kind.CLEAR, 0), (Kind.MESSAGE, 1)] == [(told.kind, told.summary.messageCount) for _, told in house.told]


def test_batchesInTroubleAndNoRoom(house, says, monkeypatch, logEvents):
    """
    A batch that could not be told, and for which there is no room any more, is lost; the operator hears of it, and it
    is not tried over and over.
    """
    monkeypatch.setattr("pushsvc.publisher.batches.MOST_BATCHES", 1)
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    house.happens(Occasion.QUEUED, says.message(), session="phone")
    house.enablements.isSlow = True
    house.clock.advance(COLLECTED)
    house.enablements.isSlow = False
    house.happens(Occasion.QUEUED, says.message(), session="tablet")
    house.enablements.rests = True

    house.enablements.goOn()

    assert [1] == [event["lost"] for event in logEvents if "lost" in event]
    house.enablements.rests = False
    house.clock.advance(COLLECTED)
    assert ["tablet"] == house.nodes


def test_batchesInTroubleKeepTheirOrder(house, says):
    """
    What comes while a batch cannot be told is newer than it.
    """
    house.enable("phone", "phone", ContentOptions(bodies=True))
    house.happens(Occasion.QUEUED, says.message("first"), session="phone")
    house.enablements.isSlow = True
    house.clock.advance(COLLECTED)
    house.enablements.isSlow = False
    house.happens(Occasion.QUEUED, says.message("second"), session="phone")
    house.trouble.add("phone")
    house.enablements.goOn()
    house.trouble.clear()

    house.clock.advance(AGAIN)

    assert ["second"] == [told.summary.lastMessageBody for _, told in house.told]


def test_tooManyStanzas(clock, says, monkeypatch):
    """
    However large batches are, together they take only so much memory: what is beyond is told at once.
    """
    monkeypatch.setattr("pushsvc.publisher.batches.MOST_STANZAS", 3)
    ready = []
    batches = Batches(ready.append, clock)
    stanzas = (says.message(), says.message())
    for session in ("a", "b", "a"):
        batches.collect(Event(Occasion.QUEUED, JULIET, session, stanzas))
    assert [("b", 2), ("a", 4)] == [(event.session, len(event.stanzas)) for event in ready]
    assert not clock.getDelayedCalls()

    batches.collect(Event(Occasion.QUEUED, JULIET, "c", stanzas))
    clock.advance(COLLECTED)

    assert ["b", "a", "c"] == [event.session for event in ready]


def test_tooManyStanzasInTrouble(clock, says, monkeypatch):
    """
    Of what could not be told and came back to what was collected meanwhile the oldest and the newest are kept, where
    there is no room for all.
    """
    monkeypatch.setattr("pushsvc.publisher.batches.MOST_STANZAS", 10)
    ready = []
    batches = Batches(ready.append, clock)
    older, newer = (tuple(says.message() for _ in range(8)) for _ in "ab")
    batches.collect(Event(Occasion.QUEUED, JULIET, "a", newer))

    assert batches.postpone(Event(Occasion.QUEUED, JULIET, "a", older), AGAIN)
    clock.advance(AGAIN)

    (event,) = ready
    assert (*older[:4], *newer[4:]) == event.stanzas


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
