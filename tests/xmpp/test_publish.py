"""
Publishing, from the stanza to the reply: what publishers in the field send, and what they must never get.
"""

import pytest

from pushsvc.model import Kind, Priority

PUBSUB = "http://jabber.org/protocol/pubsub"
ERRORS = f"{PUBSUB}#errors"
OPTIONS = (
    "<publish-options><x xmlns='jabber:x:data' type='submit'>"
    f"<field var='FORM_TYPE'><value>{PUBSUB}#publish-options</value></field>"
    "<field var='secret'><value>s3cret</value></field>{}</x></publish-options>"
)
ITEM = "<item><notification xmlns='urn:xmpp:push:0'/></item>"


def publishing(
    item=ITEM, options=OPTIONS.format(""), node="node='node-1'", to="push.example.net", sender="example.org", id="a"
):
    return (
        f"<iq type='set' from='{sender}' to='{to}' id='{id}'><pubsub xmlns='{PUBSUB}'>"
        f"<publish {node}>{item}</publish>{options}</pubsub></iq>"
    )


def errorOf(reply):
    """
    Type, condition, application condition.
    """
    assert reply["type"] == "error", reply.toXml()
    conditions = [e.name for e in reply.error.elements() if e.name != "text"]
    return (reply.error["type"], *conditions)


BAD_PUBLISH = ("modify", "bad-request", "invalid-payload")


@pytest.mark.parametrize("type", ["submit", "form", "result", None])
def test_L1_typesOfForms(player, published, type):
    """
    L-1: Forms are read whatever type they have, in publishes and in their options.
    """
    attribute = f"type='{type}'" if type else ""
    x = f"<x xmlns='jabber:x:data' {attribute}><field var='message-count'><value>3</value></field></x>"
    item = f"<item><notification xmlns='urn:xmpp:push:0'>{x}</notification></item>"
    options = OPTIONS.format("").replace("type='submit'", attribute)

    reply = player.ask(publishing(item, options))

    assert reply["type"] == "result"
    assert published[0].notifications[0].summary.messageCount == 3


@pytest.mark.parametrize("hidden", ["", "type='hidden'", "type='text-single'"])
def test_L2_formTypeHiddenOrNot(player, published, hidden):
    """
    L-2: FORM_TYPE is known by its name, whether it is hidden or not.
    """
    options = OPTIONS.format("").replace("var='FORM_TYPE'", f"var='FORM_TYPE' {hidden}")

    assert player.ask(publishing(options=options))["type"] == "result"


def test_L3_fieldsWithoutValue(player, published):
    """
    L-3: Fields without a value, with an empty one, and with a label are what they seem: nothing, nothing, and a field.
    """
    player.play("publish-prosody-0.12")
    player.play("publish-ejabberd-message")

    fromProsody, fromEjabberd = [publish.notifications[0].summary for publish in published]
    assert fromProsody.lastMessageSender is None
    assert fromProsody.pendingSubscriptionCount is None
    assert fromEjabberd.lastMessageBody == "New message"


def test_L4_summaryBesideTheNotification(player, published):
    """
    L-4: A summary counts whether it stands in the notification or beside it, as Debian 11's Prosody has it.
    """
    player.play("publish-prosody-0.12")
    player.play("publish-prosody-debian-11")

    assert published[0].notifications == published[1].notifications
    assert published[0].notifications[0].summary.messageCount == 1


def test_L5_emptyNotification(player, published):
    """
    L-5: An empty notification is a push without a summary.
    """
    player.play("publish-ejabberd-empty")

    (notification,) = published[0].notifications
    assert notification.summary is None
    assert (notification.kind, notification.priority) == (Kind.MESSAGE, Priority.NORMAL)


@pytest.mark.parametrize("id", ["", "id='current'"])
def test_L6_itemIds(player, published, id):
    """
    L-6: An item may or may not have an id.
    """
    assert player.ask(publishing(ITEM.replace("<item", f"<item {id}")))["type"] == "result"


def test_L7_requestWithoutId(player, published):
    """
    L-7: A request without an id is answered without one.
    """
    reply = player.ask(publishing().replace(" id='a'", ""))

    assert reply["type"] == "result"
    assert not reply.hasAttribute("id")


@pytest.mark.parametrize("sender", ["example.org", "juliet@example.org"])
def test_L8_senders(player, published, sender):
    """
    L-8: A server publishes from its domain, or from the user's bare JID.
    """
    player.ask(publishing(sender=sender))

    assert published[0].sender == sender


def test_L9_unknownChildrenAndOptions(player, published):
    """
    L-9: Children and options that nobody here knows are passed over.
    """
    item = ITEM.replace(
        "/></item>", "><what xmlns='urn:example:what'/></notification><x xmlns='urn:example:x'/></item>"
    )
    options = OPTIONS.format("<field var='sandbox'><value>true</value></field><field var='pushModule'/><other/>")

    assert player.ask(publishing(item, options))["type"] == "result"
    assert published[0].options["sandbox"] == ("true",)


@pytest.mark.parametrize("to", ["push.example.net", "Push.Example.NET", "push.example.net/p2"])
def test_L10_replyMirrorsAddressAndId(player, published, to):
    """
    L-10: The reply comes from the JID that was addressed, letter by letter, and has the id that was sent.
    """
    id = "rr-1-2-QWx+bC/hYmM=-5&lt;5&apos;"

    reply = player.ask(publishing(to=to, id=id))

    assert (reply["from"], reply["to"], reply["id"]) == (to, "example.org", "rr-1-2-QWx+bC/hYmM=-5<5'")
    assert published[0].host == "push.example.net"


def test_L11_language(player, published):
    """
    L-11: A publish may say which language it is in.
    """
    assert player.ask(publishing().replace("<iq ", "<iq xml:lang='de' "))["type"] == "result"


def test_L12_manyAtOnce(player, published):
    """
    L-12: A server may publish for one device as often as it likes: each is taken and answered.
    """
    for number in range(20):
        player.send(publishing(id=f"n{number}"))

    assert [player.receive()["id"] for _ in range(20)] == [f"n{number}" for number in range(20)]
    assert len(published) == 20


def test_0357_3_serverMayPublish(player, published):
    """
    0357-3: The user's server and the user's bare JID may publish to a virtual node without being told so.
    """
    for sender in ("example.org", "juliet@example.org"):
        assert player.ask(publishing(sender=sender))["type"] == "result"


def test_0357_4_publishersRule(player, published):
    """
    0357-4: A host may name who publishes to it; whoever else tries is forbidden to.
    """
    assert player.ask(publishing(to="owners.example.net"))["type"] == "result"

    refused = player.ask(publishing(to="owners.example.net", sender="example.com"))
    assert errorOf(refused) == ("auth", "forbidden")


@pytest.mark.parametrize(
    "options",
    [
        "",
        OPTIONS.format("").replace("s3cret", "guess"),
        OPTIONS.format("").replace("s3cret", ""),
        OPTIONS.format("<field var='secret'><value>s3cret</value></field>"),
        OPTIONS.format("<field var='secret'><value>guess</value></field>"),
        OPTIONS.format("").replace("</value></field></x>", "</value><value>s3cret</value></field></x>"),
        OPTIONS.format("") + OPTIONS.format("").replace("s3cret", "guess"),
        OPTIONS.format("").replace("#publish-options</value>", "#node_config</value>"),
    ],
    ids=["none", "wrong", "empty", "field twice", "one of two", "two values", "two forms", "another form"],
)
def test_0357_5_secret(player, published, options):
    """
    0357-5: A publish is authenticated by the one secret in its publish-options; a missing, wrong or doubled one
    is refused.
    """
    assert errorOf(player.ask(publishing(options=options))) == ("auth", "forbidden")
    assert published == []


@pytest.mark.parametrize("content", ["", "<x xmlns='jabber:x:data'/>", "<a xmlns='urn:example:a'><b/></a>", "text"])
def test_0357_6_anyNotification(player, published, content):
    """
    0357-6: A notification may be empty, hold a summary, or hold what nobody knows.
    """
    item = f"<item><notification xmlns='urn:xmpp:push:0'>{content}</notification></item>"

    assert player.ask(publishing(item))["type"] == "result"


def test_0357_10_placeOfOptions(player, published):
    """
    0357-10: Publish-options stand beside the publish; either may come first.
    """
    straight = publishing()
    turned = straight.replace(OPTIONS.format(""), "").replace("<publish ", OPTIONS.format("") + "<publish ")

    assert player.ask(turned)["type"] == "result"


def test_MP29_everyPublisher(player, published):
    """
    MP-29: What each publisher in the field sends is read as what it means.
    """
    for name in ("ejabberd-message", "mongooseim", "openfire", "tigase", "tigase-read", "tigase-call", "mod_push"):
        player.play(f"publish-{name}")

    read = [publish.notifications[0] for publish in published]
    assert [(notification.kind, notification.priority) for notification in read] == [
        (Kind.MESSAGE, Priority.HIGH),
        (Kind.MESSAGE, Priority.HIGH),
        (Kind.MESSAGE, Priority.HIGH),
        (Kind.MESSAGE, Priority.LOW),
        (Kind.CLEAR, Priority.NORMAL),
        (Kind.CALL, Priority.HIGH),
        (Kind.MESSAGE, Priority.NORMAL),
    ]
    assert read[1].summary.lastMessageSender == "room@muc.example.org/Juliet C."
    assert read[2].summary.lastMessageSender is None
    assert read[6].summary.lastSubscriptionSender == "nurse@example.org"


def test_encryptedPayload(player, published):
    """
    A payload that only the device can read is handed on as it came.
    """
    player.play("publish-prosody-encrypted")

    (notification,) = published[0].notifications
    assert (notification.encrypted.iv, notification.encrypted.payload) == ("AAECAwQFBgcICQoL", "c2VhbGVkIHBheWxvYWQ=")
    assert notification.priority is Priority.HIGH


@pytest.mark.parametrize("node", ["", "node=''"])
def test_0060_5_nodeRequired(player, node):
    """
    0060-5: A publish without a node is a bad request that says so.
    """
    assert errorOf(player.ask(publishing(node=node))) == ("modify", "bad-request", "nodeid-required")


def test_0060_6_noSuchNode(player):
    """
    0060-6: A node that is not there is not found, for good.
    """
    player.play("publish-no-such-node")


def test_0060_7_notEntitled(player):
    """
    0060-7: Who has not the secret is forbidden to publish.
    """
    player.play("publish-wrong-secret")


def test_uniformErrors(player):
    """
    A host with uniform errors does not tell a wrong secret from a node that is not there.
    """
    node = player.ask(publishing(to="uniform.example.net", node="node='gone'"))
    secret = player.ask(publishing(to="uniform.example.net", options=""))

    assert errorOf(node) == errorOf(secret) == ("cancel", "item-not-found")
    assert node.toXml() == secret.toXml()


def test_0060_8_otherPayload(player):
    """
    0060-8: A payload that is no notification is invalid.
    """
    item = "<item><entry xmlns='http://www.w3.org/2005/Atom'/></item>"

    assert errorOf(player.ask(publishing(item))) == BAD_PUBLISH


def test_0060_9_nothingInTheItem(player):
    """
    0060-9: An item without a payload lacks it.
    """
    assert errorOf(player.ask(publishing("<item/>"))) == ("modify", "bad-request", "payload-required")


@pytest.mark.parametrize("items", ["", ITEM * 2])
def test_0060_11_oneItem(player, items):
    """
    0060-11: A publish has one item, not none and not several.
    """
    assert errorOf(player.ask(publishing(items))) == BAD_PUBLISH


def test_0060_12_emptyResult(player, published):
    """
    0060-12: The result of a publish is empty: nothing is kept that could have an id.
    """
    assert list(player.ask(publishing()).elements()) == []


@pytest.mark.parametrize("value", ["open", "presence", ""])
def test_0060_14_otherConfiguration(player, published, value):
    """
    0060-14: Options that ask for another access model than the node's are a precondition that is not met.
    """
    options = OPTIONS.format(f"<field var='pubsub#access_model'><value>{value}</value></field>")

    assert errorOf(player.ask(publishing(options=options))) == ("cancel", "conflict", "precondition-not-met")
    assert published == []


def test_0060_14_sameConfiguration(player, published):
    """
    0060-14: Options that ask for what the node is are met; what a push node does not answer for is not looked at.
    """
    options = OPTIONS.format(
        "<field var='pubsub#access_model'><value>whitelist</value></field>"
        "<field var='pubsub#publish_model'><value>publishers</value></field>"
        "<field var='pubsub#max_items'><value>1</value></field>"
    )

    assert player.ask(publishing(options=options))["type"] == "result"


def test_MP14_temporaryTrouble(player):
    """
    MP-14: Trouble that will pass is told as such, without its reason.
    """
    player.play("publish-try-later")
    assert "disk" not in player.ask(publishing(node="node='busy'")).toXml()


def test_bug(player, loggedFailures):
    """
    A bug costs one request, and only for now; what it was is in our log, without its text.
    """
    reply = player.ask(publishing(node="node='broken'"))

    assert errorOf(reply) == ("wait", "internal-server-error")
    assert "s3cret" not in reply.toXml()
    (failure,) = loggedFailures
    assert "ZeroDivisionError" == str(failure.value)
    assert "s3cret" not in failure.getErrorMessage()
    loggedFailures.clear()


def test_errorsDoNotEcho(player):
    """
    An error does not send the request back: the secret is in it.
    """
    reply = player.ask(publishing(node="node='gone'"))

    assert [e.name for e in reply.elements()] == ["error"]
    assert "s3cret" not in reply.toXml()


@pytest.mark.parametrize(
    ("type", "namespace", "verb", "feature"),
    [
        ("set", PUBSUB, "<create/>", "create-nodes"),
        ("set", PUBSUB, "<create node='n'/><configure/>", "create-nodes"),
        ("set", PUBSUB, "<subscribe node='n' jid='a@example.org'/><options/>", "subscribe"),
        ("get", PUBSUB, "<items node='node-1'/>", "retrieve-items"),
        ("set", PUBSUB, "<retract node='node-1'><item id='a'/></retract>", "delete-items"),
        ("get", PUBSUB, "<affiliations/>", "retrieve-affiliations"),
        ("get", f"{PUBSUB}#owner", "<configure node='node-1'/>", "config-node"),
        ("get", f"{PUBSUB}#owner", "<default/>", "retrieve-default"),
        ("set", f"{PUBSUB}#owner", "<delete node='node-1'/>", "delete-nodes"),
        ("set", f"{PUBSUB}#owner", "<purge node='node-1'/>", "purge-nodes"),
        ("get", f"{PUBSUB}#owner", "<affiliations node='node-1'/>", "modify-affiliations"),
    ],
)
def test_0060_13_unsupported(player, type, namespace, verb, feature):
    """
    0060-13: What a push host does not do is not implemented, and the answer says which feature it would take.
    """
    reply = player.ask(
        f"<iq type='{type}' from='a@example.org/x' to='push.example.net' id='a'><pubsub xmlns='{namespace}'>{verb}"
        "</pubsub></iq>"
    )

    assert errorOf(reply) == ("cancel", "feature-not-implemented", "unsupported")
    assert reply.error.unsupported["feature"] == feature
    assert reply.error.unsupported.uri == ERRORS


def test_0060_13_noPubSubHost(player):
    """
    0060-13: A host that only registers does not take publishes.
    """
    reply = player.ask(publishing(to="register.example.net"))

    assert errorOf(reply) == ("cancel", "feature-not-implemented", "unsupported")
    assert reply.error.unsupported["feature"] == "publish"


@pytest.mark.parametrize(
    ("type", "content"),
    [
        ("set", ""),
        ("get", ""),
        ("set", "text"),
        ("get", "<publish node='node-1'/>"),
        ("set", "<items node='node-1'/>"),
        ("set", "<publish node='node-1'/><publish node='node-1'/>"),
        ("set", "<publish node='node-1'/><retract node='node-1'/>"),
        ("set", "<what/>"),
        ("set", "<publish-options/>"),
        ("set", "<publish xmlns='urn:example:other' node='node-1'/>"),
    ],
)
@pytest.mark.parametrize("namespace", [PUBSUB, f"{PUBSUB}#owner"])
def test_0060_1_everyRequestIsAnswered(player, type, content, namespace):
    """
    0060-1: Every request is answered, also those that make no sense: they are bad requests.
    """
    reply = player.ask(
        f"<iq type='{type}' from='example.org' to='push.example.net' id='a'>"
        f"<pubsub xmlns='{namespace}'>{content}</pubsub></iq>"
    )

    assert errorOf(reply) == ("modify", "bad-request")
    assert (reply["id"], reply["to"]) == ("a", "example.org")
