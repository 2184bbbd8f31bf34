"""
One stanza, reported in several ways and for several devices, is told once to each that is not there.
"""

from dataclasses import replace

from pushsvc.event import Occasion
from pushsvc.model import Kind, Priority


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
