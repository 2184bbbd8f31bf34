"""
What is collected for a second, and what becomes of it.
"""

from dataclasses import replace

import pytest

from pushsvc.enablement import ContentOptions
from pushsvc.event import Event, Occasion
from pushsvc.model import Kind
from pushsvc.publisher.batches import COLLECTED, Batches
from pushsvc.publisher.publisher import AGAIN
from tests.publisher.conftest import JULIET, House
from tests.publisher.slow import Slow
from tests.support import resultOf


@pytest.fixture
def house(clock):
    return House(clock, wrap=Slow)


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
