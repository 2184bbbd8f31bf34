"""
What owners of nodes make of others, and what these are told of it (XEP-0060 sections 8.8 and 8.9.4).
"""

import pytest

from pushsvc.nodetrees import tree
from pushsvc.nodetypes import push
from pushsvc.wire.view import viewOf
from pushsvc.wire.withdrawal import Withdrawal, readWithdrawal
from pushsvc.xmpp import telling
from tests.xmpp.nodes import APP, FORBIDDEN, JULIET, NO_NODE, NOT_FOUND, PUBSUB, isFine, talk, talkOf
from tests.xmpp.test_publish import errorOf
from tests.xmpp.trees import TREE, Trees

__all__ = ["talk"]

BARE = "juliet@example.org"


def change(talk, **words):
    """
    Affiliate, and say who was told what.
    """
    people = "".join(f"<affiliation jid='{jid}' affiliation='{word}'/>" for jid, word in words.items())
    talk.player.send(
        f"<iq type='set' id='i' from='{APP}' to='{talk.to}'><pubsub xmlns='{PUBSUB}#owner'>"
        f"<affiliations node='n'>{people}</affiliations></pubsub></iq>"
    )
    return toldIn(talk.heard())


def toldIn(stanzas):
    return {each["to"]: each.pubsub.affiliation["affiliation"] for each in stanzas if each.name == "message"}


# Affiliations


def test_0060_26_whoCannotPublishAnyMore(talk):
    """
    0060-26, 0357-8: An account that an owner does not let publish any more is told so at its bare JID, in XEP-0357's
    shape, which its server understands.
    """
    talk.create(secret="s")
    change(talk, **{BARE: "publish-only"})
    talk.player.send(
        f"<iq type='set' id='i' from='{APP}' to='{TREE}'><pubsub xmlns='{PUBSUB}#owner'><affiliations node='n'>"
        f"<affiliation jid='{BARE}' affiliation='none'/></affiliations></pubsub></iq>"
    )

    (message,) = [each for each in talk.heard() if each.name == "message"]

    assert (message["from"], message["to"]) == (TREE, BARE)
    assert message["id"]
    assert readWithdrawal(viewOf(message)) == Withdrawal(BARE, "n")


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("publish-only", "none", True),
        ("publisher", "member", True),
        ("owner", "outcast", True),
        ("publish-only", "publisher", False),
        ("member", "none", False),
        ("none", "outcast", False),
        ("none", "owner", False),
        ("publish-only", "publish-only", False),
    ],
)
def test_0060_26_strangersAreNotWrittenTo(talk, before, after, told):
    """
    0060-26: Who has not subscribed is told what he cannot do any more, and nothing else: an owner cannot have
    strangers written to by naming them.
    """
    talk.create()
    assert change(talk, **{BARE: before}) == {}

    assert change(talk, **{BARE: after}) == ({BARE: after} if told else {})


def test_0060_26_whoMayPublishAnyway(talk):
    """
    0060-26: Where anybody may publish nobody loses that; but an outcast does.
    """
    talk.create(publish_model="open")
    change(talk, **{BARE: "publisher"})

    assert change(talk, **{BARE: "none"}) == {}
    assert change(talk, **{BARE: "outcast"}) == {BARE: "outcast"}


def test_0060_26_aServer(talk):
    """
    0060-26: A server that may not publish any more is told, once none of its accounts may either: it speaks for them.
    """
    talk.create()
    change(talk, **{"example.org": "publish-only", BARE: "publish-only"})

    assert change(talk, **{"example.org": "none"}) == {}
    change(talk, **{"example.org": "publish-only"})
    assert change(talk, **{"example.org": "none", BARE: "none"}) == {"example.org": "none", BARE: "none"}


def test_0060_26_whoHasSubscribed(talk):
    """
    0060-26: Who has subscribed is told whatever he becomes; so he learns why he hears nothing any more.
    """
    talk.create()
    talk.affiliate(juliet="member")
    talk.subscribe(sender=JULIET)

    assert change(talk, **{BARE: "publisher"}) == {BARE: "publisher"}
    assert change(talk, **{BARE: "none"}) == {BARE: "none"}
    assert change(talk, **{BARE: "member"}) == {}


def test_0060_26_theOwnerHimself(talk):
    """
    0060-26: Who does it knows; and nobody is told of what was refused.
    """
    talk.create()
    change(talk, **{BARE: "owner"})

    assert change(talk, **{APP: "none", BARE: "none"}) == {}
    assert change(talk, **{APP: "none"}) == {}


@pytest.mark.parametrize(("withdrawals", "on"), [((), []), (("mod_push",), ["affiliations"])])
def test_0060_26_shapes(sessions, ongoing, withdrawals, on):
    """
    0060-26, MP-36: They are told in the shapes that the host's configuration names, such as XEP-0060's own.
    """
    host = Trees().host("a.example.net", tree, {"push": push}, withdrawals=withdrawals)
    talk = talkOf([host], sessions, ongoing, "a.example.net")
    talk.create()
    change(talk, **{BARE: "publish-only"})
    talk.player.send(
        f"<iq type='set' id='i' from='{APP}' to='{talk.to}'><pubsub xmlns='{PUBSUB}#owner'><affiliations node='n'>"
        f"<affiliation jid='{BARE}' affiliation='none'/></affiliations></pubsub></iq>"
    )

    messages = [each for each in talk.heard() if each.name == "message"]

    assert [child.name for each in messages for child in each.pubsub.elements()] == on
    assert [each.pubsub.affiliations["node"] for each in messages] == ["n"] * len(on)


def test_0060_26_oneIsToldSoOften(talk, clock):
    """
    0060-26: An owner who makes somebody this and that without end has him written to a few times an hour.
    """
    talk.create()
    told = []
    for _ in range(2):
        for _ in range(20):
            told.append(change(talk, **{BARE: "publish-only"}) | change(talk, **{BARE: "none"}))
        clock.advance(telling.HOUR)

    assert [BARE in each for each in told] == 2 * (5 * [True] + 15 * [False])


def test_0060_26_ofEach(clock):
    """
    0060-26: What is told because of one domain's owners takes nothing from others'.
    """
    hourly = telling.Hourly(clock, 3)

    assert [hourly.lets(domain) for domain in "aaaaba"] == [True, True, True, False, True, False]


def test_0060_26_manyAtOnce(talk):
    """
    0060-26: One change can name many; because of one domain's owners so many are written to in an hour.
    """
    told = 0
    for number in range(3):
        people = {f"a{each}@example{number}.org": "publish-only" for each in range(100)}
        talk.create(f"n{number}" if number else "n")
        change(talk, **people)
        told += len(change(talk, **dict.fromkeys(people, "none")))

    assert told == telling.OF_DOMAIN_MAX


# Subscriptions


def manage(talk, sender=APP, node=" node='n'", **words):
    people = "".join(f"<subscription jid='{jid}' subscription='{word}'/>" for jid, word in words.items())
    talk.player.send(
        f"<iq type='set' id='i' from='{sender}' to='{TREE}'><pubsub xmlns='{PUBSUB}#owner'>"
        f"<subscriptions{node}>{people}</subscriptions></pubsub></iq>"
    )
    return talk.heard()


def subscribers(talk):
    reply = talk.owner("<subscriptions node='n'/>", type="get")
    assert reply.pubsub.subscriptions["node"] == "n"
    return {each["jid"]: each["subscription"] for each in reply.pubsub.subscriptions.elements()}


def test_0060_manageSubscriptions(talk):
    """
    An owner sees who is told of what is published, and ends subscriptions; who is told no more is told that.
    """
    talk.create(secret="s")
    talk.affiliate(juliet="member")
    talk.subscribe(sender=JULIET)
    talk.subscribe()
    assert subscribers(talk) == {JULIET: "subscribed", APP: "subscribed"}

    message, reply = sorted(manage(talk, **{JULIET: "none", APP: "none"}), key=lambda each: each.name, reverse=True)

    assert isFine(reply)
    assert (message["from"], message["to"]) == (TREE, JULIET)
    assert message.event.uri == f"{PUBSUB}#event" == message.event.subscription.uri
    ended = message.event.subscription
    assert (ended["node"], ended["jid"], ended["subscription"]) == ("n", JULIET, "none")
    assert subscribers(talk) == {}
    assert manage(talk, **{JULIET: "none"})[0]["type"] == "result"


def test_0060_manageOwnSubscription(talk):
    """
    An owner can subscribe himself so; who is subscribed can be left so.
    """
    talk.create()
    talk.affiliate(juliet="member")
    talk.subscribe(sender=JULIET)

    (reply,) = manage(talk, **{APP: "subscribed", JULIET: "subscribed"})

    assert isFine(reply)
    assert set(subscribers(talk)) == {APP, JULIET}


@pytest.mark.parametrize(
    ("words", "refused"),
    [
        ({"romeo@example.org": "subscribed"}, ("modify", "not-acceptable")),
        ({BARE: "subscribed"}, ("modify", "not-acceptable")),
        ({JULIET: "pending"}, ("modify", "not-acceptable")),
        ({JULIET: "emperor"}, ("modify", "bad-request")),
        ({JULIET: ""}, ("modify", "bad-request")),
        ({"@": "none"}, ("modify", "bad-request", "invalid-jid")),
        ({JULIET: "none", "JULIET@example.org/phone": "none"}, ("modify", "bad-request")),
        ({}, ("modify", "bad-request")),
    ],
)
def test_0060_manageRefused(talk, words, refused):
    """
    Nobody is subscribed by somebody else, an owner or not; and what is refused in one part is not done in any.
    """
    talk.create()
    talk.affiliate(juliet="member", romeo="member")
    talk.subscribe(sender=JULIET)
    talk.subscribe()

    (reply,) = manage(talk, **({APP: "none"} if words else {}), **words)

    assert errorOf(reply) == refused
    assert set(subscribers(talk)) == {JULIET, APP}


def test_0060_manageNotTheOwner(talk):
    """
    Others may neither see nor change who has subscribed.
    """
    talk.create()
    talk.affiliate(juliet="publisher")

    assert errorOf(talk.owner("<subscriptions node='n'/>", JULIET, "get")) == FORBIDDEN
    assert errorOf(manage(talk, JULIET, **{APP: "none"})[0]) == FORBIDDEN
    assert errorOf(manage(talk, node="", **{APP: "none"})[0]) == NO_NODE
    assert errorOf(manage(talk, node=" node='none'", **{APP: "none"})[0]) == NOT_FOUND
