"""
What of somebody else's stanza matters.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.event import Call
from pushsvc.wire.stanzas import BODY_MAX, forwardedIn, readStanza
from tests.wire.support import tree, view

JULIET, ROMEO = "juliet@example.org", "romeo@example.net/orchard"


def stanza(content="", name="message", type="chat", more="", read=view):
    said = f" type='{type}'" if type else ""
    return readStanza(
        read(f"<{name} xmlns='jabber:client' from='{ROMEO}' to='{JULIET}'{said}{more}>{content}</{name}>"), JULIET
    )


def carbon(direction, content, sender=f" from='{JULIET}'"):
    return (
        f"<message xmlns='jabber:client'{sender} to='{JULIET}/balcony'><{direction} xmlns='urn:xmpp:carbons:2'>"
        f"<forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' type='chat' from='{ROMEO}'>"
        f"{content}</message></forwarded></{direction}></message>"
    )


@pytest.mark.parametrize("read", [view, tree])
def test_aMessage(read):
    """
    Who wrote what, and what it is.
    """
    said = stanza("<body>Wherefore?</body>", read=read)

    assert ("message", "chat", ROMEO, "Wherefore?") == (said.name, said.type, said.sender, said.body)
    assert (False, False, None, None) == (said.encrypted, said.subject, said.call, said.carbon)


@pytest.mark.parametrize(
    ("nick", "sender"),
    [
        ("\N{FOX FACE}", "garden@rooms.example.net/\N{FOX FACE}"),
        ("\ue000", "garden@rooms.example.net"),
    ],
)
def test_nicksOfToday(nick, sender):
    """
    Somebody in a room whose nick has characters that stringprep does not know yet, or that it forbids, is still of that
    room.
    """
    from_ = f"<message xmlns='jabber:client' from='garden@rooms.example.net/{nick}' type='groupchat'/>"

    said = readStanza(view(from_), JULIET)

    assert (sender, nick) == (said.sender, said.nick)


def test_aMessageWithoutAType():
    """
    A message without a type is a normal one.
    """
    assert "normal" == stanza(type="").type
    assert "" == stanza(name="presence", type="").type


def test_MP58_emptyBodies():
    """
    MP-58: an empty body is none, and one of several may hold something.
    """
    assert stanza("<body/>").body is None
    assert "b" == stanza("<body/><body xml:lang='de'>b</body>").body
    assert BODY_MAX == len(stanza(f"<body>{'b' * (BODY_MAX + 1)}</body>").body)


@pytest.mark.parametrize(
    "content",
    [
        "<encrypted xmlns='eu.siacs.conversations.axolotl'><header/><payload>x</payload></encrypted>",
        *(f"<encrypted xmlns='urn:xmpp:omemo:{n}'><header/><payload>x</payload></encrypted>" for n in range(3)),
        "<encrypted xmlns='urn:xmpp:omemo:2'/>",
        "<x xmlns='jabber:x:encrypted'>x</x>",
        "<openpgp xmlns='urn:xmpp:openpgp:0'>x</openpgp>",
    ],
)
def test_PR10_encryption(content):
    """
    PR-10: OMEMO in all its versions, OX, and OpenPGP of old are encryption.
    """
    assert stanza(content).encrypted


@pytest.mark.parametrize(
    "content",
    ["<encrypted xmlns='urn:xmpp:omemo:2'><header/></encrypted>", "<encrypted xmlns='urn:other'/>", "<openpgp/>"],
)
def test_PR10_noEncryption(content):
    """
    PR-10: a key that is handed over says nothing, and neither does what only looks like encryption.
    """
    assert not stanza(content).encrypted


def test_PR11_calls():
    """
    PR-11: a call is known by what it says, with its id and its media.
    """
    propose = (
        "<propose xmlns='urn:xmpp:jingle-message:0' id='sid1'>"
        "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'/>"
        "<description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'/><description media='odd'/></propose>"
    )
    invite = "<invite xmlns='urn:xmpp:call-invites:0' video='true' id='sid2'/>"

    assert Call("propose", "sid1", ("audio", "video")) == stanza(propose).call
    assert Call("invite", "sid2", ("video",)) == stanza(invite).call
    assert not stanza("<retract xmlns='urn:xmpp:jingle-message:0' id='sid1'/>").call.rings
    assert stanza("<propose xmlns='urn:other'/>").call is None


@pytest.mark.parametrize("direction", ["sent", "received"])
def test_PR10_carbons(direction):
    """
    PR-10, EJ-5: a carbon is what it is a copy of.
    """
    said = readStanza(view(carbon(direction, "<body>b</body>")), JULIET)

    assert (direction, "b", ROMEO) == (said.carbon, said.body, said.sender)


@pytest.mark.parametrize("sender", ["", "/orchard", "/\N{FLAMINGO}"])
def test_PR10_carbonsOfOthers(sender):
    """
    PR-10: whoever is not the account itself makes no carbons of its messages: nobody puts words into another's mouth,
    be his resource one that cannot even be prepared.
    """
    said = readStanza(view(carbon("received", "<body>b</body>", f" from='mallory@example.com{sender}'")), JULIET)

    assert (None, None) == (said.carbon, said.body)
    assert (said.sender or "").startswith("mallory@example.com")
    assert "received" == readStanza(view(carbon("received", "<body>b</body>", "")), JULIET).carbon


def ofRoom(sender, by):
    return view(
        f"<message xmlns='jabber:client' from='{by}' to='{JULIET}'>"
        "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:mucsub:nodes:messages'>"
        f"<item id='1'><message xmlns='jabber:client' type='groupchat' from='{sender}'>"
        "<body>b</body></message></item></items></event></message>"
    )


@pytest.mark.parametrize("nick", ["Romeo", "\N{FLAMINGO}"])
def test_EJ5_roomsByPubsub(nick):
    """
    EJ-5: of MUC-Sub's items the message within counts.
    """
    said = readStanza(ofRoom(f"room@muc.example/{nick}", "room@muc.example"), JULIET)

    assert ("groupchat", "b", nick) == (said.type, said.body, said.nick)
    assert (said.sender or "").startswith("room@muc.example")


@pytest.mark.parametrize("by", ["mallory@example.com/x", "mallory@example.com/\N{FLAMINGO}", "muc.example", "@", ""])
def test_EJ5_roomsOfOthers(by):
    """
    EJ-5: whoever is not the room has no items of it: nobody puts words into the mouth of who is there.
    """
    said = readStanza(ofRoom("room@muc.example/Romeo", by), JULIET)

    assert (None, None) == (said.body, said.nick)
    assert "room" not in (said.sender or "")


def test_theIdOfTheArchive():
    """
    0313-1: the account's archive gives a stanza its id; what others say about ids is not believed.
    """
    sid = "<stanza-id xmlns='urn:xmpp:sid:0' by='{}' id='{}'/>"

    assert "a1" == stanza(sid.format("mallory@example.com", "x") + sid.format(JULIET, "a1")).id
    assert "x" != stanza(sid.format("mallory@example.com", "x"), more=" id='1'").id


def test_idsOfSenders():
    """
    Without an archive the sender's id tells stanzas apart, together with what they say; without any nobody knows.
    """
    first, again = (stanza("<body>a</body>", more=" id='1'") for _ in range(2))
    other = stanza("<body>b</body>", more=" id='1'")

    assert first.id == again.id != other.id
    assert stanza("<body>a</body>").id is None


def test_hintsMentionsNicksSubjects():
    """
    What senders say beside: hints, whom they mean, who they are, how a room is called now, and when they said it.
    """
    mention = "<reference xmlns='urn:xmpp:reference:0' type='{}' uri='{}'/>"
    said = stanza(
        "<subject>s</subject><no-store xmlns='urn:xmpp:hints'/><odd xmlns='urn:xmpp:hints'/>"
        + mention.format("mention", f"xmpp:{JULIET}")
        + mention.format("mention", "https://example.org/")
        + mention.format("data", "xmpp:romeo@example.net")
        + "<nick xmlns='http://jabber.org/protocol/nick'> Romeo </nick>"
        + "<delay xmlns='urn:xmpp:delay' stamp='odd'/><delay xmlns='urn:xmpp:delay' stamp='2026-11-20T10:00:00Z'/>"
    )

    assert said.subject
    assert {"no-store"} == said.hints
    assert {JULIET} == said.mentions
    assert "Romeo" == said.nick
    assert 1795168800 == said.stamp


def test_withoutNamespaces():
    """
    Whoever forwards without namespaces is understood.
    """
    message = "<message xmlns=''><body>b</body></message>"
    wrapper = view(f"<w><forwarded xmlns='urn:xmpp:forward:0'>{message}</forwarded></w>")

    assert "b" == readStanza(forwardedIn(wrapper), JULIET).body


XML = st.recursive(
    st.sampled_from(["x", "<body/>", "<body>b</body>"]),
    lambda inner: st.builds(
        lambda name, uri, content: f"<{name} xmlns='{uri}' id='' by='{JULIET}' type='mention'>{content}</{name}>",
        st.sampled_from(["message", "received", "forwarded", "event", "items", "item", "delay", "encrypted", "invite"]),
        st.sampled_from(
            ["urn:xmpp:carbons:2", "urn:xmpp:forward:0", "http://jabber.org/protocol/pubsub#event", "urn:xmpp:delay"]
        ),
        inner,
    ),
    max_leaves=6,
)


@given(XML)
def test_oddStanzas(content):
    """
    Whatever is odd about a stanza is left out of what is read of it.
    """
    said = stanza(content)

    assert said.body is None or said.body
