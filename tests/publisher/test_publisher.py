"""
What happens to accounts, and what push services are told of it.
"""

from dataclasses import replace

import pytest
from twisted.internet.defer import Deferred
from zope.interface.verify import verifyObject

from pushsvc.enablement import Account, ContentOptions, Enablement
from pushsvc.event import Occasion
from pushsvc.ipushsvc import IPublisher
from pushsvc.model import Kind, Notification, Priority, Summary
from pushsvc.publisher.batches import COLLECTED, MOST
from tests.publisher.conftest import JULIET, ROMEO, SERVICE, House
from tests.support import resultOf

EVERYTHING = ContentOptions(True, True, True, True)


def test_interface(house):
    """
    It is an IPublisher.
    """
    assert verifyObject(IPublisher, house.publisher)


def test_0357_16_nobodyEnabledAnything(house, says):
    """
    0357-16: who has enabled nothing has nobody told, and so have accounts of other domains.
    """
    house.happens(Occasion.OFFLINE, says.message())
    house.enable()
    house.happens(Occasion.OFFLINE, says.message(), account="juliet@example.com")

    assert [] == house.told


def test_PR17_offline(house, says):
    """
    PR-17: what is put aside for an account is told to all its services, and to those only that are enabled.
    """
    house.enable("phone")
    house.enable("tablet", "tablet")
    house.enable("old", "old")
    resultOf(house.publisher.disable(JULIET, SERVICE, "old"))

    house.happens(Occasion.OFFLINE, says.message())

    assert ["phone", "tablet"] == house.nodes
    expected = Notification(Kind.MESSAGE, Priority.HIGH, Summary(messageCount=1, lastMessageBody="New message"))
    assert expected == house.latest


def test_MP57_countsAreReal(house, says):
    """
    MP-57, PR-13: the count is that of what waits, and what only says that somebody is typing does not count.
    """
    house.enable(options=EVERYTHING)

    for stanza in (says.message("a"), says.typing(), says.message("b")):
        house.happens(Occasion.OFFLINE, stanza)

    assert [1, 1, 2] == [told.summary.messageCount for _, told in house.told]
    assert ("b", ROMEO) == (house.latest.summary.lastMessageBody, house.latest.summary.lastMessageSender)


def test_MP59_subscriptionRequests(house, says):
    """
    MP-59: who asks to be let in is counted by himself.
    """
    house.enable(options=EVERYTHING)

    for _ in range(2):
        house.happens(Occasion.OFFLINE, says.subscribe())

    assert Summary(pendingSubscriptionCount=2, lastSubscriptionSender=ROMEO) == house.latest.summary
    assert Priority.NORMAL is house.latest.priority


def test_PR15_neverTwice(house, says):
    """
    PR-15: no service is told twice of one stanza, however it is reported, and it counts once.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    message = says.message()

    house.happens(Occasion.ARCHIVED, message, present=frozenset({"phone"}))
    house.happens(Occasion.OFFLINE, message)
    house.happens(Occasion.HIBERNATED, message, session="phone")

    assert ["tablet", "phone"] == house.nodes
    assert {1} == {told.summary.messageCount for _, told in house.told}


def test_withoutAnId(house, says):
    """
    Of stanzas that nobody has given an id, none is taken for another.
    """
    house.enable()

    for _ in range(2):
        house.happens(Occasion.OFFLINE, replace(says.message(), id=None))

    assert 2 == len(house.told)


def test_PR18_groupchat(house, says):
    """
    PR-18: what a room sends to the account is told to all its services.
    """
    house.enable("phone")
    house.enable("tablet", "tablet")

    house.happens(Occasion.GROUPCHAT, says.message(type="groupchat"))

    assert ["phone", "tablet"] == house.nodes


def test_PR19_archived(house, says):
    """
    PR-19: what is archived is told to the services whose session is not there.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")

    house.happens(Occasion.ARCHIVED, says.message(), present=frozenset({"tablet", "desktop"}))

    assert ["phone"] == house.nodes


def test_PR19_archivedForNobody(house, says):
    """
    PR-19: while nobody is there what is archived is told when it is put aside.
    """
    house.enable()

    house.happens(Occasion.ARCHIVED, says.message(), present=frozenset())
    house.happens(Occasion.ARCHIVED, says.message())

    assert [] == house.told


def test_PR19_callsRingEverywhere(house, says):
    """
    PR-19, PR-11: a call rings on every device, be its session there.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")

    house.happens(Occasion.ARCHIVED, says.call(), present=frozenset({"tablet"}))

    assert ["phone", "tablet"] == house.nodes
    assert (Kind.CALL, Priority.HIGH) == (house.latest.kind, house.latest.priority)


def test_PR20_hibernation(house, says):
    """
    PR-20: a session that lost its connection has its own service told once of all that it has not acknowledged, as of
    something that matters when anything of it does.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    queue = [says.typing(), says.message("a"), says.message("b"), says.typing()]

    house.happens(Occasion.HIBERNATED, *queue, session="phone")

    assert ["phone"] == house.nodes
    assert (Priority.HIGH, 2) == (house.latest.priority, house.latest.summary.messageCount)


def test_MP55_nothingWaits(house):
    """
    MP-55: a session that waits for nothing has nobody told.
    """
    house.enable()

    house.happens(Occasion.HIBERNATED, session="phone")

    assert [] == house.told


def test_PR21_bursts(house, says):
    """
    PR-21: what comes within a second for a session that hibernates is told as one.
    """
    house.enable()
    for number in range(10):
        house.happens(Occasion.QUEUED, says.message(f"{number}"), session="phone")
        house.clock.advance(COLLECTED / 20)
    assert [] == house.told

    house.clock.advance(COLLECTED)

    assert 1 == len(house.told)
    assert 10 == house.latest.summary.messageCount
    house.happens(Occasion.QUEUED, says.message(), session="phone")
    house.clock.advance(COLLECTED)
    assert 2 == len(house.told)


def test_PR21_floods(house, says):
    """
    PR-21: of a flood everything counts, though not all of it is kept.
    """
    house.enable()
    for _ in range(3 * MOST):
        house.happens(Occasion.QUEUED, says.message(), session="phone")

    house.clock.advance(COLLECTED)

    assert [3 * MOST] == [told.summary.messageCount for _, told in house.told]


def test_PR22_overdue(house, says):
    """
    PR-22: what a session ought to have acknowledged is told too, to its own service.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")

    house.happens(Occasion.OVERDUE, says.message(), session="phone")
    house.clock.advance(COLLECTED)

    assert ["phone"] == house.nodes


def test_PR23_resumption(house, says):
    """
    PR-23, MP-56: who is back is not told of what was being collected, and nothing waits any more.
    """
    house.enable()
    house.happens(Occasion.QUEUED, says.message(), says.message(), session="phone")

    house.happens(Occasion.RESUMED, session="phone")
    house.clock.advance(COLLECTED)
    assert [] == house.told

    house.happens(Occasion.QUEUED, says.message(), session="phone")
    house.clock.advance(COLLECTED)
    assert 1 == house.latest.summary.messageCount


def test_aCallDoesNotWait(house, says):
    """
    A call in a burst is told at once, and the rest when its second is over.
    """
    house.enable()

    house.happens(Occasion.QUEUED, says.message(), says.call(), session="phone")

    assert [Kind.CALL] == [told.kind for _, told in house.told]
    house.clock.advance(COLLECTED)
    assert [Kind.CALL, Kind.MESSAGE] == [told.kind for _, told in house.told]


@pytest.mark.parametrize("change", [{"type": "headline"}, {"type": "error"}, {"carbon": "sent"}])
@pytest.mark.parametrize("occasion", [Occasion.OFFLINE, Occasion.HIBERNATED, Occasion.GROUPCHAT])
def test_neverWorthIt(house, says, change, occasion):
    """
    Headlines, errors and what the account itself has said elsewhere wake nobody.
    """
    house.enable()

    house.happens(occasion, says.message(**change), session="phone")

    assert [] == house.told


def test_PR10_unimportant(house, says):
    """
    PR-10, MP-60: what is of no importance is told as such, and without a text.
    """
    house.enable(options=EVERYTHING)

    house.happens(Occasion.OFFLINE, says.typing())

    assert Notification(Kind.MESSAGE, Priority.NORMAL) == house.latest


def test_encryptedMessages(house, says):
    """
    What is encrypted is told as something that matters, without the text that says that it is encrypted.
    """
    house.enable(options=EVERYTHING)

    house.happens(Occasion.OFFLINE, says.message("I sent you an OMEMO encrypted message", encrypted=True))

    assert (Priority.HIGH, "New message") == (house.latest.priority, house.latest.summary.lastMessageBody)


@pytest.mark.parametrize("hint", ["no-store", "no-permanent-store"])
def test_whatNobodyKeeps(house, says, hint):
    """
    0334: what its sender does not want kept wakes nobody, unless there is something to read, or to answer.
    """
    house.enable()
    hints = frozenset({hint})

    house.happens(Occasion.OFFLINE, says.typing(hints=hints))
    assert [] == house.told

    house.happens(Occasion.OFFLINE, says.message(hints=hints))
    house.happens(Occasion.OFFLINE, says.call(hints=hints))
    assert [Kind.MESSAGE, Kind.CALL] == [told.kind for _, told in house.told]


def test_fromTheAccountItself(house, says):
    """
    What an account has said itself, on whichever device, is no news to it, and does not count.
    """
    house.enable()

    house.happens(Occasion.OFFLINE, says.message(sender=f"{JULIET}/desktop"), says.message())

    assert 1 == house.latest.summary.messageCount
    house.happens(Occasion.ARCHIVED, says.message(sender=JULIET), present=frozenset({"desktop"}))
    assert 1 == len(house.told)


@pytest.mark.parametrize("action", ["retract", "reject", "accept", "finish"])
def test_missedCalls(house, says, action):
    """
    A call that is over, as what came after it says, or that was too long ago, does not ring.
    """
    house.enable()
    house.clock.advance(1000)

    house.happens(Occasion.HIBERNATED, says.call(), says.call(action), session="phone")
    house.happens(Occasion.OFFLINE, says.call(stamp=house.clock.seconds() - 61))
    assert [Kind.MESSAGE] * 2 == [told.kind for _, told in house.told]
    assert Priority.NORMAL is house.latest.priority

    house.happens(Occasion.OFFLINE, says.call(stamp=house.clock.seconds() - 5), says.message())
    assert Kind.CALL in [told.kind for _, told in house.told]


def test_MIM17_severalServicesOfASession(house, says):
    """
    MIM-17, EJ-2, PR-7: a session may enable several services, and all of them are told of it.
    """
    house.enable("a", "phone")
    house.enable("b", "phone")
    house.enable("c", "tablet")

    house.happens(Occasion.HIBERNATED, says.message(), session="phone")

    assert ["a", "b"] == house.nodes


def test_MP43_enablingBeginsAnew(house, says):
    """
    MP-43: whoever enables is there and has been given what waited: the counters begin anew.
    """
    house.enable()
    for _ in range(3):
        house.happens(Occasion.OFFLINE, says.message())

    house.enable()
    house.happens(Occasion.OFFLINE, says.message())

    assert 1 == house.latest.summary.messageCount


def test_PR19_whatEverybodyHasIsNotCounted(house, says):
    """
    PR-19, MP-57: what is archived while every device is there waits for none of them.
    """
    house.enable("phone", "phone")
    present = frozenset({"phone", "desktop"})
    for _ in range(5):
        house.happens(Occasion.ARCHIVED, says.message(), present=present)
    assert [] == house.told

    house.happens(Occasion.OFFLINE, says.message())
    assert 1 == house.latest.summary.messageCount


def test_PR22_overdueAndCounted(house, says):
    """
    PR-22, MP-57: what is overdue is told with how much it is, and counts when it is known to wait.
    """
    house.enable()
    messages = [says.message(), says.message()]

    house.happens(Occasion.OVERDUE, *messages, session="phone")
    house.clock.advance(COLLECTED)
    assert 2 == house.latest.summary.messageCount

    house.happens(Occasion.HIBERNATED, *messages, says.message(), session="phone")
    assert 3 == house.latest.summary.messageCount


def test_PR20_onlyNewsMatters(house, says):
    """
    PR-15, PR-20: what a service was told of already makes nothing important that is not.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    message = says.message()
    house.happens(Occasion.ARCHIVED, message, present=frozenset({"tablet"}))
    house.told.clear()

    house.happens(Occasion.HIBERNATED, message, says.typing(), session="phone")

    assert [("phone", Priority.NORMAL)] == [(node, told.priority) for node, told in house.told]


def test_TG4_whoHasReadIt(house, says):
    """
    TG-4: the device on which it was read is not told that it was; nor is an account that wants no counts.
    """
    house.enable("phone", "phone", options=EVERYTHING)
    house.enable("tablet", "tablet")
    house.happens(Occasion.OFFLINE, says.message())
    house.told.clear()
    house.happens(Occasion.READ, session="tablet")
    assert ["phone"] == house.nodes

    house.enable("tablet", "tablet", options=ContentOptions(messageCount=False))
    house.happens(Occasion.OFFLINE, says.message())
    house.told.clear()
    house.happens(Occasion.READ, session="tablet")
    assert [] == house.told


def test_MP54_onlyWhoHibernates(house, says):
    """
    MP-54: one push for all that a session has not acknowledged when it is lost; of what comes later, one for each that
    is not of the same second.
    """
    house.enable("phone", "phone")

    house.happens(Occasion.HIBERNATED, says.message(), says.message(), session="phone")
    for _ in range(2):
        house.happens(Occasion.QUEUED, says.message(), session="phone")
        house.clock.advance(COLLECTED)

    assert [2, 3, 4] == [told.summary.messageCount for _, told in house.told]


def test_MP56_resumed(house, says):
    """
    MP-56: who resumes waits no more, and the counters are cleared.
    """
    house.enable()
    house.happens(Occasion.HIBERNATED, says.message(), session="phone")

    house.happens(Occasion.RESUMED, session="phone")

    assert Account() == replace(resultOf(house.enablements.account(JULIET)), enablements=())


def test_MP51_whatIsEnabledStays(house, says):
    """
    MP-51: that a session ends, or says that it goes, is no wish to be told nothing: what it has enabled stays.
    """
    house.enable()

    house.happens(Occasion.ENDED, session="phone")
    house.happens(Occasion.OFFLINE, says.message())

    assert ["phone"] == house.nodes


def test_EJ3_offlineUnlessArchived(house, says):
    """
    EJ-3: what was archived and put aside is told once, to all sessions.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    message = says.message()

    house.happens(Occasion.ARCHIVED, message, present=frozenset())
    house.happens(Occasion.OFFLINE, message)

    assert ["phone", "tablet"] == house.nodes


def test_EJ9_expiry(clock, says):
    """
    EJ-9: what was not enabled again for so long is told nothing, even before it is forgotten.
    """
    house = House(clock)
    house.enabling._lasts = 100.0
    house.enable("old", "old")
    clock.advance(60)
    house.enable("young", "young")
    clock.advance(60)

    house.happens(Occasion.OFFLINE, says.message())

    assert ["young"] == house.nodes


def test_MIM20_removed(house, says):
    """
    MIM-20: of a removed user nothing stays; others keep what they have.
    """
    house.enable()
    other = Enablement("romeo@example.org", SERVICE, "other", 1.0, 1.0)
    resultOf(house.publisher.enable(other))

    house.happens(Occasion.REMOVED)

    assert [] == list(resultOf(house.enablements.ofAccount(JULIET)))
    assert [other] == list(resultOf(house.enablements.ofAccount("romeo@example.org")))


def test_MIM23_sorts(house, says):
    """
    MIM-23: chat and groupchat are told, and so is what has no type, unlike with MongooseIM; headlines never.
    """
    house.enable()

    for type in ("chat", "groupchat", "normal", "headline", "error"):
        house.happens(Occasion.OFFLINE, says.message(type, type=type), session=type)

    assert [1, 2, 3] == [told.summary.messageCount for _, told in house.told]


def test_MIM26_presentDevices(house, says):
    """
    MIM-26: while somebody is there, only devices that are not are told.
    """
    house.enable("phone", "phone")

    house.happens(Occasion.ARCHIVED, says.message(), present=frozenset({"phone"}))

    assert [] == house.told


def test_MIM27_toldBefore(house, says):
    """
    MIM-27: services that were told of a stanza are left out when it is reported again.
    """
    house.enable("phone", "phone")
    message = says.message()
    house.happens(Occasion.HIBERNATED, message, session="phone")
    house.enable("tablet", "tablet")

    house.happens(Occasion.OFFLINE, message)

    assert ["phone", "tablet"] == house.nodes


@pytest.mark.parametrize("type, sender", [("chat", ROMEO), ("groupchat", "room@muc.example.org/romeo")])
def test_MIM28_fields(house, says, type, sender):
    """
    MIM-28: how much waits, who wrote, of a room with the nickname, and what.
    """
    house.enable(options=EVERYTHING)

    house.happens(Occasion.GROUPCHAT, says.message("Hi", type=type, sender=sender))

    assert Summary(1, None, sender, "Hi") == house.latest.summary


def test_EJ4_encrypted(house, says):
    """
    EJ-4: of an encrypted message it is told that there is one.
    """
    house.enable(options=EVERYTHING)

    house.happens(Occasion.OFFLINE, says.message(None, encrypted=True))

    assert Summary(1, None, ROMEO, "New message") == house.latest.summary


def test_EJ6_PR14_policiesMayDropOrRewrite(clock, says):
    """
    EJ-6, PR-14, MIM-39: a policy sees the event, the notification and the service, and may drop or rewrite what is
    told, before it is known where the service is: virtual hosts are no affair of policies.
    """

    class Rewriting:
        async def publishNotification(self, event, notification, services, publish):
            for service in services:
                if service.node != "dropped":
                    body = f"{event.stanzas[0].body} for {service.node}"
                    await publish(replace(notification, summary=Summary(lastMessageBody=body)), service)

    house = House(clock, policies=(lambda default: Rewriting(),))
    house.enable("phone", "phone")
    house.enable("dropped", "tablet")
    message = says.message("Hi")

    house.happens(Occasion.OFFLINE, message)
    assert [("phone", "Hi for phone")] == [(node, told.summary.lastMessageBody) for node, told in house.told]


def test_PR16_ping(house, says):
    """
    PR-16: devices can be asked to come and look; they are told how much waits. All of them, or those that are named.
    """
    house.enable("phone", "phone")
    house.enable("tablet", "tablet")
    house.happens(Occasion.OFFLINE, says.message())
    house.told.clear()

    house.happens(Occasion.PING)
    house.happens(Occasion.PING, services=((SERVICE, "tablet"),))

    assert ["phone", "tablet", "tablet"] == house.nodes
    assert Notification(Kind.MESSAGE, Priority.NORMAL, Summary(messageCount=1)) == house.latest


def test_TG4_readElsewhere(house, says):
    """
    TG-4: what was read on another device is cleared on all of them, once.
    """
    house.enable("phone", "phone")
    house.happens(Occasion.OFFLINE, says.message())
    house.told.clear()

    house.happens(Occasion.READ)
    house.happens(Occasion.READ)

    assert [("phone", Notification(Kind.CLEAR, Priority.NORMAL, Summary(messageCount=0)))] == house.told
    house.happens(Occasion.OFFLINE, says.message())
    assert 1 == house.latest.summary.messageCount


def test_MP50_removed(house, says):
    """
    MP-50: of an account that is gone nothing stays, nor does anything that was being collected for it.
    """
    house.enable()
    house.happens(Occasion.QUEUED, says.message(), session="phone")

    house.happens(Occasion.REMOVED)
    house.clock.advance(COLLECTED)

    assert [] == house.told
    assert [] == list(resultOf(house.enablements.ofAccount(JULIET)))


def test_0357_19_withdrawn(house, says):
    """
    0357-19, MP-37: a service that says so takes nothing any more: this one, for this node.
    """
    house.enable("phone")
    house.enable("tablet")

    assert not resultOf(house.publisher.withdrawn("evil.example", JULIET, "phone"))
    assert not resultOf(house.publisher.withdrawn(SERVICE, "romeo@example.org", "phone"))
    assert resultOf(house.publisher.withdrawn(SERVICE, JULIET, "phone"))

    house.happens(Occasion.OFFLINE, says.message())
    assert ["tablet"] == house.nodes


def test_stopping(house, says):
    """
    Who stops tells before what was being collected.
    """
    house.enable()
    house.happens(Occasion.QUEUED, says.message(), session="phone")

    ending = house.publisher.finish()

    assert ["phone"] == house.nodes
    assert all(isinstance(each, Deferred) for each in ending)
    assert not house.clock.getDelayedCalls()


def test_MP46_optionsThroughThePublisher(clock):
    """
    MP-44 to MP-49: options are free with the first service, later only towards less, and free again after the last.
    """
    house = House(clock)

    assert EVERYTHING == house.enable("a", options=EVERYTHING)
    assert EVERYTHING == resultOf(house.publisher.options(JULIET))
    assert ContentOptions(bodies=False) == house.enable("b", options=ContentOptions(bodies=False))
    assert ContentOptions() == house.enable("b", options=ContentOptions(bodies=True))
    assert replace(EVERYTHING, bodies=False) == resultOf(house.publisher.options(JULIET))

    resultOf(house.publisher.disable(JULIET, SERVICE))
    assert ContentOptions(False, True, True, False) == resultOf(house.publisher.options(JULIET))
    assert EVERYTHING == house.enable("a", options=EVERYTHING)
