"""
MongooseIM's clients and servers, and fpush's: what they send, and what they are told.
"""

import pytest

from tests.support import resultOf
from tests.xmpp.nodes import APP, JULIET, OWNER, PUBSUB, Talk, features, form, iq
from tests.xmpp.test_publish import errorOf
from tests.xmpp.trees import MONGOOSE, TOKEN, VIRTUAL

OPTIONS = "<field var='service'><value>apns</value></field><field var='device_id'><value>{}</value></field>"
NOTIFICATION = "<notification xmlns='urn:xmpp:push:0'/>"


ITEM = f"<item id='itemid'>{NOTIFICATION}</item>"


def publish(to, node="n", item=ITEM, options=OPTIONS.format("t0ken"), sender=JULIET):
    x = f"<publish-options><x xmlns='jabber:x:data' type='submit'>{options}</x></publish-options>" if options else ""
    return iq(f"<publish node='{node}'>{item}</publish>{x}", sender, to)


@pytest.fixture
def accepted(world):
    """
    What was handed to the delivery: tokens.
    """
    pushes = world.trees.delivery.pushes
    return lambda: [target.token for target, _ in pushes]


def test_MIM3_theDocumentedFlow(player, world):
    """
    MIM-3, R14: A client creates its node, lets its server publish to it, and its server does; nobody else may.
    """
    player.play("mongooseim-client")

    ((target, notification),) = world.trees.delivery.pushes
    assert ("your_pns_device_token", "chat") == (target.token, target.app)
    assert notification.priority.name == "HIGH"
    assert notification.summary.lastMessageBody == "Wherefore art thou?"


def test_MIM1_allocateBasicNode(player):
    """
    MIM-1: Whoever creates a node of type ``push`` has one.
    """
    assert Talk(player, MONGOOSE).create("n", JULIET, "push")["type"] == "result"


@pytest.mark.parametrize("to", [MONGOOSE, VIRTUAL])
def test_MIM5_publishFailsWithoutOptions(player, accepted, to):
    """
    MIM-5: Without options a publish is a conflict: a precondition that is not met.
    """
    Talk(player, to).create("n", JULIET, "push")

    for options in ("", "<field var='service'><value>apns</value></field>", OPTIONS.format("a</value><value>b")):
        refused = player.ask(publish(to, options=options))
        assert errorOf(refused) == ("cancel", "conflict", "precondition-not-met")
    assert accepted() == []


@pytest.mark.parametrize("to", [MONGOOSE, VIRTUAL])
@pytest.mark.parametrize("payload", ["<invalid-item xmlns='urn:xmpp:push:0'/>", "<a/>", ""])
def test_MIM7_publishFailsWithInvalidItem(player, accepted, to, payload):
    """
    MIM-7: What is no notification is a bad request.
    """
    Talk(player, to).create("n", JULIET, "push")

    assert errorOf(player.ask(publish(to, item=f"<item>{payload}</item>")))[:2] == ("modify", "bad-request")
    assert accepted() == []


@pytest.mark.parametrize("to", [MONGOOSE, VIRTUAL])
def test_MIM8_severalNotifications(player, accepted, to):
    """
    MIM-8: A publish may hold several notifications: each is handed over.
    """
    Talk(player, to).create("n", JULIET, "push")

    assert player.ask(publish(to, item=f"<item>{NOTIFICATION}{NOTIFICATION}</item>"))["type"] == "result"
    assert accepted() == ["t0ken", "t0ken"]


@pytest.mark.parametrize("to", [MONGOOSE, VIRTUAL])
def test_MIM9_wordsOfItsOwn(player, world, accepted, to):
    """
    MIM-9: What went well is answered with an empty result. A device that is not registered, and what could not be
    submitted, are told as MongooseIM tells them, to its servers and others.
    """
    Talk(player, to).create("n", JULIET, "push")
    fine = player.ask(publish(to))
    assert list(fine.elements()) == []
    target, _ = world.trees.delivery.pushes[0]
    resultOf(world.trees.storage.departures.departed(target.key))

    gone = player.ask(publish(to))
    impossible = player.ask(publish(to, options=OPTIONS.format("impossible")))

    assert errorOf(gone) == ("cancel", "not-acceptable", "device-not-registered")
    assert errorOf(impossible) == ("modify", "bad-request", "faild-to-submit-push-notification")
    assert gone.error.elements().__next__().uri == "urn:ietf:params:xml:ns:xmpp-stanzas"
    assert "t0ken" not in gone.toXml()
    assert len(accepted()) == 1


def test_MIM9_nobodyIsTold(player):
    """
    MIM-9: An item is not stored, and goes to no subscriber: it has gone to the device.
    """
    talk = Talk(player, MONGOOSE)
    talk.create("n", JULIET, "push")
    talk.subscribe(sender=JULIET)

    player.send(publish(MONGOOSE))

    assert [each.name for each in talk.heard()] == ["iq"]
    assert errorOf(talk.ask("<items node='n'/>", JULIET, "get"))[1] == "feature-not-implemented"


def test_MIM11_identity(player):
    """
    MIM-11: The host is a pubsub service and a push service, and offers what MongooseIM's does.
    """
    offered = features(player, MONGOOSE)

    assert {("pubsub", "push"), ("pubsub", "service")} <= offered
    assert {
        "create-nodes",
        "delete-nodes",
        "modify-affiliations",
        "publish",
        "publish-options",
        "publish-only-affiliation",
        "purge-nodes",
        "retrieve-affiliations",
    } <= offered


def test_MIM_pushNodeCanBeConfiguredToWhitelistPublishers(player, accepted):
    """
    MIM-4: A node of which only publishers may publish is shown so, and takes nothing from others.
    """
    talk = Talk(player, MONGOOSE)
    talk.create("n", JULIET, "push", access_model="whitelist", publish_model="publishers")

    shown = talk.configuration("n", JULIET)
    refused = player.ask(publish(MONGOOSE, sender="romeo@example.org/x"))

    assert (shown["pubsub#access_model"], shown["pubsub#publish_model"]) == ("whitelist", "publishers")
    assert errorOf(refused) == ("auth", "forbidden")
    assert accepted() == []


# Virtual


def test_B25_creatingIsHarmless(player, accepted):
    """
    B25: Where nodes are virtual, a client that creates its node and lets its server publish to it is told that it did;
    there is nothing to be refused to it afterwards.
    """
    talk = Talk(player, VIRTUAL)

    done = [
        talk.create("n", JULIET, "push", access_model="whitelist", publish_model="publishers"),
        talk.affiliate("n", JULIET, juliet="publish-only"),
        talk.owner(f"<configure node='n'>{form(publish_model='publishers')}</configure>", JULIET),
        player.ask(publish(VIRTUAL, sender="example.org")),
        talk.owner("<delete node='n'/>", JULIET),
    ]

    assert [each["type"] for each in done] == ["result"] * 5
    assert accepted() == ["t0ken"]


def test_B25_instantNodes(player, accepted):
    """
    B25: Who gives no name gets one that will do.
    """
    name = Talk(player, VIRTUAL).ask("<create type='push'/>", JULIET).pubsub.create["node"]

    assert len(name) >= 22
    assert player.ask(publish(VIRTUAL, node=name))["type"] == "result"


def test_B25_nothingIsPretended(player):
    """
    B25: Nothing that would be missed is pretended: who asks for what is not there is told so, and no feature is
    offered.
    """
    talk = Talk(player, VIRTUAL)

    for type, namespace, content in (
        ("get", OWNER, "<configure node='n'/>"),
        ("get", OWNER, "<affiliations node='n'/>"),
        ("set", PUBSUB, f"<subscribe node='n' jid='{APP}'/>"),
        ("get", PUBSUB, "<items node='n'/>"),
    ):
        assert errorOf(talk.ask(content, type=type, namespace=namespace))[1] == "feature-not-implemented"
    assert errorOf(talk.ask("<create/><configure/><x/><publish/>")) == ("modify", "bad-request")
    assert not {"create-nodes", "config-node", "subscribe"} & features(player, VIRTUAL)


def test_B25_onlyThere(player):
    """
    B25: Where every name is not a node, nothing is created harmlessly.
    """
    for to in (TOKEN, "push.example.net"):
        assert errorOf(Talk(player, to).create("n", JULIET, "push"))[1] == "feature-not-implemented"


# Devices as nodes


def test_R9_fpush(player, world):
    """
    R-9, R13: The token is the node; ``pushModule`` names the app, and the default is taken where nothing does.
    """
    player.play("fpush")

    pushes = world.trees.delivery.pushes
    assert ["monalProdiOS", "monalProdiOS"] == [target.app for target, _ in pushes]
    assert 1 == len({target.key for target, _ in pushes})


def test_R9_R12_whatIsSaid(player, world):
    """
    R-9, R-12: No options, and options that nobody knows, are fine; a device that is gone is no node, for good.
    """
    secret = "<field var='secret'><value>s</value></field>"
    fine = [player.ask(publish(TOKEN, "t0ken", options=said, sender="example.org")) for said in ("", secret)]
    assert [each["type"] for each in fine] == ["result", "result"]
    target, _ = world.trees.delivery.pushes[0]
    resultOf(world.trees.storage.departures.departed(target.key))

    gone = player.ask(publish(TOKEN, "t0ken", options="", sender="example.org"))
    impossible = player.ask(publish(TOKEN, "impossible", options="", sender="example.org"))

    assert errorOf(gone) == errorOf(impossible) == ("cancel", "item-not-found")
    assert "t0ken" not in gone.toXml()


def test_R9_tokensAreNotShown(player):
    """
    R-9: No node of such a host is shown to anybody: it could not be told from one that is nobody's.
    """
    assert features(player, TOKEN, "t0ken") == ("cancel", "item-not-found")
