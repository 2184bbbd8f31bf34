"""
Every vocabulary, by a real client through a real server: it registers, enables, sleeps, is woken; and unregisters.
"""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from tests.servers.apple import Apple
from tests.servers.client import Refused
from tests.servers.fcm import Fcm
from tests.servers.journey import newToken
from tests.servers.phone import NS_DISCO_ITEMS, NS_PUSH, Phones
from tests.servers.rig.prosody import Prosody
from tests.servers.rig.rig import Rig
from tests.servers.service import Service

pytestmark = pytest.mark.servers

PROVIDER = "tigase:messenger:apns:1"


@dataclass(frozen=True)
class Spoken:
    """
    How a client registers and unregisters; TOKEN stands for its token.
    """

    register: str
    said: Mapping[str, str]
    unregister: str
    device: Mapping[str, str]
    status: str = "completed"
    action: str | None = "execute"


VOCABULARIES = {
    "modpush": Spoken("register-push-gcm", {"token": "TOKEN", "device-id": "d"}, "unregister-push", {"device-id": "d"}),
    "p2": Spoken(
        "register-push-fcm",
        {"token": "TOKEN", "android-id": "d"},
        "unregister-push-fcm",
        {"android-id": "d"},
        action="complete",
    ),
    "plain": Spoken(
        "register-push", {"token": "TOKEN", "device_type": "ios"}, "unregister-push-apns", {"device-id": "token"}
    ),
    "appserver": Spoken(
        "v1-register-push",
        {"FORM_TYPE": "https://example.org/#v1-register-push", "type": "apns", "node": "d", "token": "TOKEN"},
        "v1-unregister-push",
        {"FORM_TYPE": "https://example.org/#v1-unregister-push", "type": "apns", "node": "d"},
        status="complete",
    ),
    "tigase": Spoken(
        "register-device",
        {"provider": PROVIDER, "device-token": "TOKEN"},
        "unregister-device",
        {"provider": PROVIDER, "device-token": "TOKEN"},
        action=None,
    ),
}


@pytest.fixture
def service(rig: Rig, prosody: Prosody, networks: tuple[Fcm, Apple], tmp_path: Path) -> Iterator[Service]:
    """
    A pushsvc with all vocabularies.
    """
    names = '"modpush", "p2", "plain", "appserver", "tigase"'
    ids = f'provider-ids = ["{PROVIDER}"]\n'
    service = Service(tmp_path, prosody, *networks, ids, f"dialects = [{names}]")
    rig.logs.append(service.log)
    try:
        service.start()
        yield service
        assert service.stop()
    finally:
        service.kill()
    assert service.complaints() == []


@pytest.mark.parametrize("name", VOCABULARIES)
def test_everyVocabularyWakes(
    prosody: Prosody, service: Service, networks: tuple[Fcm, Apple], phones: Phones, name: str
) -> None:
    """
    Whatever a client calls it, it registers, its server publishes, the phone is woken, and it can be unregistered.
    """
    fcm, apple = networks
    alice, bob = prosody.account("alice"), phones.online(prosody.account("bob"))
    spoken = VOCABULARIES[name]
    onApple = "ios" in spoken.said.values() or "apns" in spoken.said.values() or PROVIDER in spoken.said.values()
    token = secrets.token_hex(32) if onApple else newToken()

    def filled(fields: Mapping[str, str]) -> dict[str, str]:
        return {field: token if value == "TOKEN" else value for field, value in fields.items()}

    phone = phones.online(alice)
    answer = phone.command(service.domain, spoken.register, filled(spoken.said), spoken.action)
    assert answer.status == spoken.status
    if name == "tigase":
        # Without a secret there are no options.
        enable = Element(f"{{{NS_PUSH}}}enable", {"jid": service.domain, "node": answer["node"]})
        phone.request("set", None, enable)
    else:
        phone.enable(answer["jid"], answer["node"], {"secret": answer["secret"]})
    phone.logOff()
    bob.say(alice.jid, "are you there?")

    if onApple:
        assert apple.push(token)["body"]["last-message-body"] == "are you there?"
    else:
        assert fcm.push(token)["data"]["last-message-body"] == "are you there?"

    phone = phones.online(alice)
    phone.heard()
    device = filled(spoken.device)
    if name == "plain":
        # It has no word for it; but whoever has the list finds it there.
        (row,) = phone.command(service.domain, "list-push-registrations").items
        gone = phone.command(service.domain, "unregister-push", {"nodes": row["node"]})
    else:
        gone = phone.command(service.domain, spoken.unregister, device, spoken.action)
    assert gone.status == spoken.status
    assert phone.withdrawal() == (answer["node"], alice.jid, "none")
    assert phone.command(service.domain, "list-push-registrations").items == []


def test_siskinFindsIt(prosody: Prosody, service: Service, phones: Phones) -> None:
    """
    Siskin looks among the items of its server for a push service that has its provider id.
    """
    phone = phones.online(prosody.account("alice"))

    items = phone.request("get", prosody.domain, Element(f"{{{NS_DISCO_ITEMS}}}query"))
    assert service.domain in [item.get("jid") for item in items.iter(f"{{{NS_DISCO_ITEMS}}}item")]
    assert ("pubsub", "push") in phone.identities(service.domain)
    assert {NS_PUSH, PROVIDER} <= set(phone.features(service.domain))


def test_unknownDevices(prosody: Prosody, service: Service, phones: Phones) -> None:
    """
    Clients that want to know are told when there is no such device.
    """
    phone = phones.online(prosody.account("alice"))

    for name in ("p2", "appserver", "tigase"):
        spoken = VOCABULARIES[name]
        device = {field: "00" * 32 if value == "TOKEN" else value for field, value in spoken.device.items()}
        with pytest.raises(Refused, match="cancel/item-not-found"):
            phone.command(service.domain, spoken.unregister, device, spoken.action)
