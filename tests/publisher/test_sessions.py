"""
Sessions: those that lose their connection, and what comes for them until they are back.
"""

from dataclasses import replace

from pushsvc.enablement import Account
from pushsvc.event import Occasion
from pushsvc.model import Kind, Priority
from pushsvc.publisher.batches import COLLECTED, MOST
from tests.publisher.conftest import JULIET
from tests.support import resultOf


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


def test_MIM17_severalServicesOfASession(house, says):
    """
    MIM-17, EJ-2, PR-7: a session may enable several services, and all of them are told of it.
    """
    house.enable("a", "phone")
    house.enable("b", "phone")
    house.enable("c", "tablet")

    house.happens(Occasion.HIBERNATED, says.message(), session="phone")

    assert ["a", "b"] == house.nodes


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
