"""
Trouble in between: nothing is lost, and nothing is told twice.
"""

import pytest

from pushsvc.enablement import Account, Enablement
from pushsvc.errors import TryLater
from pushsvc.event import Occasion
from pushsvc.model import Kind, Priority
from pushsvc.publisher.batches import COLLECTED
from pushsvc.publisher.publisher import AGAIN
from pushsvc.publisher.told import UNNAMED, Told
from tests.publisher.conftest import JULIET, SERVICE, House
from tests.support import resultOf


def counted(house):
    return resultOf(house.storage.enablements.account(JULIET)).pending.messages


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
