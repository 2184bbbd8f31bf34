"""
What is published to nodes that somebody created: who is told of it, and what is kept (XEP-0060 section 7).
"""

from xml.etree import ElementTree

import pytest

from tests.xmpp.nodes import (
    APP,
    FORBIDDEN,
    JULIET,
    NO_NODE,
    NOT_FOUND,
    OWNER,
    bounce,
    iq,
    isFine,
    talk,
)
from tests.xmpp.test_publish import errorOf
from tests.xmpp.trees import TREE

__all__ = ["talk"]


# Publishing, and who is told


PAYLOAD = (
    "<notification xmlns='urn:xmpp:push:0'>a<x xmlns='jabber:x:data' type='submit'>"
    "<field var='FORM_TYPE'><value>urn:xmpp:push:summary</value></field>"
    "<field var='last-message-body'><value>&lt;b&gt; &amp; ☃</value></field></x>b"
    "<e:encrypted xmlns:e='tigase:push:encrypt:0' iv='I' e:k='v'>payload</e:encrypted></notification>"
)


def test_0060_30_MP33_event(talk):
    """
    0060-30, MP-33: What is published is passed on to who has subscribed exactly as it came: in a headline, with an id
    of its own.
    """
    talk.create(secret="s")
    talk.subscribe()

    for number in range(2):
        talk.publish(secret="s", item=f"<item id='i{number}'>{PAYLOAD}</item>")

    first, _, second, reply = talk.heard()
    assert (first["type"], first["from"], first["to"]) == ("headline", TREE, APP)
    assert first["id"] != second["id"]
    items = second.event.items
    assert (items["node"], items.item["id"]) == ("n", "i1")
    assert canonicalize(items.item.notification.toXml()) == canonicalize(PAYLOAD)
    assert reply.pubsub.publish["node"] == "n"
    assert reply.pubsub.publish.item["id"] == "i1"


def canonicalize(xml):
    """
    It with prefixes that are the same whoever wrote it.
    """
    return ElementTree.canonicalize(xml, rewrite_prefixes=True)


def test_0060_30_asConfigured(talk):
    """
    0060-30: Whether those who have subscribed are told, of what, and how is the owner's to say.
    """
    talk.create(secret="s", deliver_payloads="0", notification_type="normal")
    talk.subscribe()

    talk.publish(secret="s", item="<item id='i'><notification xmlns='urn:xmpp:push:0'/></item>")
    told, _ = talk.heard()
    assert told["type"] == "normal"
    assert told.event.items.item["id"] == "i"
    assert list(told.event.items.item.elements()) == []

    talk.configure(deliver_notifications="false")
    talk.publish(secret="s")
    assert [each.name for each in talk.heard()] == ["iq"]


def test_0060_12_ids(talk):
    """
    0060-12: An item without an id gets one, a new one each time, and the answer tells it.
    """
    talk.create(secret="s")
    ids = set()
    for _ in range(3):
        talk.publish(secret="s")
        ids.add(talk.answer().pubsub.publish.item["id"])

    assert len(ids) == 3


@pytest.mark.parametrize("secret", [None, "", "wrong"])
def test_MP33_secret(talk, secret):
    """
    MP-33: A publish without the node's secret is forbidden, and nobody is told of it.
    """
    talk.create(secret="s")
    talk.subscribe()

    talk.publish(secret=secret)

    (reply,) = talk.heard()
    assert errorOf(reply) == FORBIDDEN


@pytest.mark.parametrize(
    ("said", "may"), [(["s"], True), (["wrong"], False), (["s", "s"], True), (["s", "wrong"], False)]
)
def test_MP33_secretUnderItsOtherName(talk, said, may):
    """
    MP-33: Who names the secret of a publish as the node's option is named has named it. Where both names are said,
    ``secret`` counts.
    """
    talk.create(secret="s")
    fields = "".join(
        f"<field var='{name}'><value>{value}</value></field>"
        for name, value in zip(("pubsub#secret", "secret"), said, strict=False)
    )
    options = f"<publish-options><x xmlns='jabber:x:data'>{fields}</x></publish-options>"

    reply = talk.ask(f"<publish node='n'><item><notification xmlns='urn:xmpp:push:0'/></item></publish>{options}")

    assert isFine(reply) if may else errorOf(reply) == FORBIDDEN


def test_MP33_noSecretAtAll(talk):
    """
    MP-33: A push node that was given no secret does not open with any, nor with none.
    """
    talk.create()

    for secret in (None, "", "s"):
        talk.publish(secret=secret)
        assert errorOf(talk.answer()) == FORBIDDEN


@pytest.mark.parametrize(
    ("sender", "may"),
    [
        ("juliet@example.org", True),
        ("juliet@example.org/phone", True),
        ("example.org", True),
        ("romeo@example.org", False),
        ("example.com", False),
        ("sub.example.org", False),
        (APP, True),
    ],
)
def test_MP33_OS2_whoMayPublish(talk, sender, may):
    """
    MP-33, OS-2: Whom the owner lets may publish if he has the secret; and as the account may, so may its server, for
    today it is the server that publishes.
    """
    talk.create(secret="s")
    talk.affiliate(juliet="publish-only")

    talk.publish(sender=sender, secret="s")

    reply = talk.answer()
    assert isFine(reply) if may else errorOf(reply) == FORBIDDEN


def test_MP33_openPublish(talk):
    """
    MP-33: Where the owner lets anybody publish, the secret is all that it takes.
    """
    talk.create(secret="s", publish_model="open")

    talk.publish(sender="example.com", secret="s")

    assert isFine(talk.answer())


def test_OS2_oshiya(player):
    """
    OS-2: Oshiya registers a device in its own three steps, is told what is published to it, and deletes the node.
    """
    player.play("oshiya")


def test_OS2_registersWithoutWaiting(talk):
    """
    OS-2: Oshiya asks for the affiliation and the subscription at once, and may be answered in any order.
    """
    talk.create(secret="s")
    talk.player.send(
        iq(
            "<affiliations node='n'><affiliation jid='juliet@example.org' affiliation='publish-only'/></affiliations>",
            namespace=OWNER,
        )
    )
    talk.player.send(iq(f"<subscribe node='n' jid='{APP}'/>"))

    assert [each["type"] for each in talk.heard()] == ["result", "result"]


def test_OS3_fromTheServiceItself(talk):
    """
    OS-3: Events come from the very JID that was asked to subscribe: Oshiya believes no other.
    """
    talk.create(secret="s")
    talk.subscribe()

    talk.publish(secret="s")

    assert [each["from"] for each in talk.heard() if each.name == "message"] == [TREE]


def test_OS4_fieldsAsTheyCame(talk):
    """
    OS-4: Oshiya reads numbers out of the form itself: it is passed on, not written anew.
    """
    talk.create(secret="s")
    talk.subscribe()
    count = "<field var='message-count'><value>007</value></field>"
    x = f"<x xmlns='jabber:x:data'>{count}</x>"

    talk.publish(secret="s", item=f"<item><notification xmlns='urn:xmpp:push:0'>{x}</notification></item>")

    told, _ = talk.heard()
    assert str(told.event.items.item.notification.x.field.value) == "007"


def test_0060_15_nothingIsCreatedByPublishing(talk):
    """
    0060-15: A publish to a node that is not there is not found, and creates none: that has to be asked for.
    """
    for _ in range(2):
        talk.publish("new", secret="s")
        assert errorOf(talk.answer()) == NOT_FOUND


def test_OS6_deletedNodeTakesNothing(talk):
    """
    OS-6: What comes for a node that its app server has deleted reaches nobody, also when it is created again.
    """
    talk.create(secret="s")
    talk.subscribe()
    talk.owner("<delete node='n'/>")
    talk.publish(secret="s")
    assert errorOf(talk.answer()) == NOT_FOUND

    talk.create(secret="t")
    talk.publish(secret="s")
    assert errorOf(talk.answer()) == FORBIDDEN
    talk.publish(secret="t")
    assert [each.name for each in talk.heard()] == ["iq"]


@pytest.mark.parametrize(
    ("item", "refused"),
    [
        ("<item><entry xmlns='urn:example:entry'/></item>", ("modify", "bad-request", "invalid-payload")),
        ("<item><a/><b/></item>", ("modify", "bad-request", "invalid-payload")),
        ("<item/>", ("modify", "bad-request", "payload-required")),
        ("", ("modify", "bad-request", "invalid-payload")),
        (f"<item id='{'x' * 2000}'><notification xmlns='urn:xmpp:push:0'/></item>", None),
        (f"<item><notification xmlns='urn:xmpp:push:0'>{'x' * 70_000}</notification></item>", "too-big"),
    ],
    ids=["other", "two", "nothing", "no item", "long id", "too big"],
)
def test_0060_8_payloads(talk, item, refused):
    """
    0060-8 to 0060-10: A push node takes push notifications, one at a time, and none that is too large to keep.
    """
    talk.create(secret="s")

    talk.publish(secret="s", item=item)

    wanted = refused or ("modify", "bad-request", "invalid-payload")
    if refused == "too-big":
        wanted = ("modify", "not-acceptable", "payload-too-big")
    assert errorOf(talk.answer()) == wanted


@pytest.mark.parametrize(
    ("field", "met"),
    [
        ("<field var='pubsub#access_model'><value>whitelist</value></field>", True),
        ("<field var='pubsub#persist_items'><value>true</value></field>", True),
        ("<field var='pubsub#access_model'><value>open</value></field>", False),
        ("<field var='pubsub#max_items'><value>2</value></field>", False),
        ("<field var='pubsub#what'><value>1</value></field>", False),
        ("<field var='what'><value>1</value></field>", True),
    ],
)
def test_0060_14_preconditions(talk, field, met):
    """
    0060-14: Options in pubsub's words are compared with how the node is configured; others are somebody else's.
    """
    talk.create(secret="s")
    options = (
        "<publish-options><x xmlns='jabber:x:data'><field var='secret'><value>s</value></field>"
        f"{field}</x></publish-options>"
    )
    item = "<item><notification xmlns='urn:xmpp:push:0'/></item>"

    reply = talk.ask(f"<publish node='n'>{item}</publish>{options}")

    assert isFine(reply) if met else errorOf(reply) == ("cancel", "conflict", "precondition-not-met")


# Bounces


def test_0060_31_gone(talk):
    """
    0060-31: Who is gone for good has subscribed to nothing any more.
    """
    talk.create("a", secret="s")
    talk.create("b", secret="s")
    for node in "ab":
        talk.subscribe(node)

    talk.player.send(bounce())

    assert talk.player.silent
    for node in "ab":
        talk.publish(node, secret="s")
        assert [each.name for each in talk.heard()] == ["iq"]


@pytest.mark.parametrize(
    "error",
    [
        "<error type='wait'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        "<error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>",
        "<error/>",
        "",
    ],
)
def test_0060_31_otherErrors(talk, error):
    """
    0060-31: Other errors end no subscription, and no error is ever answered; nor does one end somebody else's.
    """
    talk.create(secret="s")
    talk.subscribe()

    talk.player.send(bounce(error=error))
    talk.player.send(bounce("evil.example.com"))
    talk.player.send(bounce(f"{APP}/other"))
    talk.player.send(bounce(to="push.example.net"))

    assert talk.player.silent
    talk.publish(secret="s")
    assert [each.name for each in talk.heard()] == ["message", "iq"]


# Items


def test_0060_29_items(talk):
    """
    0060-29: What was published last is there for who may see it, and nothing else; nothing there is no error.
    """
    talk.create(secret="s")
    assert list(talk.ask("<items node='n'/>", type="get").pubsub.items.elements()) == []

    for number in range(2):
        talk.publish(secret="s", item=f"<item id='i{number}'>{PAYLOAD}</item>")
        talk.heard()

    items = talk.ask("<items node='n'/>", type="get").pubsub.items
    assert [item["id"] for item in items.elements()] == ["i1"]
    assert canonicalize(items.item.notification.toXml()) == canonicalize(PAYLOAD)
    assert isFine(talk.ask("<items node='n'><item id='i1'/></items>", type="get"))
    assert errorOf(talk.ask("<items node='n'><item id='i0'/></items>", type="get")) == NOT_FOUND
    assert errorOf(talk.ask("<items node='n'/>", JULIET, "get")) == ("cancel", "not-allowed", "closed-node")
    assert errorOf(talk.ask("<items/>", type="get")) == NO_NODE


def test_0060_29_nothingKept(talk):
    """
    0060-29: Where nothing is kept, that is said; those who have subscribed are told all the same.
    """
    talk.create(secret="s", persist_items="0")
    talk.subscribe()

    talk.publish(secret="s")

    assert [each.name for each in talk.heard()] == ["message", "iq"]
    for content, type in (("<items node='n'/>", "get"), ("<retract node='n'><item id='i'/></retract>", "set")):
        assert talk.ask(content, type=type).error.unsupported["feature"] == "persistent-items"


def test_0060_32_retract(talk):
    """
    0060-32: An owner or publisher takes an item back, once; those who have subscribed are told.
    """
    talk.create(secret="s")
    talk.subscribe()
    talk.publish(secret="s", item="<item id='i'><notification xmlns='urn:xmpp:push:0'/></item>")
    talk.heard()
    retract = "<retract node='n'><item id='i'/></retract>"

    assert errorOf(talk.ask("<retract><item id='i'/></retract>")) == NO_NODE
    for incomplete in ("<retract node='n'/>", "<retract node='n'><item/></retract>"):
        assert errorOf(talk.ask(incomplete)) == ("modify", "bad-request", "item-required")
    assert errorOf(talk.ask(retract, JULIET)) == FORBIDDEN
    assert errorOf(talk.ask(retract.replace("'i'", "'j'"))) == NOT_FOUND
    talk.player.send(iq(retract))

    told, reply = talk.heard()
    assert isFine(reply)
    assert (told.event.items["node"], told.event.items.retract["id"]) == ("n", "i")
    assert errorOf(talk.ask(retract)) == NOT_FOUND


def test_0060_32_asConfigured(talk):
    """
    0060-32: Where the configuration says so they are not told, unless the request wants it.
    """
    talk.create(secret="s", notify_retract="0")
    talk.subscribe()
    for notify, names in (("", ["iq"]), (" notify='true'", ["message", "iq"])):
        talk.publish(secret="s", item="<item id='i'><notification xmlns='urn:xmpp:push:0'/></item>")
        talk.heard()

        talk.player.send(iq(f"<retract node='n'{notify}><item id='i'/></retract>"))

        assert [each.name for each in talk.heard()] == names


def test_0060_33_purge(talk):
    """
    0060-33: An owner empties his node, be there anything or not.
    """
    talk.create(secret="s")
    talk.publish(secret="s")
    talk.heard()

    assert errorOf(talk.owner("<purge node='n'/>", JULIET)) == FORBIDDEN
    assert errorOf(talk.owner("<purge node='none'/>")) == NOT_FOUND
    for _ in range(2):
        assert isFine(talk.owner("<purge node='n'/>"))
    assert list(talk.ask("<items node='n'/>", type="get").pubsub.items.elements()) == []


# Plain nodes


def test_flatNodes(talk):
    """
    A plain node has no secret, and takes whatever whoever may publishes.
    """
    talk.create(type="flat")
    talk.affiliate(juliet="publisher")
    talk.subscribe()
    assert "pubsub#secret" not in talk.configuration()
    assert errorOf(talk.configure(secret="s")) == ("modify", "not-acceptable")

    talk.publish(sender=JULIET, item="<item><entry xmlns='urn:example:e'>x</entry></item>")
    told, _ = talk.heard()
    assert str(told.event.items.item.entry) == "x"

    talk.publish(sender="romeo@example.org")
    assert errorOf(talk.answer()) == FORBIDDEN
