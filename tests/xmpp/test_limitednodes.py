"""
What is published to nodes that somebody created passes the limits against abuse that hold for registrations.
"""

import pytest

from pushsvc.delivery.limits import Limits
from pushsvc.hosts import ServedHost
from pushsvc.leaf import Item, Notice
from pushsvc.model import Kind
from pushsvc.nodetrees import tree
from pushsvc.nodetypes import flat, push
from pushsvc.xmpp import telling
from tests.support import resultOf
from tests.xmpp.nodes import APP, JULIET, isFine, publishing, talkOf
from tests.xmpp.trees import Trees

HOST = "a.example.net"
SEALED = "<encrypted xmlns='tigase:push:encrypt:0' iv='iv'>{}</encrypted>"
CALL = "<jingle xmlns='tigase:push:jingle:0' action='propose' sid='1'/>"


@pytest.fixture
def limitedTalk(sessions, ongoing, clock):
    def make(node=None, account=None, domain=None):
        limits = Limits(node, account, domain)

        def delay(publisher, account, key):
            return limits.publish(publisher, account, key, Kind.MESSAGE, clock.seconds())

        host = Trees().host(HOST, tree, {"push": push, "flat": flat}, delay=delay)
        talk = talkOf([host], sessions, ongoing, HOST)
        talk.limits = limits
        return talk

    return make


def opened(talk, node="n", sender=APP, **options):
    talk.create(node, sender, secret="s", **options)
    talk.affiliate(node, sender, juliet="publisher")
    talk.subscribe(node, sender)
    return talk


def publish(talk, id, content="", node="n", sender=APP):
    item = f"<item id='{id}'><notification xmlns='urn:xmpp:push:0'>{content}</notification></item>"
    talk.player.send(publishing(node, sender, "s", item, HOST))


def heard(talk):
    """
    The ids that were told, once all requests have been answered well.
    """
    said = talk.heard()
    assert all(isFine(each) for each in said if each.name == "iq")
    return [each.event.items.item["id"] for each in said if each.name == "message"]


@pytest.mark.parametrize("limit", ["node", "account", "domain"])
def test_7_6_tooMuchWaits(limitedTalk, clock, limit):
    """
    7-6: Publishes beyond the limit of the node, of the account whose node it is, or of the publishing domain are
    accepted and wait; then whoever has subscribed is told the newest.
    """
    talk = opened(limitedTalk(**{limit: (0.1, 2)}), sender="romeo@example.org")

    for number in range(6):
        publish(talk, number, sender="juliet@example.org")
    assert heard(talk) == ["0", "1"]

    clock.advance(9)
    assert heard(talk) == []
    clock.advance(1.5)
    assert heard(talk) == ["5"]
    clock.advance(600)
    assert heard(talk) == []
    assert talk.limits.merged[limit] == 4


def test_7_6_theNewestIsKept(limitedTalk, clock):
    """
    7-6: What waits to be told is there to be retrieved already.
    """
    talk = opened(limitedTalk(node=(0.1, 1)))
    for number in range(3):
        publish(talk, number)
    heard(talk)

    assert talk.ask("<items node='n'/>", type="get").pubsub.items.item["id"] == "2"


def test_7_6_whoseNodeItIs(limitedTalk):
    """
    7-6: A node that anybody may publish to costs its account nothing that strangers publish; and an app server, which
    is a domain, is nobody's account.
    """
    talk = opened(limitedTalk(account=(0.1, 1)), sender="romeo@example.org", publish_model="open")
    opened(talk, "other", APP)

    for number in range(3):
        publish(talk, f"{number}", sender="example.com")
        publish(talk, f"other{number}", node="other")
    assert len(heard(talk)) == 6

    publish(talk, "a", sender="example.org")
    publish(talk, "b", sender="example.org")
    assert heard(talk) == ["a"]


def test_7_6_kindsDoNotReplaceOneAnother(limitedTalk, clock):
    """
    7-6: As with devices, a call is not replaced by a message; and what only the device can read replaces nothing.
    """
    talk = opened(limitedTalk(node=(1, 1)))

    publish(talk, "first")
    for id, content in (("m1", ""), ("call", CALL), ("e1", SEALED.format("a")), ("m2", ""), ("e2", SEALED.format("b"))):
        publish(talk, id, content)
    assert heard(talk) == ["first"]

    clock.advance(2)
    assert heard(talk) == ["call", "e1", "m2", "e2"]


def test_7_6_boundedForOneNode(limitedTalk, clock, monkeypatch):
    """
    7-6: Of what replaces nothing the newest eight wait, and take the place of eight.
    """
    monkeypatch.setattr(telling, "WAITING_MAX", 9)
    talk = opened(limitedTalk(node=(1, 1)))
    for number in range(20):
        publish(talk, number, SEALED.format(number))
    heard(talk)

    clock.advance(2)
    assert heard(talk) == [str(number) for number in range(12, 20)]


def test_7_6_boundedForAll(limitedTalk, clock, monkeypatch):
    """
    7-6: So many wait, and no more; what has no place is not told, but kept. Once they are told others have a place.
    """
    monkeypatch.setattr(telling, "WAITING_MAX", 2)
    talk = limitedTalk(domain=(1, 1))
    for node in "abcd":
        opened(talk, node)
    for node in "abcd":
        publish(talk, f"{node}1", node=node)
        publish(talk, f"{node}2", node=node)
    told = heard(talk)

    clock.advance(60)
    assert told + heard(talk) == ["a1", "a2", "b2"]
    assert talk.ask("<items node='d'/>", type="get").pubsub.items.item["id"] == "d2"
    publish(talk, "later", node="d")
    assert heard(talk) == ["later"]
    for node in "bcd":
        publish(talk, f"{node}3", node=node)
    assert heard(talk) == []
    clock.advance(60)
    assert heard(talk) == ["b3", "c3"]


def test_7_6_whatIsOverIsNotTold(limitedTalk, clock):
    """
    7-6: What was taken back while it waited is not told any more.
    """
    talk = opened(limitedTalk(node=(1, 1)))
    publish(talk, "a")
    publish(talk, "b")
    heard(talk)

    talk.ask("<retract node='n'><item id='b'/></retract>")
    talk.heard()
    clock.advance(2)
    assert heard(talk) == []

    publish(talk, "c")
    publish(talk, "d")
    talk.owner("<purge node='n'/>")
    talk.heard()
    clock.advance(2)
    assert heard(talk) == []


@pytest.mark.parametrize("how", ["unsubscribe", "delete", "outcast"])
def test_7_6_whoListensNoMore(limitedTalk, clock, how):
    """
    7-6: Who is not to be told any more when it is time is not told.
    """
    talk = opened(limitedTalk(node=(1, 1)))
    talk.affiliate(juliet="member")
    talk.subscribe(sender=JULIET)
    talk.subscribe(verb="unsubscribe")
    publish(talk, "a")
    publish(talk, "b")
    heard(talk)

    if how == "unsubscribe":
        talk.subscribe(sender=JULIET, verb="unsubscribe")
    elif how == "delete":
        talk.owner("<delete node='n'/>")
    else:
        talk.affiliate(juliet="outcast")
    clock.advance(2)

    assert talk.heard() == []


def test_7_6_newerIsTold(limitedTalk, clock):
    """
    7-6: Where there is room again before it is time, the newer goes at once and the older not at all.
    """
    talk = opened(limitedTalk(node=(1, 2)))
    for number in range(3):
        publish(talk, number)
    heard(talk)
    # As if the clock had been set: the limit lets the next one through.
    talk.limits._node._young.clear()

    publish(talk, "new")

    assert heard(talk) == ["new"]
    clock.advance(5)
    assert heard(talk) == []


def test_7_6_aStopTellsWhatWaits(limitedTalk, ongoing, clock):
    """
    7-6: A clean stop tells at once what still waits.
    """
    talk = opened(limitedTalk(node=(0.1, 1)))
    publish(talk, "a")
    publish(talk, "b")
    heard(talk)

    resultOf(ongoing.finish(5))

    assert heard(talk) == ["b"]
    assert clock.getDelayedCalls() == []


def test_7_6_whileStopping(ongoing, clock):
    """
    7-6: What was being accepted when a clean stop began is told at once as well: nobody will be there later.
    """
    said = []
    told = telling.Telling(said.append, ongoing)
    resultOf(ongoing.finish(5))

    told.tell(ServedHost(HOST), Notice("item", HOST, "n", (APP,), Item("b", ""), wait=9.0))

    assert ["b"] == [message.event.items.item["id"] for message in said]
    assert clock.getDelayedCalls() == []
