"""
What clients do one after the other: the stories of mod_push's suite (MP-81), what Oshiya does otherwise (OS-1), and
what happens where several vocabularies and several people meet.
"""

import pytest

from pushsvc.kinds import names
from tests.clients.phone import Phone, valuesOf
from tests.clients.world import DIALECTS

APPLE = "00112233445566778899aabbccddeeff" * 2


@pytest.mark.parametrize(
    ("command", "token", "app"), [("register-push-fcm", "t", "google"), ("register-push-apns", APPLE, "apple")]
)
@pytest.mark.parametrize(
    "named", [{}, {"device_id": "d"}, {"device_name": "Phone"}, {"device_id": "d", "device_name": "Phone"}]
)
def test_MP81_registeredIsListed(phone, kept, command, token, app, named):
    """
    MP-81: on every network, with and without device id and name, what was registered is what is listed.
    """
    assert "completed" == phone.run("list-push-registrations", form=False)["status"]
    given = phone.register(command, token=token, **named)

    listed = phone.run("list-push-registrations", form=False)

    (item,) = [child for child in listed.x.elements() if child.name == "item"]
    shown = {field["var"]: str(field.value) for field in item.elements()}
    name = {"device-name": named["device_name"]} if "device_name" in named else {}
    assert {"node": given["node"], **name} == shown
    assert [(app, named.get("device_id", "balcony"))] == [(each.target.app, each.deviceId) for each in kept()]


def test_MP81_unregistering(phone, player, kept):
    """
    MP-81: a device is unregistered by its resource, by its id, and by its node.
    """
    phone.register()
    phone.register(device_id="d")
    nodes = [phone.register(device_id=device)["node"] for device in "ef"]
    Phone(player, "romeo@example.org").register(device_id="d")

    assert "completed" == phone.run("unregister-push", form=False)["status"]
    assert ["d", "e", "f"] == sorted(registration.deviceId for registration in kept())
    assert "completed" == phone.run("unregister-push", device_id="d")["status"]
    assert ["e", "f"] == sorted(registration.deviceId for registration in kept())
    assert "completed" == phone.run("unregister-push", nodes=nodes)["status"]
    assert [] == kept()
    assert 1 == len(kept("romeo@example.org"))


def test_OS1_errors(phone):
    """
    OS-1: Oshiya answers an unknown command with malformed-action; here it is item-not-found, as XEP-0050 has it, and
    malformed, bad and misplaced things are told apart. Clients act on the error as such.
    """
    assert "item-not-found" == phone.run("register-push-wns", token="t")
    assert "bad-request" == phone.run("register-push-fcm", "explode", token="t")
    assert "bad-request" == phone.run("register-push-fcm", "prev", form=False)
    assert "bad-request" == phone.run("register-push-fcm")


def test_oneTable(phone, world, kept):
    """
    A device that changes its vocabulary or its network keeps its node, whichever way it goes.
    """
    node = phone.register("v1-register-push", type="apns", node="d", token=APPLE)["node"]

    assert node == valuesOf(phone.run("register-device", provider="snikket:apns:1", **{"device-token": APPLE}))["node"]
    assert node == phone.register("register-push", type="ios", token=APPLE)["node"]
    assert node == phone.register("register-push-apns", token=APPLE, device_id="d")["node"]
    assert node == phone.register("register-push-fcm", token="t", android_id="d")["node"]
    assert [("d", "google")] == [(registration.deviceId, registration.target.app) for registration in kept()]


def test_othersAreNotSeen(phone, player, world, kept):
    """
    In no vocabulary can anybody unregister what is somebody else's.
    """
    node = phone.register("register-push-apns", token=APPLE, device_id="d")["node"]
    before, mallory = kept(), Phone(player, "mallory@example.org")
    device = {"provider": "snikket:apns:1", "device-token": APPLE}

    assert "item-not-found" == mallory.run("unregister-push-apns", device_id="d")
    assert "item-not-found" == mallory.run("unregister-device", **device)
    assert "item-not-found" == mallory.run("v1-unregister-push", type="apns", node="d")
    assert "item-not-found" == mallory.run("v1-unregister-push", type="apns", node=node)
    assert "completed" == mallory.run("pushsvc:forget", device=node)["status"]
    mallory.run("unregister-push", device_id="d")
    assert [] == [str(value) for value in mallory.run("unregister-push", nodes=[node]).x.field.elements()]
    mallory.run("pushsvc:forget-all", sure="1")

    assert before == kept()
    assert [] == world.told


def test_theSameTokenInTwoAccounts(phone, player, world):
    """
    A phone with two accounts registers its token for each: each has a node of its own, and neither knows of the other.
    """
    second = Phone(player, "julia@example.com")
    said = {"provider": "snikket:apns:1", "device-token": APPLE}

    first, other = (valuesOf(each.run("register-device", **said))["node"] for each in (phone, second))

    assert first != other
    assert "forbidden" == phone.publish(other, sender="example.org")
    assert phone.publish(other, sender="example.com") is None


def test_everyDialectIsHere():
    """
    The service that these clients meet has every dialect that there is.
    """
    assert set(names("dialects")) == set(DIALECTS)
