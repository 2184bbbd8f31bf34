"""
What MongooseIM tells RabbitMQ.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.event import Event, Occasion, Stanza
from pushsvc.feeds.mongooseim import BODY_MAX, BadMessage, MongooseIM, Presences

JULIET, ROMEO = "juliet@example.org", "romeo@example.net/orchard"


@pytest.fixture
def mongooseIM():
    return MongooseIM(Presences(), "presence", "chat_msg", "groupchat_msg")


def presence(mongooseIM, present, user=f"{JULIET}/balcony"):
    return mongooseIM.read("presence", json.dumps({"user_id": user, "present": present}).encode())


def message(mongooseIM, body="Wherefore?", to=f"{JULIET}/balcony", sender=ROMEO, exchange="chat_msg"):
    said = {"to_user_id": to, "message": body, "from_user_id": sender}
    return mongooseIM.read(exchange, json.dumps(said).encode())


def test_MIM26_nobodyIsThere(mongooseIM):
    """
    MIM-26: a message for an account that nobody is there of waits for it.
    """
    said = message(mongooseIM)

    assert Event(Occasion.OFFLINE, JULIET, stanzas=(Stanza("message", "chat", ROMEO, body="Wherefore?"),)) == said


def test_MIM26_somebodyIsThere(mongooseIM):
    """
    MIM-26: a message for somebody who is there is no event; when the last session is gone it is one again.
    """
    assert Event(Occasion.RESUMED, JULIET, "balcony") == presence(mongooseIM, True)
    presence(mongooseIM, True, f"{JULIET}/garden")
    assert message(mongooseIM) is None

    assert Event(Occasion.ENDED, JULIET, "balcony") == presence(mongooseIM, False)
    assert message(mongooseIM) is None
    presence(mongooseIM, False, f"{JULIET}/garden")
    presence(mongooseIM, False, f"{JULIET}/garden")
    assert Occasion.OFFLINE is message(mongooseIM).occasion


def test_MIM28_rooms(mongooseIM):
    """
    MIM-28: of rooms it is known who spoke there.
    """
    (said,) = message(mongooseIM, sender="room@muc.example.org/Romeo", exchange="groupchat_msg").stanzas

    assert ("groupchat", "room@muc.example.org/Romeo", "Romeo") == (said.type, said.sender, said.nick)


def test_charactersThatAreNone(mongooseIM):
    """
    JSON can say what XML cannot, and what cannot be stored: the rest of it is told.
    """
    (said,) = message(mongooseIM, "a\0b\ud800c").stanzas

    assert "a\ufffdb\ufffdc" == said.body


def test_MIM25_nothingSaid(mongooseIM):
    """
    MIM-25: without a body there is nothing to tell; and there is an end to bodies.
    """
    assert message(mongooseIM, "") is None
    assert BODY_MAX == len(message(mongooseIM, "b" * (BODY_MAX + 1)).stanzas[0].body)


@pytest.mark.parametrize(
    "exchange, body",
    [
        ("presence", b""),
        ("presence", b"[]"),
        ("presence", b"\xff"),
        ("presence", b"[" * 100_000),
        ("presence", b"{}"),
        ("presence", b'{"user_id": "juliet@example.org", "present": true}'),
        ("presence", b'{"user_id": "juliet@example.org/b", "present": "yes"}'),
        ("chat_msg", b'{"to_user_id": "juliet@example.org", "from_user_id": "r@m"}'),
        ("chat_msg", b'{"to_user_id": "@", "from_user_id": "r@m", "message": "b"}'),
        ("chat_msg", b'{"to_user_id": 7, "from_user_id": "r@m", "message": "b"}'),
        ("other", b'{"to_user_id": "a@b", "from_user_id": "r@m", "message": "b"}'),
    ],
)
def test_somethingElse(mongooseIM, exchange, body):
    """
    What MongooseIM would not say is not understood.
    """
    with pytest.raises(BadMessage):
        mongooseIM.read(exchange, body)


def test_howManyAreRemembered():
    """
    There is an end to who is known to be there; who is forgotten is told too much rather than too little.
    """
    presences = Presences(remembered=2)

    for account in ("a@b", "c@d", "e@f"):
        presences.came(account, "x")

    assert [False, True, True] == [presences.isThere(account) for account in ("a@b", "c@d", "e@f")]


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("abc")), max_size=12))
def test_whoIsThere(said):
    """
    Whatever comes and goes, and however often it is said: somebody is there as long as some session is.
    """
    presences, expected = Presences(), set()

    for came, resource in said:
        (presences.came if came else presences.went)(JULIET, resource)
        (expected.add if came else expected.discard)(resource)

    assert bool(expected) is presences.isThere(JULIET)
