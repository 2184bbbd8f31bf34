"""
What stops, dies and comes back: registrations and accepted notifications outlive it.
"""

import pytest

from tests.servers.fcm import Fcm
from tests.servers.journey import fallAsleep, newToken
from tests.servers.phone import Phones
from tests.servers.rig.server import Server
from tests.servers.service import Service

pytestmark = pytest.mark.servers


def test_serverRestarts(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    After the server was restarted, pushsvc is its component again and pushes as before.
    """
    alice = server.account("alice")
    token = newToken()
    fallAsleep(phones, alice, service, token)
    position = server.log.position()

    server.restart()
    service.waitUntilAttached(position)

    phones.online(server.account("bob")).say(alice.jid, "are you there?")
    assert fcm.push(token)["data"]["last-message-body"] == "are you there?"


def test_serverDies(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    After the server died, pushsvc is its component again.
    """
    position = server.log.position()
    server.kill()
    server.start()
    service.waitUntilAttached(position)

    # With new accounts: a dying ejabberd forgets those that it was given lately.
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    fallAsleep(phones, alice, service, token)
    bob.say(alice.jid, "are you there?")
    assert fcm.push(token)["data"]["last-message-body"] == "are you there?"


def test_registrationOutlivesAStop(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    A phone that registered before pushsvc was restarted is woken after it.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    fallAsleep(phones, alice, service, token)

    assert service.stop()
    service.start()

    bob.say(alice.jid, "are you there?")
    assert fcm.push(token)["data"]["last-message-body"] == "are you there?"


def test_stopFinishesWhatIsInFlight(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    What was accepted before pushsvc stops is sent by then, and not once more after the next start.
    """
    alice, carol, bob = server.account("alice"), server.account("carol"), phones.online(server.account("bob"))
    token, carols = newToken(), newToken()
    fallAsleep(phones, alice, service, token)
    fallAsleep(phones, carol, service, carols)
    position = server.log.position()

    bob.say(alice.jid, "are you there?")
    server.log.waitFor(server.accepted, position)
    assert service.stop()
    assert [each["token"] for each in fcm.pushes()] == [token]

    service.start()
    bob.say(carol.jid, "and you?")
    fcm.push(carols)
    assert [each["token"] for each in fcm.pushes()] == [token, carols]


def test_answeredPublishIsAPromise(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    pushsvc dies right after it accepted a publish, and the push arrives all the same: under the same id, for Google may
    have got it already.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    fallAsleep(phones, alice, service, token)
    fcm.hang()
    position = server.log.position()

    bob.say(alice.jid, "are you there?")
    server.log.waitFor(server.accepted, position)
    attempted = fcm.push(token)
    service.kill()
    service.start()

    assert attempted["data"]["push-id"]
    assert fcm.push(token, 2)["data"] == attempted["data"]
