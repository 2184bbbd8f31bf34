"""
The publisher: phones of servers that cannot publish wake all the same.
"""

from collections.abc import Iterator
from pathlib import Path
from xml.etree.ElementTree import Element, SubElement

import pytest

from tests.servers.apple import Apple
from tests.servers.fcm import Fcm
from tests.servers.federation import Federation
from tests.servers.journey import fallAsleep, newToken, registerAndEnable
from tests.servers.phone import Phones
from tests.servers.publishing import Publishing
from tests.servers.rig.rig import Rig
from tests.servers.rig.server import Server
from tests.servers.rig.waiting import waitFor

pytestmark = pytest.mark.servers

REPORTING = ["reportingProsody", "reportingEjabberd"]
EVERYBODY = [*REPORTING, "stockProsody"]


@pytest.fixture(params=REPORTING)
def server(request: pytest.FixtureRequest) -> Server:
    """
    Each server in turn that reports by our module.
    """
    server: Server = request.getfixturevalue(request.param)
    return server


@pytest.mark.parametrize("server", EVERYBODY, indirect=True)
def test_0357_17_offlinePhoneIsWoken(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    0357-17: a message for somebody who is offline wakes the phone: one push, by the push service of the same process;
    what is told is what mod_cloud_notify would tell.
    """
    alice, carol, bob = server.account("alice"), server.account("carol"), phones.online(server.account("bob"))
    hers, carols = newToken(), newToken()
    fallAsleep(phones, alice, publishing, hers)
    fallAsleep(phones, carol, publishing, carols)

    bob.say(alice.jid, "are you there?")
    push = fcm.push(hers)
    bob.say(carol.jid, "and you?")
    fcm.push(carols)

    data = push["data"]
    assert ("New message", "1", None) == (
        data["last-message-body"],
        data["message-count"],
        data.get("last-message-sender"),
    )
    assert "HIGH" == push["android"]["priority"]
    assert [hers, carols] == [each["token"] for each in fcm.pushes()]


@pytest.mark.parametrize("server", EVERYBODY, indirect=True)
def test_0357_17_elsewhere(server: Server, publishing: Publishing, phones: Phones, federation: Federation) -> None:
    """
    0357-17: the push service may be anywhere: here it is another pushsvc, which is reached from server to server.
    """
    other = federation.service()
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    fallAsleep(phones, alice, other, token)

    bob.say(alice.jid, "are you there?")
    bob.say(alice.jid, "hello?")

    assert "New message" == federation.fcm.push(token)["data"]["last-message-body"]
    # The other service has to be there until its answers are.
    publishing.waitUntilDone()


def test_MP57_countsAreReal(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    MP-57, TG-4: what waits is counted, until somebody comes and gets it.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    fallAsleep(phones, alice, publishing, token)

    bob.say(alice.jid, "one")
    fcm.push(token)
    bob.say(alice.jid, "two")
    assert "2" == fcm.push(token, 2)["data"]["message-count"]

    phone = phones.online(alice)
    assert ["one", "two"] == sorted(phone.heard() for _ in range(2))
    phone.logOff()
    bob.say(alice.jid, "three")
    assert "1" == fcm.push(token, 3)["data"]["message-count"]


def test_MP54_hibernatingPhoneIsWoken(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    MP-54, PR-21: a phone that lost its connection without a word is woken for what comes for it, once for what comes
    at once.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    phone = phones.online(alice, resumable=True)
    registerAndEnable(phone, publishing, token)
    phone.vanish()

    bob.say(alice.jid, "one", "two", "three")

    assert "3" == fcm.push(token)["data"]["message-count"]
    bob.say(alice.jid, "four")
    assert "4" == fcm.push(token, 2)["data"]["message-count"]
    assert 2 == len(fcm.pushes())


def test_MP54_PR20_unacknowledged(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    MP-54, PR-20: what was on the way to a phone when its connection broke is told as soon as that is noticed.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    phone = phones.online(alice, resumable=True)
    registerAndEnable(phone, publishing, token)
    phone.turnDeaf()
    bob.say(alice.jid, "one", "two")
    phone.tearOff()

    push = fcm.push(token)

    assert ("New message", "2") == (push["data"]["last-message-body"], push["data"]["message-count"])


def test_PR22_overdue(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    PR-22: a phone whose connection seems to be there, and that acknowledges nothing, is woken.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    phone = phones.online(alice, resumable=True)
    registerAndEnable(phone, publishing, token)
    phone.turnDeaf()

    bob.say(alice.jid, "are you there?")

    assert "New message" == fcm.push(token)["data"]["last-message-body"]
    phone.tearOff()


def test_PR19_othersAreThere(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    PR-19: while somebody sits at the desktop the phone in the drawer is told as well, and the desktop is not.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    phones_, desktops = newToken(), newToken()
    fallAsleep(phones, alice, publishing, phones_)
    desktop = phones.online(alice)
    answer = desktop.command(publishing.domain, "register-push-fcm", {"token": desktops, "device-id": "desktop"})
    desktop.enable(answer["jid"], answer["node"], {"secret": answer["secret"]})

    bob.say(alice.jid, "are you there?")

    assert "New message" == fcm.push(phones_)["data"]["last-message-body"]
    assert "are you there?" == desktop.heard()
    assert [phones_] == [each["token"] for each in fcm.pushes()]


def test_TG4_readElsewhere(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    TG-4: what was read at the desktop is no news on the phone: the count goes to nothing.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    fallAsleep(phones, alice, publishing, token)
    desktop = phones.online(alice)
    bob.say(alice.jid, "are you there?")
    fcm.push(token)
    displayed = Element("message", {"to": bob.jid, "type": "chat"})
    SubElement(displayed, "{urn:xmpp:chat-markers:0}displayed", {"id": "1"})

    desktop.send(displayed)

    assert "0" == fcm.push(token, 2)["data"]["message-count"]


def test_PR11_calls(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    PR-11, PR-19: a call rings at once, and on every device.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))
    token = newToken()
    fallAsleep(phones, alice, publishing, token)
    desktop = phones.online(alice)
    propose = Element("message", {"to": alice.jid, "type": "chat", "id": "c1"})
    SubElement(propose, "{urn:xmpp:jingle-message:0}propose", {"id": "sid1"})
    SubElement(propose, "{urn:xmpp:hints}store")

    bob.send(propose)

    assert "HIGH" == fcm.push(token)["android"]["priority"]
    desktop.logOff()


@pytest.fixture
def privileged(rig: Rig, privilegingProsody: Server, fcm: Fcm, apple: Apple, tmp_path: Path) -> Iterator[Publishing]:
    """
    A pushsvc that may publish as the accounts of its server; its push service takes publishes of a node's owner only.
    """
    service = Publishing(tmp_path, privilegingProsody, fcm, apple, "privileged", 'publishers = ["owner"]')
    rig.logs.append(service.log)
    try:
        service.start()
        yield service
        assert service.stop()
    finally:
        service.kill()
    assert service.complaints() == []


def test_0356_4_asTheAccount(privilegingProsody: Server, privileged: Publishing, fcm: Fcm, phones: Phones) -> None:
    """
    0356-4: where the server lets us we publish as the account itself: also push services that take publishes of the
    node's owner only take them.
    """
    alice, bob = privilegingProsody.account("alice"), phones.online(privilegingProsody.account("bob"))
    token = newToken()
    fallAsleep(phones, alice, privileged, token)

    bob.say(alice.jid, "are you there?")

    assert "New message" == fcm.push(token)["data"]["last-message-body"]


def test_0356_4_PR27_noSuchNode(privilegingProsody: Server, privileged: Publishing, phones: Phones) -> None:
    """
    0356-4, PR-27: though the server does not say why a publish failed, a node that is none is left alone in the end.
    """
    account, bob = privilegingProsody.account("alice"), phones.online(privilegingProsody.account("bob"))
    alice = phones.online(account)
    alice.enable(privileged.domain, "never-was", {"secret": "s"})
    alice.logOff()

    for number in (1, 2):
        bob.say(account.jid, f"message {number}")
        waitFor(lambda number=number: privileged.judged("rejected") >= number, f"refusal number {number}")

    # The account was answered so each time, and so were we.
    assert 4 == privileged.answered("no-such-node")
    bob.say(account.jid, "message 3")
    alice = phones.online(account)
    assert ["message 1", "message 2", "message 3"] == sorted(alice.heard() for _ in range(3))
    assert 4 == privileged.answered("no-such-node")
