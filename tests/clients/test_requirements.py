"""
What serving existing clients unchanged takes: R-1 to R-13; R-14 is in
tests/web.
"""

import re

import pytest

from tests.clients.phone import JULIET, NS_COMMANDS, valuesOf

APPLE = "00112233445566778899aabbccddeeff" * 2


@pytest.mark.parametrize("action", [None, "execute", "complete", "next"])
def test_R_1_actions(phone, action):
    """
    R-1: whatever the action, what comes with its form is done, and the answer says node, session and that it is
    completed.
    """
    command = phone.run("register-push-fcm", action, token="t", android_id="d")

    assert ("register-push-fcm", "completed") == (command["node"], command["status"])
    assert command["sessionid"]


@pytest.mark.parametrize("formType", [{}, {"FORM_TYPE": "any:thing"}])
@pytest.mark.parametrize(
    ("said", "device"),
    [
        ({"device_id": "a", "android_id": "b"}, "a"),
        ({"device_id": "", "android_id": "b"}, "b"),
        ({"colour": ["blue", "red"], "android_id": "b"}, "b"),
    ],
)
def test_R_2_forms(phone, kept, formType, said, device):
    """
    R-2: forms come with and without FORM_TYPE, with what nobody knows in them, and with the device under any name.
    """
    phone.register(**formType, **said)

    assert [device] == [registration.deviceId for registration in kept()]


def test_R_2_theNodeIsTheDevice(phone, kept):
    """
    R-2: in mod_push_appserver's vocabulary it is ``node`` that names the device.
    """
    phone.register("v1-register-push", type="apns", node="id", token=APPLE)

    assert ["id"] == [registration.deviceId for registration in kept()]


def test_R_3_theAnswer(phone):
    """
    R-3: the answer is a form of type result that says jid, node and secret.
    """
    for command in (
        phone.run("register-push-fcm", token="t"),
        phone.run("register-push", type="android", token="u"),
        phone.run("v1-register-push", type="apns", node="id", token=APPLE),
    ):
        assert "result" == command.x["type"]
        assert ["jid", "node", "secret"] == list(valuesOf(command))
        assert all(valuesOf(command).values())


def test_R_4_registeringAgain(phone, world):
    """
    R-4: registering again keeps the node, and the secret that the server has goes on working until it uses a newer one.
    """
    first, second = phone.register(device_id="d"), phone.register(device_id="d", token="u")
    assert first["node"] == second["node"]

    assert phone.publish(first["node"], first["secret"]) is None
    assert phone.publish(first["node"], second["secret"]) is None

    assert "forbidden" == phone.publish(first["node"], first["secret"])
    assert {"u"} == {sent.target.token for sent in world.pushed}


def test_R_5_aliases(phone, kept):
    """
    R-5: fcm and gcm are the same; what nobody knows is item-not-found.
    """
    assert phone.register("register-push-gcm", device_id="d")["node"] == phone.register(device_id="d")["node"]
    assert "item-not-found" == phone.run("register-push-carrier-pigeon", token="t")
    assert ["google"] == [registration.target.app for registration in kept()]


def test_R_6_complete(phone):
    """
    R-6: mod_push_appserver's commands are ``complete``, and all others ``completed``.
    """
    fields = {"provider": "tigase:messenger:apns:1", "device-token": APPLE, "token": APPLE, "device-id": "d"}
    fields |= {"type": "apns", "node": "d"}
    commands = [command for pair in pairsOf(phone) for command in pair]

    statuses = {command: phone.run(command, **fields)["status"] for command in commands if "register" in command}

    assert {"v1-register-push", "v1-unregister-push"} == {c for c, status in statuses.items() if status == "complete"}
    assert {"complete", "completed"} == set(statuses.values())


def pairsOf(phone):
    """
    The commands, registering ones before those that unregister.
    """
    query = f"<query xmlns='http://jabber.org/protocol/disco#items' node='{NS_COMMANDS}'/>"
    nodes = [item["node"] for item in phone.ask(query, "get").query.elements()]
    pairs = [
        ("v1-register-push", "v1-unregister-push"),
        ("register-device", "unregister-device"),
        ("register-push-apns", "unregister-push-apns"),
        ("register-push", "unregister-push"),
        ("register-push-fcm", "unregister-push-fcm"),
        ("register-push-gcm", "unregister-push-gcm"),
    ]
    assert {command for pair in pairs for command in pair} == {node for node in nodes if "register-" in node}
    return pairs


@pytest.mark.parametrize("room", ["muc", "channel"])
def test_R_7_unregistering(phone, kept, room):
    """
    R-7: a room goes under either name; a device that nobody knows is item-not-found where the network is named, and
    nothing to speak of where it is not.
    """
    own = phone.register(device_id="d")
    phone.register(device_id="d", muc="garden@muc.example.org")

    assert "completed" == phone.run("unregister-push-fcm", device_id="d", **{room: "garden@muc.example.org"})["status"]
    assert [own["node"]] == [registration.node for registration in kept()]

    assert "item-not-found" == phone.run("unregister-push-fcm", device_id="other")
    assert "completed" == phone.run("unregister-push", device_id="other")["status"]
    assert "completed" == phone.run("unregister-push", nodes=["other"])["status"]


def test_R_8_noSecret(phone, kept):
    """
    R-8: without a form there comes one that lists the providers. Nodes for which there is no secret cannot be guessed,
    and are the owner's server's alone.
    """
    asked = phone.run("register-device", form=False)
    assert "executing" == asked["status"]
    assert {"tigase:messenger:apns:1", "snikket:apns:1"} <= set(re.findall(r"[a-z]+:[a-z:]*apns:1", asked.toXml()))

    command = phone.run("register-device", provider="snikket:apns:1", **{"device-token": APPLE})
    node = valuesOf(command)["node"]

    assert {"node", "features", "max-payload-size"} == set(valuesOf(command))
    assert len(node) >= 22
    assert phone.publish(node) is None
    for other in ("example.com", "mallory@example.com", "sub.example.org"):
        assert "forbidden" == phone.publish(node, sender=other)
        assert "forbidden" == phone.publish(node, "", sender=other)
    assert 1 == len(kept())


@pytest.mark.parametrize("type", ["token", "mongoose"])
def test_R_9_R_10_optIn(phone, type):
    """
    R-9, R-10: that a token is a node, or stands in a publish, has to be asked for: here it is no node at all.
    """
    options = {"pushModule": "apple", "service": "apns", "device_id": APPLE}

    assert "item-not-found" == phone.publish(APPLE, **options)


def test_R_11_publishers(phone):
    """
    R-11: a server publishes as itself, or as the user; the secret is what counts.
    """
    given = phone.register()

    for sender in ("example.org", JULIET, f"{JULIET}/balcony", "other.example"):
        assert phone.publish(given["node"], given["secret"], sender) is None


def test_R_12_unknownOptions(phone, world):
    """
    R-12: publish-options that are for others are passed over.
    """
    given = phone.register()
    others = {"token": "x", "endpoint": "https://push.chatsecure.org", "pushModule": "monalProdiOS", "sandbox": "true"}

    assert phone.publish(given["node"], given["secret"], **others) is None
    assert ["t"] == [sent.target.token for sent in world.pushed]


def test_R_13_discovery(phone):
    """
    R-13: the host is a push service and the app server of each app; it has the features that clients look for, and
    lists its commands.
    """
    query = phone.ask("<query xmlns='http://jabber.org/protocol/disco#info'/>", "get").query
    identities = {(each["category"], each["type"]) for each in query.elements() if each.name == "identity"}
    features = {each["var"] for each in query.elements() if each.name == "feature"}

    assert {("pubsub", "push"), ("app-server", "google"), ("app-server", "apple")} <= identities
    assert {"urn:xmpp:push:0", "tigase:messenger:apns:1", "snikket:apns:1", "tigase:push:encrypt:0"} <= features
    assert NS_COMMANDS in features
