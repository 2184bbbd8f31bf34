"""
Who is what to a node that somebody created (XEP-0060 section 8.9), and who is told of what (section 6).
"""


import pytest

from pushsvc.nodetrees import rules
from tests.xmpp.nodes import (
    APP,
    FORBIDDEN,
    JULIET,
    NO_NODE,
    NOT_FOUND,
    isFine,
    talk,
)
from tests.xmpp.test_publish import errorOf

__all__ = ["talk"]


# Affiliations


def test_0060_23_affiliations(talk):
    """
    0060-23: An owner sees and changes who is what to his node: bare JIDs, and never those that are nothing.
    """
    talk.create()

    assert isFine(talk.affiliate(juliet="publish-only", romeo="member", nurse="outcast"))
    assert isFine(talk.affiliate(romeo="none", tybalt="none"))

    reply = talk.owner("<affiliations node='n'/>", type="get")
    assert {e["jid"]: e["affiliation"] for e in reply.pubsub.affiliations.elements()} == {
        APP: "owner",
        "juliet@example.org": "publish-only",
        "nurse@example.org": "outcast",
    }


def test_0060_23_bare(talk):
    """
    0060-23: It is accounts that are affiliated, whatever resource is named.
    """
    talk.create()
    talk.owner(f"<affiliations node='n'><affiliation jid='{JULIET}' affiliation='owner'/></affiliations>")

    assert talk.configuration(sender="juliet@example.org/tablet")


@pytest.mark.parametrize(
    ("people", "refused"),
    [
        ("<affiliation jid='a@example.org' affiliation='emperor'/>", ("modify", "bad-request")),
        ("<affiliation jid='a@example.org' affiliation=''/>", ("modify", "bad-request")),
        ("<affiliation affiliation='member'/>", ("modify", "bad-request", "invalid-jid")),
        ("<affiliation jid='@' affiliation='member'/>", ("modify", "bad-request", "invalid-jid")),
        ("", ("modify", "bad-request")),
        (
            "<affiliation jid='a@example.org' affiliation='member'/>"
            "<affiliation jid='A@example.org/x' affiliation='none'/>",
            ("modify", "bad-request"),
        ),
        (f"<affiliation jid='{APP}' affiliation='none'/>", ("modify", "not-acceptable")),
        (f"<affiliation jid='{APP}' affiliation='publisher'/>", ("modify", "not-acceptable")),
    ],
)
def test_0060_23_allOrNothing(talk, people, refused):
    """
    0060-23: A change that cannot be made in one part is not made in any.
    """
    talk.create()
    good = "<affiliation jid='romeo@example.org' affiliation='member'/>"

    assert errorOf(talk.owner(f"<affiliations node='n'>{good if people else ''}{people}</affiliations>")) == refused

    reply = talk.owner("<affiliations node='n'/>", type="get")
    assert [e["jid"] for e in reply.pubsub.affiliations.elements()] == [APP]


def test_0060_23_notTheOwner(talk):
    """
    0060-23: Others may neither see nor change it.
    """
    talk.create()
    talk.affiliate(juliet="publisher")

    assert errorOf(talk.affiliate(sender=JULIET, juliet="owner")) == FORBIDDEN
    assert errorOf(talk.owner("<affiliations node='n'/>", JULIET, "get")) == FORBIDDEN
    assert errorOf(talk.owner("<affiliations/>", type="get")) == NO_NODE
    assert errorOf(talk.owner("<affiliations node='none'/>", type="get")) == NOT_FOUND


def test_0060_23_bounded(talk, monkeypatch):
    """
    0060-23: So many may be affiliated with a node, and no more.
    """
    monkeypatch.setattr(rules, "AFFILIATED_MAX", 3)
    talk.create()
    talk.affiliate(a="member", b="member")

    assert errorOf(talk.affiliate(c="member")) == FORBIDDEN
    assert isFine(talk.affiliate(c="member", a="none"))


def test_0060_24_ownAffiliations(talk):
    """
    0060-24: Anybody may ask what he is to which nodes; who is nothing gets an empty list.
    """
    talk.create("a")
    talk.create("b")
    talk.affiliate("b", juliet="publish-only")

    own = talk.ask("<affiliations/>", JULIET, "get").pubsub.affiliations
    assert [(e["node"], e["affiliation"]) for e in own.elements()] == [("b", "publish-only")]
    all = talk.ask("<affiliations/>", APP, "get").pubsub.affiliations
    assert [(e["node"], e["affiliation"]) for e in all.elements()] == [("a", "owner"), ("b", "owner")]
    one = talk.ask("<affiliations node='a'/>", APP, "get").pubsub.affiliations
    assert [e["node"] for e in one.elements()] == ["a"]
    assert list(talk.ask("<affiliations/>", "romeo@example.org", "get").pubsub.affiliations.elements()) == []


@pytest.mark.parametrize("word", ["publish-only", "outcast"])
def test_0060_25_whoMayNot(talk, word):
    """
    0060-25: Who may only publish may neither subscribe nor retrieve; an outcast may do nothing at all.
    """
    talk.create(secret="s", publish_model="open")
    talk.affiliate(juliet=word)

    assert errorOf(talk.subscribe(sender=JULIET)) == FORBIDDEN
    assert errorOf(talk.ask("<items node='n'/>", JULIET, "get")) == FORBIDDEN
    talk.publish(sender=JULIET, secret="s")
    assert (talk.answer()["type"] == "result") == (word == "publish-only")


def test_0060_25_whoLosesIt(talk):
    """
    0060-25: Who may not see a node any more is told no more.
    """
    talk.create(secret="s")
    talk.affiliate(juliet="member")
    talk.subscribe(sender=JULIET)
    talk.affiliate(juliet="publish-only")

    talk.publish(secret="s")

    assert [each["to"] for each in talk.heard()] == [APP]


# Subscriptions


@pytest.mark.parametrize("jid", [JULIET, "juliet@example.org"])
def test_0060_27_subscribe(talk, jid):
    """
    0060-27: Who is on the list may subscribe with his full or his bare JID; the answer says what came of it.
    """
    talk.create()
    talk.affiliate(juliet="member")

    for _ in range(2):
        subscription = talk.subscribe(sender=JULIET, jid=jid).pubsub.subscription
        assert (subscription["node"], subscription["jid"], subscription["subscription"]) == ("n", jid, "subscribed")

    own = talk.ask("<subscriptions/>", JULIET, "get").pubsub.subscriptions
    assert [(e["node"], e["jid"], e["subscription"]) for e in own.elements()] == [("n", jid, "subscribed")]
    assert list(talk.ask("<subscriptions node='m'/>", JULIET, "get").pubsub.subscriptions.elements()) == []


@pytest.mark.parametrize(
    ("jid", "refused"),
    [
        ("romeo@example.org", ("modify", "bad-request", "invalid-jid")),
        ("juliet@example.org/tablet", ("modify", "bad-request", "invalid-jid")),
        ("@", ("modify", "bad-request", "invalid-jid")),
        (JULIET, ("cancel", "not-allowed", "closed-node")),
    ],
)
def test_0060_27_refused(talk, jid, refused):
    """
    0060-27: Nobody subscribes somebody else, and nobody who is not on the list.
    """
    talk.create()

    assert errorOf(talk.subscribe(sender=JULIET, jid=jid)) == refused
    assert errorOf(talk.subscribe("none")) == NOT_FOUND


def test_0060_27_bounded(talk, monkeypatch):
    """
    0060-27: So many may subscribe, and no more; who has, may do so again.
    """
    monkeypatch.setattr(rules, "SUBSCRIBERS_MAX", 1)
    talk.create()
    talk.affiliate(juliet="member")
    talk.subscribe()

    assert errorOf(talk.subscribe(sender=JULIET)) == ("wait", "policy-violation", "too-many-subscriptions")
    assert isFine(talk.subscribe())


def test_0060_27_options(talk):
    """
    0060-27: Subscriptions have no options, and the answer says so.
    """
    talk.create()
    refused = talk.ask(f"<subscribe node='n' jid='{APP}'/><options/>")

    assert refused.error.unsupported["feature"] == "subscription-options"


def test_0060_28_unsubscribe(talk):
    """
    0060-28: Who has unsubscribed is told no more.
    """
    talk.create(secret="s")
    talk.subscribe()

    assert isFine(talk.subscribe(verb="unsubscribe"))

    talk.publish(secret="s")
    assert [each.name for each in talk.heard()] == ["iq"]


def test_0060_28_refused(talk):
    """
    0060-28: Who has not subscribed is told so; others' subscriptions are theirs; and none has an id.
    """
    talk.create()
    talk.subscribe()

    assert errorOf(talk.subscribe(verb="unsubscribe", sender=JULIET)) == (
        "cancel",
        "unexpected-request",
        "not-subscribed",
    )
    assert errorOf(talk.subscribe(verb="unsubscribe", sender=JULIET, jid=APP)) == FORBIDDEN
    assert errorOf(talk.subscribe(verb="unsubscribe", more=" subid='x'")) == (
        "modify",
        "not-acceptable",
        "invalid-subid",
    )
    assert errorOf(talk.subscribe("none", verb="unsubscribe")) == NOT_FOUND
