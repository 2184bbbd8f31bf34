"""
What is worth a push, and what it says.
"""

import pytest

from pushsvc.enablement import ContentOptions
from pushsvc.event import Occasion
from pushsvc.model import Kind, Notification, Priority, Summary
from tests.publisher.conftest import JULIET, ROMEO

EVERYTHING = ContentOptions(True, True, True, True)


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


def test_MIM23_sorts(house, says):
    """
    MIM-23: chat and groupchat are told, and so is what has no type, unlike with MongooseIM; headlines never.
    """
    house.enable()

    for type in ("chat", "groupchat", "normal", "headline", "error"):
        house.happens(Occasion.OFFLINE, says.message(type, type=type), session=type)

    assert [1, 2, 3] == [told.summary.messageCount for _, told in house.told]


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
