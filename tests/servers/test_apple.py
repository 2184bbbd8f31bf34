"""
The main job once more, for phones that only Apple can wake.
"""

import secrets
import time

import pytest

from tests.servers.apple import Apple
from tests.servers.phone import Phone, Phones
from tests.servers.rig.server import Account, Server
from tests.servers.rig.waiting import waitFor
from tests.servers.service import Service
from tests.standins.apns import refusal

pytestmark = pytest.mark.servers

LIST = "list-push-registrations"


@pytest.fixture(autouse=True)
def _started(apple: Apple) -> None:
    apple.start()


def _asleep(phones: Phones, account: Account, service: Service, token: str) -> None:
    phone = phones.online(account)
    answer = phone.command(service.domain, "register-push-apns", {"token": token, "device-id": "phone"})
    phone.enable(answer["jid"], answer["node"], {"secret": answer["secret"]})
    phone.logOff()


def _registered(phone: Phone, service: Service) -> int:
    return len(phone.command(service.domain, LIST).items)


def test_anIPhoneIsWoken(server: Server, service: Service, phones: Phones, apple: Apple) -> None:
    """
    A message for somebody who is offline becomes one push to APNs, and a right one.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = secrets.token_hex(32)
    _asleep(phones, alice, service, token)

    bob.say(alice.jid, "are you there?")
    push = apple.push(token)
    bob.say(alice.jid, "still there?")
    apple.push(token, 2)

    assert (push["status"], push["reason"], push["taken"]) == (200, None, True)
    assert push["headers"]["apns-push-type"] == "alert"
    assert push["headers"]["apns-priority"] == "10"
    assert push["body"]["last-message-body"] == "are you there?"
    assert push["body"]["aps"]["mutable-content"] == 1
    assert len(apple.pushes()) == 2


def test_hibernatingIPhoneIsWoken(server: Server, service: Service, phones: Phones, apple: Apple) -> None:
    """
    A phone that lost its connection without a word (XEP-0198) is woken by APNs too.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = secrets.token_hex(32)
    phone = phones.online(alice, resumable=True)
    answer = phone.command(service.domain, "register-push-apns", {"token": token, "device-id": "phone"})
    phone.enable(answer["jid"], answer["node"], {"secret": answer["secret"]})
    phone.vanish()

    bob.say(alice.jid, "are you there?")

    assert apple.push(token)["taken"]


@pytest.mark.parametrize("age", [-3600, 3600])
def test_aDeviceThatAppleSawGo(server: Server, service: Service, phones: Phones, apple: Apple, age: int) -> None:
    """
    410 with a time: a device that Apple saw go before it registered is still there, and its push is tried again; one
    that it saw go afterwards is forgotten.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = secrets.token_hex(32)
    _asleep(phones, alice, service, token)
    apple.script(refusal(410, "Unregistered", timestamp=int((time.time() + age) * 1000)))

    bob.say(alice.jid, "are you there?")
    apple.push(token)

    if age < 0:
        assert apple.push(token, 2)["taken"]
        assert _registered(phones.online(alice), service) == 1
    else:
        phone = phones.online(alice)
        waitFor(lambda: not _registered(phone, service), "the registration to go")


def test_refusedCredentialsForgetNobody(server: Server, service: Service, phones: Phones, apple: Apple) -> None:
    """
    403: the operator is told, nobody is forgotten, and the push goes out when Apple takes the credentials again.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = secrets.token_hex(32)
    _asleep(phones, alice, service, token)
    apple.script(refusal(403, "InvalidProviderToken"))

    bob.say(alice.jid, "are you there?")
    apple.push(token)

    service.log.waitFor("apple: the network refuses our credentials")
    assert apple.push(token, 2)["taken"]
    assert _registered(phones.online(alice), service) == 1
    service.forgive("critical")
