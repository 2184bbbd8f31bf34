"""
What accounts can do where their server leaves push services to pushsvc.
"""

from xml.etree.ElementTree import Element

import pytest

from tests.servers import forms
from tests.servers.client import Refused
from tests.servers.fcm import Fcm
from tests.servers.journey import fallAsleep, newToken, register, registerAndEnable
from tests.servers.phone import NS_PUSH, Phones
from tests.servers.publishing import Publishing
from tests.servers.rig.server import Server
from tests.servers.rig.waiting import waitFor

pytestmark = pytest.mark.servers

NS_OPTIONS = "urn:xmpp:push:options"


@pytest.fixture(params=["reportingProsody", "reportingEjabberd"])
def server(request: pytest.FixtureRequest) -> Server:
    """
    Each server in turn.
    """
    server: Server = request.getfixturevalue(request.param)
    return server


def test_0357_11_PR9_theyAreTold(server: Server, publishing: Publishing, phones: Phones) -> None:
    """
    0357-11, PR-9, 0355-2: accounts and their server have the feature, as if the server had it by itself.
    """
    alice = phones.online(server.account("alice"))

    # Servers ask us for it, and know it when we have answered.
    for asked in (alice.jid, server.domain):
        waitFor(lambda asked=asked: NS_PUSH in alice.features(asked), "the feature")


@pytest.mark.parametrize(
    "attributes, type, condition",
    [
        ({}, "modify", "bad-request"),
        ({"jid": "@"}, "modify", "jid-malformed"),
    ],
)
def test_0355_3_refusals(
    server: Server, publishing: Publishing, phones: Phones, attributes: dict[str, str], type: str, condition: str
) -> None:
    """
    0355-3, 0357-12: what is refused is refused to the client itself, in our words.
    """
    alice = phones.online(server.account("alice"))

    with pytest.raises(Refused) as refused:
        alice.request("set", None, Element(f"{{{NS_PUSH}}}enable", attributes))

    assert (type, condition) == (refused.value.type, refused.value.condition)


def test_MP44_MP47_options(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    MP-44, MP-47: an account says what it wants told, is answered what of it was accepted, and is told that.
    """
    account, bob = server.account("alice"), phones.online(server.account("bob"))
    alice, token = phones.online(account), newToken()
    answer = register(alice, publishing, token)
    enable = Element(f"{{{NS_PUSH}}}enable", {"jid": answer["jid"], "node": answer["node"]})
    enable.append(forms.submitted({"secret": answer["secret"]}, "http://jabber.org/protocol/pubsub#publish-options"))
    enable.append(forms.submitted({"include-senders": "1", "include-message-bodies": "true"}, NS_OPTIONS))

    accepted = alice.request("set", None, enable)
    alice.logOff()
    bob.say(account.jid, "are you there?")

    said = [field.get("var") for field in accepted.iter("{jabber:x:data}field")]
    assert ["FORM_TYPE", "include-senders", "include-message-bodies"] == said
    data = fcm.push(token)["data"]
    assert "are you there?" == data["last-message-body"]
    assert data["last-message-sender"].startswith(f"{bob.jid}/")


def test_0357_15_16_disabled(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    0357-15, 0357-16: what is disabled is told of nothing any more.
    """
    account, carol, bob = server.account("alice"), server.account("carol"), phones.online(server.account("bob"))
    hers, carols = newToken(), newToken()
    alice = phones.online(account)
    answer = registerAndEnable(alice, publishing, hers)
    fallAsleep(phones, carol, publishing, carols)

    alice.disable(answer["jid"], answer["node"])
    alice.logOff()
    bob.say(account.jid, "are you there?")
    bob.say(carol.jid, "and you?")
    fcm.push(carols)

    assert [carols] == [each["token"] for each in fcm.pushes()]


def test_0357_18_PR27_probation(server: Server, publishing: Publishing, phones: Phones) -> None:
    """
    0357-18, PR-27: a service that refuses again and again is left alone, until the client enables it anew.
    """
    account, bob = server.account("alice"), phones.online(server.account("bob"))
    alice = phones.online(account)
    answer = register(alice, publishing, newToken())

    def refusals(number: int) -> None:
        waitFor(lambda: publishing.judged("rejected") >= number, f"refusal number {number}")
        assert number == publishing.answered("wrong-secret")

    alice.enable(answer["jid"], answer["node"], {"secret": "wrong"})
    alice.logOff()
    for number in (1, 2):
        bob.say(account.jid, f"message {number}")
        refusals(number)
    bob.say(account.jid, "message 3")
    alice = phones.online(account)
    alice.enable(answer["jid"], answer["node"], {"secret": "wrong"})
    alice.logOff()
    bob.say(account.jid, "message 4")

    refusals(3)


def test_0357_19_withdrawn(server: Server, publishing: Publishing, phones: Phones, fcm: Fcm) -> None:
    """
    0357-19, MP-35, MP-37: a device that its network no longer knows is withdrawn, which reaches us by way of the
    account's server: it is disabled.
    """
    account, carol, bob = server.account("alice"), server.account("carol"), phones.online(server.account("bob"))
    hers, carols = newToken(), newToken()
    answer = fallAsleep(phones, account, publishing, hers)
    fallAsleep(phones, carol, publishing, carols)
    fcm.unregistered()

    bob.say(account.jid, "are you there?")
    fcm.push(hers)
    alice = phones.online(account)
    assert (answer["node"], account.jid, "none") == alice.withdrawal()
    alice.logOff()
    bob.say(account.jid, "are you there?")
    bob.say(carol.jid, "and you?")
    fcm.push(carols)

    # To whom is gone nothing was published any more.
    assert (2, 0) == (publishing.answered("accepted"), publishing.answered("no-such-node"))


def test_MP55_PR24_EJ8_sessionsWait(server: Server, publishing: Publishing, phones: Phones) -> None:
    """
    MP-55, PR-24, EJ-8: a session that has push enabled hibernates until there is something to come back for, however
    long that is, and from then on as long as any other.
    """
    account, bob = server.account("alice"), phones.online(server.account("bob"))
    patient, impatient = phones.online(account, resumable=True), phones.online(server.account("carol"), resumable=True)
    registerAndEnable(patient, publishing, newToken())
    ended = "hibernation timeout reached|Timed out waiting for resumption"
    position = server.log.position()
    patient.vanish()
    impatient.vanish()
    server.log.waitFor(ended, position)

    patient.resume()
    patient.vanish()
    position = server.log.position()
    bob.say(account.jid, "are you there?")

    server.log.waitFor(ended, position)
