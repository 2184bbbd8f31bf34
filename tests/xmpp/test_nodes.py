"""
Nodes that somebody creates, for app servers elsewhere: creating, configuring and deleting them (XEP-0060 section 8),
and who sees them.
"""


import pytest

from pushsvc.hosts import AccessRule
from pushsvc.nodetrees import rules, tree
from pushsvc.nodetypes import push
from tests.support import resultOf
from tests.xmpp.nodes import (
    APP,
    CONFIG,
    FORBIDDEN,
    JULIET,
    NO_NODE,
    NOT_FOUND,
    OWNER,
    PUBSUB,
    bounce,
    features,
    fieldsOf,
    form,
    iq,
    isFine,
    talk,
    talkOf,
)
from tests.xmpp.test_publish import errorOf
from tests.xmpp.trees import MOST, TREE, Trees

__all__ = ["talk"]


# Creating


def test_0060_16_create(talk):
    """
    0060-16: A node is created under the name it is given; a name that is taken is a conflict, for its owner too.
    """
    assert isFine(talk.create())

    assert errorOf(talk.create()) == errorOf(talk.create(sender=JULIET)) == ("cancel", "conflict")


def test_0060_16_whoMay(sessions, ongoing):
    """
    0060-16: Whom the host's access rule does not let create nodes is forbidden to.
    """
    trees = Trees()
    host = trees.host("a.example.net", tree, {"push": push}, access=(APP,))
    talk = talkOf([host], sessions, ongoing, "a.example.net")

    assert errorOf(talk.create(sender=JULIET)) == FORBIDDEN
    assert isFine(talk.create())


def test_0060_16_quota(talk):
    """
    0060-16: Nobody has more nodes than he may have; deleting one makes room.
    """
    for number in range(MOST):
        assert isFine(talk.create(f"n{number}"))

    assert errorOf(talk.create("more")) == FORBIDDEN
    assert isFine(talk.owner("<delete node='n0'/>"))
    assert isFine(talk.create("more"))


def test_0060_16_oneName(talk, player):
    """
    0060-16: Where nothing can be created that is said; so it is of a node type that is not there.
    """
    reply = player.ask(iq("<create node='n'/>", to="push.example.net"))
    other = talk.create(type="what")

    for refused in (reply, other):
        assert errorOf(refused) == ("cancel", "feature-not-implemented", "unsupported")
        assert refused.error.unsupported["feature"] == "create-nodes"


@pytest.mark.parametrize("attribute", ["", " node=''"])
def test_0060_17_instant(talk, attribute):
    """
    0060-17: Who gives no name gets one, a new one each time, which nobody can guess.
    """
    names = {talk.ask(f"<create{attribute}/>").pubsub.create["node"] for _ in range(3)}

    assert len(names) == 3
    assert all(len(name) >= 22 for name in names)
    assert talk.configuration(names.pop())


TWICE = form().replace("</x>", "<field var='a'/><field var='a'/></x>")


@pytest.mark.parametrize(
    "content",
    [
        "<configure/><create node='n'/>",
        "<create node='n'/><configure node='n'/>",
        "<create node='n'/><configure/><configure/>",
        "<create node='n'/><create node='m'/>",
        f"<create node='n'/><configure>{form(formType='what')}</configure>",
        f"<create node='n'/><configure>{form()}{form()}</configure>",
        f"<create node='n'/><configure>{TWICE}</configure>",
    ],
    ids=["before", "another node", "twice", "two nodes", "another form", "two forms", "field twice"],
)
def test_0060_18_badConfigure(talk, content):
    """
    0060-18: How a node is configured follows what is created, and says so once; anything else is a bad request.
    """
    assert errorOf(talk.ask(content)) == ("modify", "bad-request")
    assert errorOf(talk.owner("<configure node='n'/>", type="get")) == NOT_FOUND


def test_0060_18_createAndConfigure(talk):
    """
    0060-18: A node can be configured as it is created; forms may be of any type, and may do without a FORM_TYPE.
    """
    assert isFine(talk.create("a", publish_model="open", title="Phones"))
    bare = form(notify_delete="true").replace("type='submit'", "").replace(CONFIG, "")
    assert isFine(talk.ask(f"<create node='b'/><configure>{bare}</configure>"))
    assert isFine(talk.ask("<create node='c'/><configure/>"))

    found = talk.configuration("a")
    assert (found["pubsub#publish_model"], found["pubsub#title"]) == ("open", "Phones")
    assert talk.configuration("b")["pubsub#notify_delete"] == "1"


@pytest.mark.parametrize("model", ["open", "presence", "roster", "authorize", "what", ""])
def test_0060_18_accessModel(talk, model):
    """
    0060-18: An access model that is not there is not acceptable, and the answer says so.
    """
    refused = talk.create(access_model=model)

    assert errorOf(refused) == ("modify", "not-acceptable", "unsupported-access-model")
    assert isFine(talk.create(access_model="whitelist"))


# Configuring


@pytest.mark.parametrize(
    "options",
    [
        {"publish_model": "subscribers"},
        {"notify_delete": "maybe"},
        {"max_items": "10"},
        {"persist_items": ""},
        {"what": "1"},
        {"send_last_published_item": "on_sub"},
        {"type": "urn:example:other"},
        {"title": "x" * 1000},
        {"secret": "x" * 2000},
    ],
)
def test_0060_19_badValues(talk, options):
    """
    0060-19: Options that are none, and values that cannot be, are not acceptable; nothing is changed then.
    """
    talk.create()
    before = talk.configuration()

    assert errorOf(talk.configure(notify_config="1", **options)) == ("modify", "not-acceptable")
    assert talk.configuration() == before


def test_0060_19_configure(talk):
    """
    0060-19: An owner sees how his node is configured, and configures it anew, in what he says.
    """
    talk.create(title="before")

    assert isFine(talk.configure(publish_model="open", max_items="1"))

    found = talk.configuration()
    assert (found["pubsub#publish_model"], found["pubsub#title"]) == ("open", "before")
    assert found["FORM_TYPE"] == CONFIG


def test_0060_19_whatWasShownCanBeSubmitted(talk):
    """
    0060-19: The form that an owner is shown can be submitted as it is.
    """
    talk.create(secret="s3cret")
    shown = talk.owner("<configure node='n'/>", type="get").pubsub.configure.x
    shown["type"] = "submit"

    assert isFine(talk.owner(f"<configure node='n'>{shown.toXml()}</configure>"))

    talk.publish(secret="s3cret")
    assert isFine(talk.answer())


def test_0060_19_refused(talk):
    """
    0060-19: Who does not own a node is forbidden to configure it; without a node, or a form, it is a bad request.
    """
    talk.create()

    for type in ("get", "set"):
        assert errorOf(talk.owner(f"<configure node='n'>{form()}</configure>", JULIET, type)) == FORBIDDEN
        assert errorOf(talk.owner(f"<configure node='none'>{form()}</configure>", type=type)) == NOT_FOUND
        assert errorOf(talk.owner(f"<configure>{form()}</configure>", type=type)) == NO_NODE
    assert errorOf(talk.owner("<configure node='n'/>")) == ("modify", "bad-request")


def test_0060_19_cancel(talk):
    """
    0060-19: A form that is canceled leaves everything as it is, and that is no error.
    """
    talk.create()
    canceled = form(title="x").replace("submit", "cancel")

    reply = talk.owner(f"<configure node='n'>{canceled}</configure>")

    assert isFine(reply)
    assert list(reply.elements()) == []
    assert not talk.configuration()["pubsub#title"]
    assert errorOf(talk.owner(f"<configure node='n'>{canceled}</configure>", JULIET)) == FORBIDDEN


def test_0060_19_notified(talk):
    """
    0060-19: Those who have subscribed are told of a new configuration where it says so.
    """
    talk.create()
    talk.subscribe()
    talk.configure(title="quiet")
    assert talk.heard() == []

    talk.player.send(iq(f"<configure node='n'>{form(notify_config='1')}</configure>", namespace=OWNER))

    told, _ = talk.heard()
    assert told.event.configuration["node"] == "n"


def test_0060_20_default(talk):
    """
    0060-20: Anybody may ask how nodes are configured of which nothing is said.
    """
    found = fieldsOf(talk.owner("<default/>", JULIET, "get").pubsub.default.x)

    assert found["pubsub#access_model"] == "whitelist"
    assert found["FORM_TYPE"] == CONFIG


def test_0060_21_delete(talk):
    """
    0060-21: An owner, and nobody else, deletes a node; those who have subscribed are told where it says so.
    """
    talk.create(notify_delete="1")
    talk.subscribe()

    assert errorOf(talk.owner("<delete node='n'/>", JULIET)) == FORBIDDEN
    assert errorOf(talk.owner("<delete node='none'/>")) == NOT_FOUND
    assert errorOf(talk.owner("<delete/>")) == NO_NODE
    talk.player.send(iq("<delete node='n'/>", namespace=OWNER))

    told, reply = talk.heard()
    assert isFine(reply)
    assert (told["to"], told.event["xmlns"] if told.event.hasAttribute("xmlns") else told.event.uri) == (
        APP,
        f"{PUBSUB}#event",
    )
    assert told.event.delete["node"] == "n"
    assert errorOf(talk.owner("<delete node='n'/>")) == NOT_FOUND


def test_0060_21_quietly(talk):
    """
    0060-21: By default nobody is told.
    """
    talk.create()
    talk.subscribe()

    assert isFine(talk.owner("<delete node='n'/>"))
    assert talk.heard() == []


def test_0060_22_MP34_defaults(talk):
    """
    0060-22, MP-34: What push nodes are by default is what mod_push's are.
    """
    talk.create()

    found = talk.configuration()
    assert {name.removeprefix("pubsub#"): value for name, value in found.items() if name != "FORM_TYPE"} == {
        "title": "",
        "deliver_notifications": "1",
        "deliver_payloads": "1",
        "notify_config": "0",
        "notify_delete": "0",
        "notify_retract": "1",
        "persist_items": "1",
        "max_items": "1",
        "access_model": "whitelist",
        "publish_model": "publishers",
        "notification_type": "headline",
        "send_last_published_item": "never",
        "presence_based_delivery": "0",
        "type": "urn:xmpp:push:0",
        "secret": "",
    }


def test_0060_22_secret(talk, world):
    """
    0060-22: A secret is shown to nobody, and kept as a digest; an empty one that is submitted leaves the one there is.
    """
    talk.create(secret="s3cret")
    asked = talk.owner("<configure node='n'/>", type="get")

    assert "s3cret" not in asked.toXml()
    assert [f["type"] for f in asked.pubsub.configure.x.elements() if f["var"] == "pubsub#secret"] == ["text-private"]
    assert "s3cret" not in repr(vars(world.trees.storage.nodes))
    talk.configure(secret="", title="x")
    talk.publish(secret="s3cret")
    assert isFine(talk.answer())
    talk.configure(secret="another")
    talk.publish(secret="s3cret")
    assert errorOf(talk.answer()) == FORBIDDEN


def test_0060_22_spellings(talk):
    """
    0060-22: The option is mod_push's ``pubsub#secret``, or ``secret``; not both at once.
    """
    other = form(secret="s3cret").replace("pubsub#secret", "secret")
    both = form(secret="s3cret").replace("</x>", "<field var='secret'><value>other</value></field></x>")
    assert isFine(talk.ask(f"<create node='n'/><configure>{other}</configure>"))

    talk.publish(secret="s3cret")
    assert isFine(talk.answer())
    assert errorOf(talk.owner(f"<configure node='n'>{both}</configure>")) == ("modify", "not-acceptable")


# What others see


def test_0060_2_MP34_whatATreeOffers(player):
    """
    0060-2, MP-34: A host on which nodes can be created offers what it does beyond others, and nothing that it does not.
    """
    offered = features(player)

    assert {
        "create-nodes",
        "instant-nodes",
        "create-and-configure",
        "config-node",
        "delete-nodes",
        "modify-affiliations",
        "retrieve-affiliations",
        "retrieve-subscriptions",
        "subscribe",
        "persistent-items",
        "retrieve-items",
        "delete-items",
        "retract-items",
        "purge-nodes",
        "item-ids",
        "publish-only-affiliation",
        "access-whitelist",
        "publish-options",
    } <= offered
    assert {"manage-subscriptions", "meta-data"} <= offered
    assert not {"auto-create", "subscription-options", "multi-items"} & offered
    assert {("pubsub", "push"), ("pubsub", "service")} <= offered


def test_0060_2_whatIsOfferedIsThere(talk, player):
    """
    0060-2: Nothing that is offered is answered with its not being implemented.
    """
    talk.create(secret="s")
    asked = {
        "create-nodes": ("set", PUBSUB, "<create node='m'/>"),
        "retrieve-default": ("get", OWNER, "<default/>"),
        "retrieve-affiliations": ("get", PUBSUB, "<affiliations/>"),
        "retrieve-subscriptions": ("get", PUBSUB, "<subscriptions/>"),
        "config-node": ("get", OWNER, "<configure node='n'/>"),
        "modify-affiliations": ("get", OWNER, "<affiliations node='n'/>"),
        "subscribe": ("set", PUBSUB, f"<subscribe node='n' jid='{APP}'/>"),
        "manage-subscriptions": ("get", OWNER, "<subscriptions node='n'/>"),
        "retrieve-items": ("get", PUBSUB, "<items node='n'/>"),
        "purge-nodes": ("set", OWNER, "<purge node='n'/>"),
        "delete-nodes": ("set", OWNER, "<delete node='n'/>"),
    }

    assert set(asked) <= features(player)
    for type, namespace, content in asked.values():
        player.send(iq(content, type=type, namespace=namespace))
        assert isFine(talk.answer()), content
    for type, namespace, content, feature in (
        ("get", PUBSUB, "<default/>", "retrieve-default-sub"),
        ("get", PUBSUB, "<options/>", "subscription-options"),
    ):
        assert talk.ask(content, type=type, namespace=namespace).error.unsupported["feature"] == feature


def test_0060_3_nodes(talk, player):
    """
    0060-3: A node is a leaf, to whom it concerns; to others it looks like one that is not there.
    """
    talk.create(type="flat")
    talk.affiliate(juliet="publish-only", tybalt="outcast")

    assert ("pubsub", "leaf") in features(player, node="n")
    assert ("pubsub", "leaf") in features(player, node="n", sender=JULIET)
    for sender in ("romeo@example.org", "tybalt@example.org"):
        assert features(player, node="n", sender=sender) == NOT_FOUND == features(player, node="none", sender=sender)


def test_0060_3_metaData(talk, player):
    """
    0060-3: A node tells those whom it concerns what it is called, what is published to it, whose it is and how many
    are told; and nobody else, and never who they are.
    """
    talk.create(title="Phones &amp; pads", secret="s")
    talk.affiliate(juliet="member", romeo="owner")
    talk.subscribe(sender=JULIET)

    def ask(sender):
        return player.ask(
            f"<iq type='get' from='{sender}' to='{TREE}' id='d'>"
            "<query xmlns='http://jabber.org/protocol/disco#info' node='n'/></iq>"
        )

    for sender in (APP, JULIET):
        x = ask(sender).query.x
        assert (x["type"], fieldsOf(x)["FORM_TYPE"]) == ("result", f"{PUBSUB}#meta-data")
        shown = {field["var"]: [str(value) for value in field.elements()] for field in x.elements()}
        assert shown == {
            "FORM_TYPE": [f"{PUBSUB}#meta-data"],
            "pubsub#type": ["urn:xmpp:push:0"],
            "pubsub#title": ["Phones & pads"],
            "pubsub#owner": [APP, "romeo@example.org"],
            "pubsub#num_subscribers": ["1"],
        }
    assert errorOf(ask("nurse@example.org")) == NOT_FOUND


def test_0060_4_items(talk, player):
    """
    0060-4: Nodes are listed to whom they concern, and to nobody else.
    """
    talk.create("a", title="Phones")
    talk.create("b")
    talk.affiliate("b", juliet="publish-only", tybalt="outcast")

    def listed(sender):
        reply = player.ask(
            f"<iq type='get' from='{sender}' to='{TREE}' id='d'>"
            "<query xmlns='http://jabber.org/protocol/disco#items'/></iq>"
        )
        return [(item["node"], item["name"]) for item in reply.query.elements()]

    assert listed(APP) == [("a", "Phones"), ("b", "")]
    assert listed(JULIET) == [("b", "")]
    assert listed("romeo@example.org") == listed("tybalt@example.org") == []


# Others


def test_storageTroubleIsTemporary(talk, world):
    """
    When the storage fails nobody is told anything for good.
    """
    talk.create(secret="s")
    resultOf(world.trees.storage.close())

    for content in ("<create node='m'/>", f"<subscribe node='n' jid='{APP}'/>"):
        assert errorOf(talk.ask(content)) == ("wait", "internal-server-error")
    talk.publish(secret="s")
    assert errorOf(talk.answer()) == ("wait", "internal-server-error")
    talk.player.send(bounce())
    assert talk.player.silent


@pytest.mark.parametrize("name", ["x" * 2000, "a&#9;b", "a&#x85;b"])
def test_impossibleNames(talk, name):
    """
    A node is called something that can be shown and kept.
    """
    assert errorOf(talk.create(name)) == ("modify", "not-acceptable")


def test_accessIsForCreating(sessions, ongoing):
    """
    Who may not create nodes may be let publish and subscribe by who may.
    """
    trees = Trees()
    host = trees.host("a.example.net", tree, {"push": push}, access=(APP,))
    talk = talkOf([host], sessions, ongoing, "a.example.net")
    assert host.access == AccessRule((APP,))
    talk.create(secret="s")
    talk.affiliate(juliet="publisher")

    assert isFine(talk.subscribe(sender=JULIET))
    talk.publish(sender=JULIET, secret="s")
    assert isFine(talk.answer())


def test_uniformErrors(sessions, ongoing):
    """
    A host with uniform errors does not tell those who may not publish that there is a node.
    """
    host = Trees().host("a.example.net", tree, {"push": push}, uniformErrors=True)
    talk = talkOf([host], sessions, ongoing, "a.example.net")
    talk.create(secret="s")

    talk.publish(sender="example.com", secret="s")
    assert errorOf(talk.answer()) == NOT_FOUND


@pytest.mark.parametrize(
    ("namespace", "type", "content"),
    [
        (PUBSUB, "set", "<subscribe node='{}' jid='juliet@example.org'/>"),
        (PUBSUB, "set", "<unsubscribe node='{}' jid='juliet@example.org'/>"),
        (PUBSUB, "set", "<unsubscribe node='{}' jid='app.example.com'/>"),
        (PUBSUB, "get", "<items node='{}'/>"),
        (PUBSUB, "set", "<retract node='{}'><item id='i'/></retract>"),
        (OWNER, "get", "<affiliations node='{}'/>"),
        (OWNER, "set", "<affiliations node='{}'><affiliation jid='a@b' affiliation='owner'/></affiliations>"),
        (OWNER, "get", "<subscriptions node='{}'/>"),
        (OWNER, "set", "<subscriptions node='{}'><subscription jid='a@b' subscription='none'/></subscriptions>"),
        (OWNER, "get", "<configure node='{}'/>"),
        (OWNER, "set", "<configure node='{}'><x xmlns='jabber:x:data' type='submit'/></configure>"),
        (OWNER, "set", "<configure node='{}'><x xmlns='jabber:x:data' type='cancel'/></configure>"),
        (OWNER, "set", "<delete node='{}'/>"),
        (OWNER, "set", "<purge node='{}'/>"),
    ],
)
def test_uniformErrorsOfAnyRequest(sessions, ongoing, namespace, type, content):
    """
    On a host with uniform errors strangers get the same answer for a node that is there and one that is not, whatever
    they ask.
    """
    host = Trees().host("a.example.net", tree, {"push": push}, uniformErrors=True)
    talk = talkOf([host], sessions, ongoing, "a.example.net")
    talk.create()

    there, missing = (talk.ask(content.format(node), JULIET, type, namespace).error.toXml() for node in ("n", "none"))

    assert there == missing
    assert "item-not-found" in there


def test_uniformErrorsAreForStrangers(sessions, ongoing, monkeypatch):
    """
    Where errors are uniform owners are told all the same what is the matter.
    """
    monkeypatch.setattr(rules, "AFFILIATED_MAX", 2)
    host = Trees().host("a.example.net", tree, {"push": push}, uniformErrors=True, access=(APP,))
    talk = talkOf([host], sessions, ongoing, "a.example.net")
    talk.create()

    assert errorOf(talk.affiliate(a="member", b="member")) == FORBIDDEN
    assert errorOf(talk.create("n")) == ("cancel", "conflict")
    assert errorOf(talk.create("m", JULIET)) == FORBIDDEN


def test_uniformErrorsOfPreconditions(sessions, ongoing):
    """
    Where anybody may publish and errors are uniform, a precondition does not tell strangers that there is a node;
    whom the owner lets publish is told that it is not met.
    """
    host = Trees().host("a.example.net", tree, {"push": push}, uniformErrors=True)
    talk = talkOf([host], sessions, ongoing, "a.example.net")
    talk.create(publish_model="open", secret="s")
    talk.affiliate(juliet="publish-only")
    item = "<item><notification xmlns='urn:xmpp:push:0'/></item>"
    options = f"<publish-options>{form(f'{PUBSUB}#publish-options', max_items=99)}</publish-options>"

    def publish(node, sender):
        return talk.ask(f"<publish node='{node}'>{item}</publish>{options}", sender)

    assert publish("n", "example.com").error.toXml() == publish("none", "example.com").error.toXml()
    for sender in ("juliet@example.org", "example.org"):
        assert errorOf(publish("n", sender)) == ("cancel", "conflict", "precondition-not-met")
