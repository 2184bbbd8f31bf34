"""
Nodes that are registrations, on the tree that stores nothing.
"""

from dataclasses import replace

import pytest

from pushsvc.errors import NoSuchNode, NotAllowed, TryLater, WrongSecret
from pushsvc.hosts import AccessRule, ServedHost
from pushsvc.model import Encrypted, Notification, Publish, digest
from pushsvc.nodetrees import virtual
from pushsvc.nodetypes import push
from tests.delivery.network import says
from tests.support import resultOf

HOST = "push.example.net"


@pytest.fixture
def host(house):
    types = {"push": push.makeNodeType(house.storage, house.delivery)}
    return ServedHost(HOST, virtual.makeNodeTree(types), types)


def publish(node="node", *secrets, notifications=(says("hello"),), host=HOST, sender="example.net"):
    options = {"secret": secrets} if secrets else {}
    return Publish(host, node, sender, notifications, options)


def test_MP28_aRightPublishIsAccepted(house, host):
    """
    MP-28: whoever knows node and secret wakes the device.
    """
    house.registered()

    resultOf(host.publish(publish("node", "secret")))

    assert ["hello"] == house.network.bodies


def test_MP28_anUnknownNode(house, host):
    """
    MP-28: a node that there is not is refused as such.
    """
    with pytest.raises(NoSuchNode):
        resultOf(host.publish(publish("unknown", "secret")))


@pytest.mark.parametrize("secrets", [(), ("",), ("wrong",), ("secret", "secret"), ("secret", "other"), ("ſecret",)])
def test_MP28_MP29_aWrongSecret(house, host, secrets):
    """
    MP-28, MP-29, H12: a secret that is missing, wrong or given twice is refused, and nothing is sent.
    """
    house.registered()

    with pytest.raises(WrongSecret):
        resultOf(host.publish(publish("node", *secrets)))

    assert [] == house.network.sent


def test_anotherHostsNode(house, host):
    """
    A node is on the host it was made for, and on no other.
    """
    house.registered()

    with pytest.raises(NoSuchNode):
        resultOf(ServedHost("other.example.net", host.tree, host.types).publish(publish("node", "secret")))


def test_storageTroubleIsTemporary(house, host):
    """
    When the storage fails nobody is told that the node is gone.
    """
    house.registered()
    resultOf(house.storage.close())

    with pytest.raises(TryLater):
        resultOf(host.publish(publish("node", "secret")))


def test_theFirstUseOfASecretEndsThoseBefore(house, host):
    """
    R-4: once a newer secret is used in a publish, those issued before it open nothing.
    """
    house.registered()
    resultOf(house.storage.registrations.register(_withSecret(house, "newer")))
    resultOf(host.publish(publish("node", "secret")))
    resultOf(host.publish(publish("node", "newer")))

    with pytest.raises(WrongSecret):
        resultOf(host.publish(publish("node", "secret")))


def test_severalNotificationsAreAllAccepted(house, host):
    """
    B14: a publish may hold several notifications.
    """
    house.registered()
    several = tuple(Notification(encrypted=Encrypted("iv", payload)) for payload in ("one", "two"))

    resultOf(host.publish(publish("node", "secret", notifications=several)))

    assert 2 == len(house.network.sent)


def _withSecret(house, secret):
    (known,) = resultOf(house.storage.registrations.ofOwner("juliet@example.net"))
    return replace(known, digests=(digest(secret),))


# Who may publish


@pytest.mark.parametrize(
    ("publishers", "sender", "may"),
    [
        (None, "anybody.example.org", True),
        (("owner",), "example.net", True),
        (("owner",), "juliet@example.net", True),
        (("owner",), "juliet@example.net/phone", False),
        (("owner",), "romeo@example.net", False),
        (("owner",), "example.org", False),
        (("example.org",), "example.org", True),
        (("example.org",), "sub.example.org", False),
        (("example.org",), "example.net", False),
        (("example.org", "owner"), "example.net", True),
        ((), "example.net", False),
    ],
)
def test_B10_whoMayPublish(house, host, publishers, sender, may):
    """
    B10, H2: a host may take publishes from the owner's server or account only, or from certain domains.
    """
    house.registered()
    restricted = ServedHost(HOST, host.tree, host.types, publishers=publishers)
    publishing = restricted.publish(publish("node", "secret", sender=sender))

    if may:
        resultOf(publishing)
    else:
        with pytest.raises(NotAllowed):
            resultOf(publishing)
    assert may == bool(house.network.sent)


@pytest.mark.parametrize(
    ("entries", "jid", "allowed"),
    [
        (None, "juliet@example.net/phone", True),
        (("example.net",), "juliet@example.net/phone", True),
        (("juliet@example.net",), "juliet@example.net/phone", True),
        (("juliet@example.net",), "romeo@example.net/phone", False),
        (("example.co.uk",), "juliet@example.co.uk", True),
        (("co.uk",), "juliet@example.co.uk", False),
        (("example.net",), "juliet@sub.example.net", False),
        ((), "juliet@example.net", False),
    ],
)
def test_MP13_accessIsByWholeDomains(entries, jid, allowed):
    """
    MP-13, mended: an access rule speaks of the domains and accounts that it names, not of parts of their names.
    """
    assert allowed == AccessRule(entries).allows(jid)
