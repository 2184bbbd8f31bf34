"""
What is not pushed, and how the user's server learns of it.
"""

import pytest

from tests.servers.fcm import Fcm
from tests.servers.journey import fallAsleep, newToken, register
from tests.servers.phone import Phones
from tests.servers.rig.server import Server
from tests.servers.service import Service

pytestmark = pytest.mark.servers


def test_wrongSecretIsForbidden(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    Who knows the node but not the secret wakes nobody.
    """
    alice, carol, bob = server.account("alice"), server.account("carol"), phones.online(server.account("bob"))
    token, carols = newToken(), newToken()
    phone = phones.online(alice)
    answer = register(phone, service, token)
    phone.enable(answer["jid"], answer["node"], {"secret": "a guess"})
    phone.logOff()
    fallAsleep(phones, carol, service, carols)
    position = server.log.position()

    bob.say(alice.jid, "are you there?")
    server.log.waitFor(server.refused.format(type="auth", condition="forbidden"), position)

    bob.say(carol.jid, "and you?")
    fcm.push(carols)
    assert [each["token"] for each in fcm.pushes()] == [carols]


def test_unregisteredDeviceIsNotFound(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    A device that unregistered is not woken any more, and its server hears the one answer that all take as final.
    """
    alice, carol, bob = server.account("alice"), server.account("carol"), phones.online(server.account("bob"))
    token, carols = newToken(), newToken()
    fallAsleep(phones, alice, service, token)
    fallAsleep(phones, carol, service, carols)
    phone = phones.online(alice)
    phone.command(service.domain, "unregister-push", {"device-id": "phone"})
    phone.logOff()
    position = server.log.position()

    bob.say(alice.jid, "are you there?")
    server.log.waitFor(server.refused.format(type="cancel", condition="item-not-found"), position)

    bob.say(carol.jid, "and you?")
    fcm.push(carols)
    assert [each["token"] for each in fcm.pushes()] == [carols]


def test_goneDeviceLosesItsRegistration(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    When Google no longer knows a token, its registration ends, and the owner's server is told so.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    fcm.unregistered()
    node = fallAsleep(phones, alice, service, token)["node"]
    position = server.log.position()

    bob.say(alice.jid, "are you there?")
    server.log.waitFor(server.refused.format(type="cancel", condition="item-not-found"), position)

    phone = phones.online(alice)
    assert phone.withdrawal() == (node, alice.jid, "none")
    assert phone.command(service.domain, "list-push-registrations").items == []
