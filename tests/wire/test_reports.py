"""
What happened, as users' servers report it.
"""

import pytest

from pushsvc.event import Event, Occasion
from pushsvc.wire.namespaces import NS_EVENTS
from pushsvc.wire.reports import readEvent, readForwarded, readItem
from tests.wire.support import tree, view

JULIET, ROMEO = "juliet@example.org", "romeo@example.net/orchard"
MESSAGE = f"<message xmlns='jabber:client' type='chat' from='{ROMEO}' to='{JULIET}' id='1'><body>b</body></message>"
FORWARDED = f"<forwarded xmlns='urn:xmpp:forward:0'>{MESSAGE}</forwarded>"


def event(content="", occasion="hibernated", more="", account=JULIET, read=view):
    said = f"<event xmlns='{NS_EVENTS}' occasion='{occasion}' account='{account}'{more}>{content}</event>"
    return readEvent(read(f"<message from='example.org' to='push.example.org'>{said}</message>"))


@pytest.mark.parametrize("read", [view, tree])
def test_0297_1_forwarded(read):
    """
    0297-1: what is forwarded was put aside for whom it is addressed to.
    """
    reported = readForwarded(read(f"<message from='example.org' to='push.example.org'>{FORWARDED}</message>"))

    assert (Occasion.OFFLINE, JULIET) == (reported.occasion, reported.account)
    assert ["b"] == [stanza.body for stanza in reported.stanzas]
    assert (None, None) == (reported.session, reported.present)


@pytest.mark.parametrize(
    "content",
    [
        "<body>b</body>",
        "<forwarded xmlns='urn:xmpp:forward:0'/>",
        FORWARDED.replace(JULIET, "example.org"),
        FORWARDED.replace(f" to='{JULIET}'", ""),
    ],
)
def test_nothingForwarded(content):
    """
    What is for no account is no event.
    """
    assert readForwarded(view(f"<message from='example.org'>{content}</message>")) is None


def items(content, node="urn:xmpp:push:nodes:messages", sender=JULIET):
    return view(
        f"<message from='{sender}' to='push.example.org'><event xmlns='http://jabber.org/protocol/pubsub#event'>"
        f"<items node='{node}'>{content}</items></event></message>"
    )


def test_items():
    """
    What ejabberd's mod_push_offline publishes was put aside for its sender.
    """
    reported = readItem(items(f"<item>{MESSAGE}</item><item>{MESSAGE}</item>"))

    assert (Occasion.OFFLINE, JULIET, 2) == (reported.occasion, reported.account, len(reported.stanzas))


@pytest.mark.parametrize(
    "message",
    [
        items("<item/>"),
        items(f"<item>{MESSAGE}</item>", node="urn:other"),
        items(f"<item>{MESSAGE}</item>", sender="example.org"),
    ],
)
def test_noItems(message):
    """
    Other items, and items of nobody, are no events.
    """
    assert readItem(message) is None


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("read", [view, tree])
def test_everyOccasion(occasion, read):
    """
    Everything that can happen can be reported in our own words.
    """
    assert Event(occasion, JULIET) == event(occasion=occasion.value, read=read)


def test_inFull():
    """
    Who is there and who is away, which services are meant, and who is a contact.
    """
    content = (
        "<session resource='desktop' away='true'/><session resource='tablet'/>"
        "<service jid='Push.example.net' node='n'/>"
        f"<stanza known='true'>{FORWARDED}</stanza><stanza known='false'>{FORWARDED}</stanza>"
        f"<stanza>{FORWARDED}</stanza><stanza/>"
    )

    reported = event(content, more=" session='balcony'")

    assert "balcony" == reported.session
    assert ({"desktop", "tablet"}, {"desktop"}) == (reported.present, reported.away)
    assert (("push.example.net", "n"),) == reported.services
    assert [True, False, None] == [stanza.known for stanza in reported.stanzas]


def test_nobodyIsThere():
    """
    That nobody is there, and that nobody says who is, are two things.
    """
    assert event().present is None
    assert frozenset() == event(more=" present='nobody'").present


@pytest.mark.parametrize(
    "more", [{"occasion": "odd"}, {"occasion": ""}, {"account": "example.org"}, {"account": "@"}, {"account": ""}]
)
def test_noEvents(more):
    """
    What did not happen to anybody, or is nothing that happens, is no event.
    """
    assert event(**more) is None


def test_aServiceThatIsNone():
    """
    Who means a service that is none means no other, and above all not every one.
    """
    assert (("", "n"),) == event("<service jid='@' node='n'/>").services


@pytest.mark.parametrize("read", [view, tree])
def test_resourcesArePrepared(read):
    """
    A resource is known by its prepared form, as that of whoever has enabled something.
    """
    sessions = "<session resource='&#xfb01;sh' away='1'/><session resource='Tablet'/>"

    reported = event(sessions, "archived", " session='&#xfb01;'", read=read)

    assert "fi" == reported.session
    assert ({"fish", "Tablet"}, {"fish"}) == (reported.present, reported.away)


@pytest.mark.parametrize(
    "content, more",
    [("<session resource='a'/><session/>", ""), ("", " session='&#xad;'"), ("<session resource='&#xad;'/>", "")],
)
def test_noResources(content, more):
    """
    Of sessions that cannot be, nothing makes sense: half of who is there is not who is there.
    """
    assert event(content, more=more) is None
