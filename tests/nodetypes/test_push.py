"""
Nodes that are registrations, on the tree that stores nothing.
"""

from dataclasses import replace

import pytest

from pushsvc.errors import NoSuchNode, NotAllowed, TryLater, WrongSecret
from pushsvc.hosts import AccessRule, ServedHost
from pushsvc.model import NO_SECRET, Encrypted, Notification, Publish, digest
from pushsvc.nodetrees import virtual
from pushsvc.nodetypes import push
from tests.delivery.network import says
from tests.support import resultOf

HOST = "push.example.net"


@pytest.fixture
def host(house):
    types = {"push": push.makeNodeType(house.storage, house.delivery, house.apps)}
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


@pytest.mark.parametrize(
    ("options", "may"),
    [
        ({"pubsub#secret": ("secret",)}, True),
        ({"pubsub#secret": ("wrong",)}, False),
        ({"pubsub#secret": ("secret", "secret")}, False),
        ({"pubsub#secret": ("secret",), "secret": ("secret",)}, True),
        ({"pubsub#secret": ("wrong",), "secret": ("secret",)}, True),
        ({"pubsub#secret": ("secret",), "secret": ("wrong",)}, False),
        ({"pubsub#secret": ("secret",), "secret": ("",)}, False),
    ],
)
def test_MP29_theSecretUnderItsOtherName(house, host, options, may):
    """
    MP-29: the secret may be called what the option of a node is called; where it is called both, ``secret`` counts.
    """
    house.registered()
    asked = replace(publish("node"), options=options)

    if may:
        resultOf(host.publish(asked))
    else:
        with pytest.raises(WrongSecret):
            resultOf(host.publish(asked))

    assert (["hello"] if may else []) == house.network.bodies


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


def test_publishesCountForTheirServerAndAccount(house, host):
    """
    What limits a publish is the server that it comes from, whoever of it publishes, and the account whose device it is.
    """
    house.registered()
    asked = []
    house.limits.publish = lambda *about: asked.append(about[:3]) or 0.0

    for sender in ("example.org", "romeo@example.org/garden"):
        resultOf(host.publish(publish("node", "secret", sender=sender)))

    assert [("example.org", "juliet@example.net", "node")] * 2 == asked


# Without a secret


def withoutSecret(house, *secrets):
    """
    A registration by a vocabulary that gives no secret; and others.
    """
    registration = replace(house.registered(), digests=(digest(NO_SECRET),))
    resultOf(house.storage.registrations.remove(registration.owner, ["node"]))
    resultOf(house.storage.registrations.register(registration))
    for secret in secrets:
        resultOf(house.storage.registrations.register(replace(registration, digests=(digest(secret),))))


@pytest.mark.parametrize("secrets", [(), ("",)])
@pytest.mark.parametrize("sender", ["example.net", "juliet@example.net"])
def test_R8_theOwnersServerNeedsNoSecret(house, host, sender, secrets):
    """
    R-8, R10: where a registration gave no secret, the owner's server publishes without one.
    """
    withoutSecret(house)

    resultOf(host.publish(publish("node", *secrets, sender=sender)))

    assert ["hello"] == house.network.bodies


@pytest.mark.parametrize(
    ("sender", "secrets"),
    [
        ("example.org", ()),
        ("example.org", ("",)),
        ("sub.example.net", ()),
        ("mallory@example.net", ()),
        ("mallory@example.net/juliet", ("",)),
        ("juliet@example.org/example.net", ()),
        ("example.net@example.org", ()),
        ("example.net", ("wrong",)),
        ("example.net", ("", "")),
    ],
)
def test_R8_nobodyElse(house, host, sender, secrets):
    """
    R-8, R10: others may not publish there, and a wrong secret is wrong for anybody.
    """
    withoutSecret(house)

    with pytest.raises(WrongSecret):
        resultOf(host.publish(publish("node", *secrets, sender=sender)))
    assert [] == house.network.sent


@pytest.mark.parametrize("secrets", [(), ("",)])
def test_R8_onlyWhereNoneWasGiven(house, host, secrets):
    """
    R-8: where there is a secret, the owner's server needs it as anybody does.
    """
    house.registered()

    with pytest.raises(WrongSecret):
        resultOf(host.publish(publish("node", *secrets)))


def test_R8_aDeviceThatChangesItsVocabulary(house, host):
    """
    R-8: a device that registers anew in a vocabulary with secrets may be published to either way, until its secret is
    used.
    """
    withoutSecret(house, "secret")
    resultOf(host.publish(publish("node")))
    resultOf(host.publish(publish("node", "secret")))

    with pytest.raises(WrongSecret):
        resultOf(host.publish(publish("node")))


# Other options


def environments(house):
    return [sent.target.details.get("environment") for sent in house.network.sent]


@pytest.mark.parametrize(
    ("options", "environment"),
    [
        ({"sandbox": ("true",)}, "sandbox"),
        ({"sandbox": ("1",)}, "sandbox"),
        ({"sandbox": ("false",)}, None),
        ({"sandbox": ("what",)}, None),
        ({"sandbox": ("true", "true")}, None),
        ({"sandbox": ()}, None),
        ({"environment": ("sandbox",)}, "sandbox"),
        ({"environment": ("development",)}, "sandbox"),
        ({"environment": ("production",)}, "production"),
        ({"environment": ("what",)}, None),
        ({"token": ("x",), "endpoint": ("https://example.org",), "pushModule": ("x",)}, None),
    ],
)
def test_R18_R12_environment(house, host, options, environment):
    """
    R18, R-12: an option says that the device is one under development; what nobody knows is passed over.
    """
    house.registered()
    wanted = publish("node", "secret")

    resultOf(host.publish(replace(wanted, options={**wanted.options, **options})))

    assert [environment] == environments(house)


def test_R18_theRegistrationKnowsBetter(house, host):
    """
    R18: what the registration says of its environment holds; and an option is for its own publish only.
    """
    known = house.registered()
    wanted = replace(publish("node", "secret"), options={"secret": ("secret",), "sandbox": ("true",)})
    resultOf(host.publish(wanted))
    resultOf(host.publish(publish("node", "secret")))
    said = replace(known, target=replace(known.target, details={"environment": "production"}))
    resultOf(house.storage.registrations.register(said))

    resultOf(host.publish(wanted))

    assert ["sandbox", None, "production"] == environments(house)
