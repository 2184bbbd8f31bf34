"""
What a host says it is.
"""

import pytest

from tests.xmpp.test_publish import errorOf

PUBSUB = "http://jabber.org/protocol/pubsub"


def asked(player, what="info", to="push.example.net", node=None):
    attribute = f"node='{node}'" if node is not None else ""
    return player.ask(
        f"<iq type='get' from='juliet@example.org/phone' to='{to}' id='d'>"
        f"<query xmlns='http://jabber.org/protocol/disco#{what}' {attribute}/></iq>"
    )


def featuresOf(reply):
    return {e["var"] for e in reply.query.elements() if e.name == "feature"}


def identitiesOf(reply):
    return [(e["category"], e["type"]) for e in reply.query.elements() if e.name == "identity"]


def test_0357_1_pushService(player):
    """
    0357-1: A pubsub host is a push service, and says so.
    """
    reply = asked(player)

    assert ("pubsub", "push") in identitiesOf(reply)
    assert {"urn:xmpp:push:0", PUBSUB, f"{PUBSUB}#publish"} <= featuresOf(reply)


def test_0357_2_accessModel(player):
    """
    0357-2: Nodes are for whom they name, and some of these may only publish.
    """
    assert {f"{PUBSUB}#access-whitelist", f"{PUBSUB}#publish-only-affiliation"} <= featuresOf(asked(player))


def test_0060_2_onlyWhatIsThere(player):
    """
    0060-2: A virtual push host offers nothing that it does not do.
    """
    offered = {feature for feature in featuresOf(asked(player)) if feature.startswith(PUBSUB)}

    assert offered == {
        PUBSUB,
        f"{PUBSUB}#access-whitelist",
        f"{PUBSUB}#publish",
        f"{PUBSUB}#publish-only-affiliation",
        f"{PUBSUB}#publish-options",
    }


def test_0030_1_registerHost(player):
    """
    0030-1: A host that only registers is no pubsub service; its apps are what it is.
    """
    reply = asked(player, to="register.example.net")

    assert identitiesOf(reply) == [("app-server", "a"), ("app-server", "b")]
    assert "http://jabber.org/protocol/commands" in featuresOf(reply)
    assert not [feature for feature in featuresOf(reply) if "push:0" in feature or "pubsub" in feature]


@pytest.mark.parametrize("what", ["info", "items"])
@pytest.mark.parametrize("node", ["node-1", "what"])
def test_0060_3_nodesAreNotShown(player, what, node):
    """
    0060-3: A node that exists looks like one that does not.
    """
    assert errorOf(asked(player, what, node=node)) == ("cancel", "item-not-found")


def test_0060_4_nothingListed(player):
    """
    0060-4: The nodes are not listed: there is nothing to see, which is no error.
    """
    reply = asked(player, "items")

    assert reply["type"] == "result"
    assert list(reply.query.elements()) == []


def test_noCommandsNoList(player):
    """
    A host that registers nobody has no list of commands.
    """
    node = "http://jabber.org/protocol/commands"

    assert errorOf(asked(player, "items", to="uniform.example.net", node=node)) == ("cancel", "item-not-found")


def test_nodeIsMirrored(player):
    """
    The answer names the node as the question did, also when it is empty.
    """
    assert asked(player, node="").query["node"] == ""
    assert not asked(player).query.hasAttribute("node")
