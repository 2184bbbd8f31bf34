"""
The main job: a message that a real server holds wakes a phone.
"""

import uuid
from typing import Any

import pytest

from tests.servers.fcm import Fcm
from tests.servers.journey import fallAsleep, newToken, registerAndEnable
from tests.servers.phone import Phones
from tests.servers.rig.server import Server
from tests.servers.service import Service

pytestmark = pytest.mark.servers


def _assertRight(push: dict[str, Any], token: str, sender: str, body: str) -> None:
    data, android = push.pop("data"), push.pop("android")
    assert push == {"token": token}
    assert android.pop("priority") == "HIGH"
    assert 86000 < int(android.pop("ttl").removesuffix("s")) <= 86400
    assert android == {}
    assert str(uuid.UUID(data.pop("push-id")))
    assert data.pop("message-count", "1") == "1"  # ejabberd does not count
    assert data.pop("last-message-sender").startswith(f"{sender}/")
    assert data == {"last-message-body": body}


def test_offlinePhoneIsWoken(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    A message for somebody who is offline becomes one push, and a right one.
    """
    alice, carol, bob = server.account("alice"), server.account("carol"), phones.online(server.account("bob"))
    hers, carols = newToken(), newToken()
    fallAsleep(phones, alice, service, hers)
    fallAsleep(phones, carol, service, carols)

    bob.say(alice.jid, "are you there?")
    push = fcm.push(hers)
    bob.say(carol.jid, "and you?")
    fcm.push(carols)

    _assertRight(push, hers, bob.jid, "are you there?")
    assert [each["token"] for each in fcm.pushes()] == [hers, carols]


def test_everyMessageWakes(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    Pushes that went well leave nothing behind: the next message is a push of its own.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    fallAsleep(phones, alice, service, token)

    bob.say(alice.jid, "one")
    first = fcm.push(token)
    bob.say(alice.jid, "two")
    second = fcm.push(token, 2)

    assert [first["data"]["last-message-body"], second["data"]["last-message-body"]] == ["one", "two"]
    assert first["data"]["push-id"] != second["data"]["push-id"]


def test_hibernatingPhoneIsWoken(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    A phone that lost its connection without a word, and whose session waits for it (XEP-0198), is woken too.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    phone = phones.online(alice, resumable=True)
    registerAndEnable(phone, service, token)
    phone.vanish()

    bob.say(alice.jid, "are you there?")

    _assertRight(fcm.push(token), token, bob.jid, "are you there?")


def test_secretOfAnEarlierRegistrationStaysGood(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    A phone may register again before it enables, and after: what its server knows goes on working.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    old, new = newToken(), newToken()
    phone = phones.online(alice)
    first = registerAndEnable(phone, service, old)
    second = phone.command(service.domain, "register-push-fcm", {"token": new, "device-id": "phone"})
    phone.logOff()

    bob.say(alice.jid, "are you there?")

    assert first["node"] == second["node"]
    assert fcm.push(new)["data"]["last-message-body"] == "are you there?"
