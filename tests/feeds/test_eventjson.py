"""
Events as JSON.
"""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.event import Call, Event, Occasion, Stanza
from pushsvc.feeds.eventjson import STANZAS_MAX, BadEvent, readEvent, readJSON

JULIET = "juliet@example.org"


def event(**said):
    return {"occasion": "offline", "account": JULIET, **said}


def stanza(**said):
    return readEvent(event(stanzas=[said])).stanzas[0]


@pytest.mark.parametrize("occasion", Occasion)
def test_everyOccasion(occasion):
    """
    Everything that can happen can be posted, and nothing but who and what has to be said.
    """
    assert Event(occasion, JULIET) == readEvent(event(occasion=occasion.value))


def test_inFull():
    """
    All that an event can say.
    """
    said = readEvent(
        event(
            occasion="hibernated",
            account="Juliet@Example.org",
            session="balcony",
            present=[{"resource": "desktop", "away": True}, {"resource": "tablet"}],
            services=[{"jid": "Push.example.net", "node": "n"}, {"jid": "push.example.com"}],
            stanzas=[
                {
                    "name": "message",
                    "type": "groupchat",
                    "sender": "room@muc.example.org/Romeo",
                    "id": "a1",
                    "body": "Wherefore?",
                    "encrypted": True,
                    "call": {"action": "propose", "sid": "s", "media": ["audio", "video"]},
                    "carbon": "received",
                    "subject": True,
                    "hints": ["store"],
                    "mentions": [JULIET],
                    "nick": "Romeo",
                    "stamp": "2026-11-20T10:00:00Z",
                    "known": False,
                    "recipient": f"{JULIET.capitalize()}/balcony",
                }
            ],
        )
    )

    expected = Stanza(
        "message",
        "groupchat",
        "room@muc.example.org/Romeo",
        "a1",
        "Wherefore?",
        True,
        Call("propose", "s", ("audio", "video")),
        "received",
        True,
        frozenset({"store"}),
        frozenset({JULIET}),
        "Romeo",
        1795168800.0,
        False,
        JULIET,
    )
    assert said == Event(
        Occasion.HIBERNATED,
        JULIET,
        "balcony",
        (expected,),
        frozenset({"desktop", "tablet"}),
        frozenset({"desktop"}),
        (("push.example.net", "n"), ("push.example.com", "")),
    )


def test_whatIsLeftOut():
    """
    What is left out is as of a stanza that says nothing of it.
    """
    assert Stanza("message", "normal") == stanza()
    assert Stanza("presence", "subscribe") == stanza(name="presence", type="subscribe")
    assert stanza(body="").body is None


def test_nobodyIsThere():
    """
    That nobody is there, and that nobody says who is, are two things.
    """
    assert frozenset() == readEvent(event(present=[])).present
    assert readEvent(event(present=None)).present is None


@pytest.mark.parametrize(
    "said, why",
    [
        ({"occasion": "offline"}, "account: is missing"),
        (event(occasion="odd"), "occasion: "),
        (event(acount="x"), "an unknown key (account?)"),
        (event(stanzas=[{}, {"bodie": "s3cret"}]), "stanzas.1: an unknown key (body?)"),
        (event(stanzas=[{"body": 7}]), "stanzas.0.body: "),
        (event(stanzas=[{"encrypted": "yes"}]), "stanzas.0.encrypted: "),
        (event(stanzas=[{"call": {"action": "shout"}}]), "stanzas.0.call.action: "),
        (event(stanzas=[{"stamp": "2026-11-20T10:00:00"}]), "stanzas.0.stamp: without a time zone"),
        (event(stanzas=[{"stamp": "yesterday"}]), "stanzas.0.stamp: "),
        (event(stanzas=[{"sender": "@"}]), "stanzas.0.sender: not a JID"),
        (event(stanzas=[{"recipient": "@"}]), "stanzas.0.recipient: not a JID"),
        (event(stanzas=[{"body": "\ud800"}]), "stanzas.0.body: a character that is none"),
        (event(stanzas=[{"body": "\0"}]), "stanzas.0.body: a character that is none"),
        (event(stanzas=[{}] * (STANZAS_MAX + 1)), "stanzas: "),
        (event(account="example.org"), "account: not the bare JID"),
        (event(account=f"{JULIET}/balcony"), "account: not the bare JID"),
        (event(session=""), "session: not a resource"),
        (event(present=[{"away": True}]), "present.0.resource: is missing"),
        (event(services=[{"jid": ""}]), "services.0.jid: not a JID"),
        ("offline", ""),
        (None, ""),
        ([], ""),
    ],
)
def test_notAnEvent(said, why):
    """
    What is none is refused, by the place where it is wrong, and without repeating what it says.
    """
    with pytest.raises(BadEvent) as raised:
        readEvent(said)

    assert why in str(raised.value)
    assert "s3cret" not in str(raised.value)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000])
def test_notJSON(body):
    """
    What is no JSON is refused.
    """
    with pytest.raises(BadEvent):
        readJSON(body)


ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([JULIET, "offline"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["occasion", "account", "stanzas", "present", "services", "body", "call", "stamp", "x"]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)


@given(ANYTHING, st.sampled_from(["stanzas", "present", "services", "session", "account"]))
def test_anythingAtAll(said, key):
    """
    Whatever is posted is an event, or is refused.
    """
    for each in (said, event(**{key: said}), event(stanzas=[said])):
        with suppress(BadEvent):
            assert isinstance(readEvent(json.loads(json.dumps(each))), Event)
