"""
A host's tree can be changed from virtual to stored nodes and back: nothing has to be cleared, and nothing is lost.
"""

from dataclasses import replace

import pytest
from twisted.internet.testing import MemoryReactorClock

from pushsvc.config import ConfigurationError, read
from pushsvc.errors import NodeExists, NoSuchNode, NotAllowed
from pushsvc.hosts import ServedHost
from pushsvc.model import Publish
from pushsvc.nodetrees import tree, virtual
from pushsvc.nodetypes import mongoose, push
from pushsvc.publisher.departing import Departing
from pushsvc.tap import compose
from tests.delivery.network import says
from tests.support import resultOf

HOST = "push.example.net"
APP = "app.example.com"


def hostOf(house, trees, **kinds):
    types = {
        kind: module.makeNodeType(house.storage, house.delivery, house.apps)
        for kind, module in (kinds or {"push": push}).items()
    }
    return ServedHost(HOST, trees.makeNodeTree(types, house.storage, lambda creator: 10), types)


def publish(node, secret="secret", sender="example.net"):
    return Publish(HOST, node, sender, (says("hello"),), {"secret": (secret,)}, None, "<n/>")


def test_B26_registrationsStay(house):
    """
    B26: What is registered can be published to on either tree.
    """
    house.registered()

    for trees in (virtual, tree, virtual):
        resultOf(hostOf(house, trees).publish(publish("node")))

    assert 3 == len(house.network.sent)


def test_B26_createdNodesStay(house):
    """
    B26: What was created is there again when the tree is again one that stores nodes, with all that belongs to it; in
    between it is not there.
    """
    before = hostOf(house, tree)
    resultOf(before.owning.create(HOST, APP, "n", None, {"pubsub#secret": ("s",)}))
    resultOf(before.owning.subscribe(HOST, APP, "n", APP))
    between = hostOf(house, virtual)
    assert between.owning is None
    with pytest.raises(NoSuchNode):
        resultOf(between.publish(publish("n", "s", APP)))

    notice = resultOf(hostOf(house, tree).publish(publish("n", "s", APP)))

    assert (APP,) == notice.subscribers
    assert [] == house.network.sent


def test_aRegistrationsNodeCannotBeCreated(house):
    """
    Nobody can create a node that is a registration already.
    """
    house.registered()

    with pytest.raises(NodeExists):
        resultOf(hostOf(house, tree).owning.create(HOST, APP, "node", None, {}))


def test_registrationsAreNotOwnersNodes(house):
    """
    A registration's node is not for its owner to configure, or to delete: it goes when the device is unregistered.
    """
    house.registered()
    owning = hostOf(house, tree).owning

    for asked in (owning.owned, owning.delete):
        with pytest.raises(NoSuchNode):
            resultOf(asked(HOST, "juliet@example.net", "node"))


@pytest.mark.parametrize(
    ("type", "options", "made"),
    [
        (None, {}, "push"),
        (None, {"pubsub#secret": ("s",)}, "push"),
        ("push", {"pubsub#secret": ("s",)}, "push"),
        ("push", {}, "mongoose"),
        ("mongoose", {}, "mongoose"),
    ],
)
def test_MIM1_bothTypes(house, type, options, made):
    """
    MIM-1: Where both are, ``type='push'`` without a secret is what MongooseIM's clients say, and with one what others
    do.
    """
    owning = hostOf(house, tree, push=push, mongoose=mongoose).owning

    resultOf(owning.create(HOST, APP, "n", type, options))

    assert made == resultOf(owning.owned(HOST, APP, "n")).type


def test_MP33_secretsFindTheirType(house):
    """
    MP-33: Who gives a secret without naming a type gets one that has secrets, also where it is not the default.
    """
    owning = hostOf(house, tree, mongoose=mongoose, push=push).owning

    resultOf(owning.create(HOST, APP, "a", None, {"secret": ("s",)}))
    resultOf(owning.create(HOST, APP, "b", None, {}))

    assert ["push", "mongoose"] == [resultOf(owning.owned(HOST, APP, node)).type for node in "ab"]


def test_typesThatAreGone(house):
    """
    Nodes of a type that the host does not have any more are not there, until it has it again; their owner can delete
    them.
    """
    resultOf(hostOf(house, tree).owning.create(HOST, APP, "n", None, {"secret": ("s",)}))
    without = hostOf(house, tree, mongoose=mongoose)

    with pytest.raises(NoSuchNode):
        resultOf(without.publish(publish("n", "s", APP)))
    with pytest.raises(NotAllowed):
        resultOf(without.owning.configure(HOST, APP, "n", {}))
    resultOf(hostOf(house, tree).publish(publish("n", "s", APP)))
    resultOf(without.owning.delete(HOST, APP, "n"))


@pytest.mark.parametrize(
    ("publishers", "sender", "may"),
    [
        (("owner",), APP, True),
        (("owner",), "example.net", False),
        (("example.net",), APP, False),
        ((), APP, False),
    ],
)
def test_publishersRule(house, publishers, sender, may):
    """
    Where the host lets owners publish, it is whom the owner of the node lets; who is named may do no more than that.
    """
    host = hostOf(house, tree)
    resultOf(host.owning.create(HOST, APP, "n", None, {"secret": ("s",)}))
    restricted = ServedHost(HOST, host.tree, host.types, publishers=publishers)

    if may:
        resultOf(restricted.publish(publish("n", "s", sender)))
    else:
        with pytest.raises(NotAllowed):
            resultOf(restricted.publish(publish("n", "s", sender)))


# Configured


CONFIGURATION = """
[storage]
url = "memory:"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:5347"
domain = "push.example.net"
secret = "s"
[apps.trial]
provider = "demo"
[limits]
nodes-per-account = 1
nodes-per-domain = 2
[hosts."push.example.net"]
"""


def configured(text):
    composition = compose(read(CONFIGURATION + text), MemoryReactorClock())
    composition.storage.open()
    return composition.hosts[HOST]


def test_configuredTree():
    """
    The configuration says which tree and types a host has, and how many nodes somebody may have.
    """
    host = configured('nodetree = "tree"\nnodetypes = ["push", "mongoose", "flat"]')

    for asker, most in ((APP, 2), ("juliet@example.org/x", 1)):
        for _ in range(most):
            resultOf(host.owning.create(HOST, asker, None, None, {}))
        with pytest.raises(NotAllowed):
            resultOf(host.owning.create(HOST, asker, None, None, {}))


def test_7_6_limitsAreConfigured():
    """
    7-6: What is published to nodes that somebody created is within the limits that are configured.
    """
    host = configured('nodetree = "tree"\nnodetypes = ["push"]')

    assert [host.delay("example.org", "", "n") for _ in range(61)][59:] == [0.0, pytest.approx(1.0)]
    assert host.delay("example.org", "", "m") == 0.0


def test_R9_appsWithoutRegistrations():
    """
    R-9: Where devices are nodes nobody registers: apps there need no host for it, nor a default among them.
    """
    text = """
    [storage]
    url = "memory:"
    [[links]]
    kind = "component"
    endpoint = "tcp:127.0.0.1:5347"
    domain = "token.example.net"
    secret = "s"
    [apps.monalProdiOS]
    provider = "demo"
    [apps.monalProdiOS-sandbox]
    provider = "demo"
    [hosts."token.example.net"]
    nodetypes = ["token"]
    dialects = []
    """
    composition = compose(read(text), MemoryReactorClock())
    composition.storage.open()
    host = composition.hosts["token.example.net"]

    for named in ("monalProdiOS", "monalProdiOS-sandbox"):
        resultOf(host.publish(replace(publish("t0ken"), host=host.name, options={"pushModule": (named,)})))

    assert ["", ""] == [app.registerHost for app in composition.apps.values()]
    assert () == host.appNames


def test_configuredWrongly():
    """
    Devices as nodes cannot be created: who configures that is told what to do.
    """
    with pytest.raises(ConfigurationError, match=r'hosts.push.example.net.nodetypes: .*token.*nodetree = "virtual"'):
        configured('nodetree = "tree"\nnodetypes = ["token"]')


def test_MIM10_removedAccounts(house, clock):
    """
    MIM-10: With an account that is removed go the nodes that it created, and nobody else's.
    """
    owning = hostOf(house, tree).owning
    resultOf(owning.create(HOST, "juliet@example.net/phone", "hers", None, {}))
    resultOf(owning.create(HOST, APP, "others", None, {}))

    resultOf(Departing(None, house.registrar, False, clock, house.storage.nodes).farewell("juliet@example.net", []))

    with pytest.raises(NoSuchNode):
        resultOf(owning.owned(HOST, "juliet@example.net", "hers"))
    assert resultOf(owning.owned(HOST, APP, "others"))
