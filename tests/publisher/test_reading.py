"""
What is read on one device, chat by chat, and what the others are told of that.
"""

from dataclasses import replace

import pytest
from twisted.internet.defer import ensureDeferred

from pushsvc.enablement import ContentOptions
from pushsvc.event import Event, Occasion
from pushsvc.model import Kind
from pushsvc.storage.accounts import CHATS_MAX
from tests.publisher.conftest import JULIET, ROMEO, House
from tests.publisher.slow import Slow
from tests.support import resultOf

NURSE, ROOM = "nurse@example.org/kitchen", "room@muc.example.org"


@pytest.fixture
def marker(says):
    def marker(*recipients):
        return [says.typing(sender=f"{JULIET}/desktop", recipient=recipient) for recipient in recipients]

    return marker


def waiting(house):
    return resultOf(house.storage.enablements.account(JULIET)).pending


def test_TG4_oneChat(house, says, marker):
    """
    TG-4: who has read one chat has not read the others: they go on to count, and nobody is told that nothing waits.
    """
    house.enable(options=ContentOptions(messageCount=True))
    for sender in (ROMEO, NURSE, NURSE):
        house.happens(Occasion.OFFLINE, says.message(sender=sender))
    house.happens(Occasion.OFFLINE, says.subscribe())
    house.told.clear()

    house.happens(Occasion.READ, *marker("nurse@example.org"), session="desktop")

    assert [] == house.told
    assert (1, 1) == (waiting(house).messages, waiting(house).subscriptions)
    house.happens(Occasion.OFFLINE, says.message(sender=NURSE))
    assert 2 == house.latest.summary.messageCount


@pytest.mark.parametrize("isAtOnce", [True, False])
def test_TG4_theLastChat(house, says, marker, isAtOnce):
    """
    TG-4: when the last chat is read nothing waits any more, and the devices are told so: once. Of rooms it is the room
    that is read, whoever said it.
    """
    house.enable()
    house.happens(Occasion.OFFLINE, says.message())
    for nick in ("Romeo", "Nurse"):
        house.happens(Occasion.GROUPCHAT, says.message(sender=f"{ROOM}/{nick}", type="groupchat"))
    house.told.clear()

    for markers in [marker(ROOM, "romeo@example.net")] if isAtOnce else [marker(ROOM), marker("romeo@example.net")]:
        house.happens(Occasion.READ, *markers, session="desktop")
        house.happens(Occasion.READ, *markers, session="desktop")

    assert [(Kind.CLEAR, 0)] == [(told.kind, told.summary.messageCount) for _, told in house.told]
    assert 0 == waiting(house).messages


def test_TG4_aChatOfWhichNothingWaits(house, says, marker):
    """
    TG-4: who reads what was not waiting for anybody changes nothing; nor is anything changed in the storage.
    """
    house = House(house.clock, wrap=Slow)
    house.enable()
    house.happens(Occasion.OFFLINE, says.message())
    house.told.clear()
    house.enablements.asked.clear()

    house.happens(Occasion.READ, *marker("nurse@example.org"), session="desktop")

    assert ["account"] == house.enablements.asked
    assert [] == house.told
    assert 1 == waiting(house).messages


def test_TG4_nobodySaysWhichChat(house, says):
    """
    TG-4: where nobody says which chat it was, the count begins anew.
    """
    house.enable()
    for sender in (ROMEO, NURSE):
        house.happens(Occasion.OFFLINE, says.message(sender=sender))

    house.happens(Occasion.READ, says.typing(sender=f"{JULIET}/desktop"), session="desktop")

    assert (Kind.CLEAR, 0) == (house.latest.kind, waiting(house).messages)


def test_TG4_readWhileHearing(clock, says, marker):
    """
    TG-4: what is read while it is still being heard of does not wait in the end.
    """
    house = House(clock, wrap=Slow)
    house.enable()
    house.enablements.isSlow = True
    message, (mark,) = says.message(), marker("romeo@example.net")
    for event in (
        Event(Occasion.OFFLINE, JULIET, stanzas=(message,)),
        Event(Occasion.READ, JULIET, "desktop", stanzas=(mark,)),
    ):
        ensureDeferred(house.publisher.happened(event))
    house.enablements.goOn()

    assert 0 == waiting(house).messages


def test_TG4_manyChats(house, says, marker):
    """
    TG-4: of so many chats only is it kept how much of each waits; all of it waits all the same. Who with whom is not
    kept at all.
    """
    house.enable()
    for number in range(CHATS_MAX + 1):
        house.happens(Occasion.OFFLINE, says.message(sender=f"friend{number}@example.net/x"))

    pending = waiting(house)

    assert (CHATS_MAX + 1, CHATS_MAX) == (pending.messages, len(pending.chats))
    assert "friend" not in repr(dict(pending.chats))
    house.happens(Occasion.READ, *marker("friend0@example.net", "friend1@example.net"), session="desktop")
    assert CHATS_MAX == waiting(house).messages
    house.happens(Occasion.RESUMED, session="phone")
    assert replace(pending, messages=0, chats={}) == waiting(house)


def test_TG4_whoWroteLongestAgo(house, says, marker):
    """
    TG-4: of many chats those are known of which something came last: whoever goes on writing is not forgotten.
    """
    house.enable()
    for number in (*range(CHATS_MAX), 0, CHATS_MAX):
        house.happens(Occasion.OFFLINE, says.message(sender=f"friend{number}@example.net/x"))

    house.happens(Occasion.READ, *marker("friend1@example.net"), session="desktop")
    assert CHATS_MAX + 2 == waiting(house).messages
    house.happens(Occasion.READ, *marker("friend0@example.net"), session="desktop")
    assert CHATS_MAX == waiting(house).messages
