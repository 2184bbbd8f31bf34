"""
How much waits: what is told of it, and when it begins anew.
"""

from pushsvc.enablement import ContentOptions
from pushsvc.event import Occasion
from pushsvc.model import Kind, Notification, Priority, Summary
from pushsvc.publisher.batches import COLLECTED
from tests.publisher.conftest import ROMEO

EVERYTHING = ContentOptions(True, True, True, True)


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
