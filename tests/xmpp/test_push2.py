"""
The draft "push 2", where a host has it switched on.
"""

from dataclasses import replace

import pytest

from pushsvc.model import Encrypted, Kind, Priority
from pushsvc.xmpp.handlers import makeHandlers
from tests.xmpp.nodes import Talk
from tests.xmpp.player import Player
from tests.xmpp.trees import TREE

MESSAGE = """
<message from='example.org' to='push.example.net' id='m1'>
  <notification xmlns='urn:xmpp:push2:0'><client>{client}</client>{more}</notification>
</message>"""


@pytest.fixture
def player(world, sessions, ongoing):
    hosts = {name: replace(host, push2=True) for name, host in world.hosts.items()}
    return Player(makeHandlers(hosts, sessions, ongoing))


def push(player, client="node-1/s3cret", more=""):
    player.send(MESSAGE.format(client=client, more=more))


def test_D5_taken(player, published):
    """
    D-5: a notification in a message reaches the node that the client is called by, with its secret; nothing is
    answered.
    """
    push(player)

    (publish,) = published
    assert ("node-1", "example.org", {"secret": ("s3cret",)}) == (publish.node, publish.sender, publish.options)
    assert player.silent


@pytest.mark.parametrize(
    ("more", "kind", "priority"),
    [
        ("", Kind.MESSAGE, Priority.NORMAL),
        ("<priority>high</priority>", Kind.MESSAGE, Priority.HIGH),
        ("<priority>low</priority>", Kind.MESSAGE, Priority.LOW),
        ("<priority>absurd</priority>", Kind.MESSAGE, Priority.NORMAL),
        ("<voip/>", Kind.CALL, Priority.HIGH),
    ],
)
def test_D5_urgency(player, published, more, kind, priority):
    """
    D-5: how urgent it is, and whether somebody calls, is carried through.
    """
    push(player, more=more)

    (notification,) = published[0].notifications
    assert (kind, priority) == (notification.kind, notification.priority)


def test_D5_encrypted(player, published):
    """
    D-5: what is encrypted for the device is handed on as it came.
    """
    push(player, more="<encrypted xmlns='urn:xmpp:sce:rfc8291:0'><payload>cGF5bG9hZA==</payload></encrypted>")

    (notification,) = published[0].notifications
    assert Encrypted("", "cGF5bG9hZA==", "rfc8291") == notification.encrypted
    assert Priority.HIGH is notification.priority


@pytest.mark.parametrize(
    ("client", "type", "condition"),
    [
        ("unknown/s", "cancel", "item-not-found"),
        ("node-1/wrong", "auth", "forbidden"),
        ("node-1", "auth", "forbidden"),
        ("busy/s3cret", "wait", "internal-server-error"),
    ],
)
def test_D5_refused(player, published, client, type, condition):
    """
    D-5: what is refused comes back as the error of a message, from whom it was for.
    """
    push(player, client)

    error = player.receive()
    assert ("message", "error", "push.example.net", "m1") == (error.name, error["type"], error["from"], error["id"])
    assert (type, condition) == (error.error["type"], error.error.firstChildElement().name)
    assert [] == published


def test_aBug(player, published, loggedFailures):
    """
    A bug of ours is told as what passes.
    """
    push(player, "broken/s3cret")

    assert "wait" == player.receive().error["type"]
    assert 1 == len(loggedFailures)
    loggedFailures.clear()


def test_found(player):
    """
    Where it is switched on it can be found.
    """
    info = "<iq type='get' id='i' from='a@b' to='push.example.net'><query xmlns='{}'/></iq>"

    assert "urn:xmpp:push2:0" in player.ask(info.format("http://jabber.org/protocol/disco#info")).toXml()


def test_switchedOff(world, sessions, ongoing, published):
    """
    Where it is not switched on nobody knows of it.
    """
    player = Player(makeHandlers(world.hosts, sessions, ongoing))

    push(player)

    assert [] == published
    assert player.silent


def test_switchedOnElsewhere(world, sessions, ongoing, published):
    """
    It is switched on for one host, and not for those beside it.
    """
    hosts = world.hosts
    hosts["uniform.example.net"] = replace(hosts["uniform.example.net"], push2=True)
    player = Player(makeHandlers(hosts, sessions, ongoing))

    push(player)

    assert [] == published
    assert player.silent


@pytest.mark.parametrize("more", ["type='error'", "to='juliet@push.example.net'"])
def test_othersMessages(player, published, more):
    """
    Errors, and messages to people who do not live here, are nobody's affair.
    """
    stanza = MESSAGE.format(client="node-1/s3cret", more="")
    if "to=" in more:
        stanza = stanza.replace("to='push.example.net'", "")
    player.send(stanza.replace("<message ", f"<message {more} ", 1))

    assert [] == published
    assert player.silent


def test_D5_uniformErrors(player, world, published):
    """
    D-5: a host with uniform errors does not tell a wrong secret from a node that is not there, here as in publishes;
    and what comes so is counted like them.
    """
    for client in ("node-1/wrong", "none/s3cret"):
        player.send(MESSAGE.format(client=client, more="").replace("push.example.net", "uniform.example.net"))
    push(player)

    there, missing = player.receive(), player.receive()
    assert there.error.toXml() == missing.error.toXml()
    assert 1 == len(published)


def test_D5_counted(world, sessions, ongoing):
    """
    D-5: notifications in messages are counted as publishes are, by how they were answered.
    """
    host = replace(world.hosts["push.example.net"], push2=True)
    player = Player(makeHandlers({host.name: host}, sessions, ongoing))

    push(player)
    push(player, "node-1/wrong")
    push(player, "none/s3cret")

    assert {"accepted": 1, "WrongSecret": 1, "NoSuchNode": 1} == host.answers


def test_D5_notForCreatedNodes(world, sessions, ongoing):
    """
    D-5: nodes that somebody created have nobody who would be told of a message, and it takes nothing from them.
    """
    (host,) = [replace(each, push2=True) for each in world.trees.hosts if each.name == TREE]
    talk = Talk(Player(makeHandlers({host.name: host}, sessions, ongoing)))
    talk.create(secret="s")
    talk.publish(secret="s", item="<item id='i'><notification xmlns='urn:xmpp:push:0'/></item>")
    talk.heard()

    talk.player.send(MESSAGE.format(client="n/s", more="").replace("push.example.net", TREE))

    assert "item-not-found" == talk.player.receive().error.firstChildElement().name
    assert "i" == talk.ask("<items node='n'/>", type="get").pubsub.items.item["id"]
