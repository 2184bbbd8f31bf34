"""
A client that is none of ours, and has none of our libraries: @xmpp/client, through ejabberd.
"""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.servers.apple import Apple
from tests.servers.client import Refused
from tests.servers.fcm import Fcm
from tests.servers.journey import newToken
from tests.servers.nodephone import NodePhone, needed
from tests.servers.phone import Phones
from tests.servers.rig.ejabberd import Ejabberd
from tests.servers.rig.rig import Rig
from tests.servers.rig.server import Account
from tests.servers.service import Service

pytestmark = pytest.mark.servers

PROVIDER = "tigase:messenger:apns:1"
Online = Callable[[Account], NodePhone]


@pytest.fixture(scope="session")
def node(pytestconfig: pytest.Config) -> Path:
    """
    Where @xmpp/client is.
    """
    return needed(pytestconfig.cache.mkdir("xmpp-client"))  # type: ignore[union-attr]


@pytest.fixture
def online(node: Path, tmp_path: Path) -> Online:
    """
    Brings such a phone online.
    """
    return lambda account: NodePhone(node, account, tmp_path / "node.log")


@pytest.fixture
def service(rig: Rig, ejabberd: Ejabberd, networks: tuple[Fcm, Apple], tmp_path: Path) -> Iterator[Service]:
    """
    A pushsvc with two vocabularies.
    """
    ids = f'provider-ids = ["{PROVIDER}"]\n'
    service = Service(tmp_path, ejabberd, *networks, ids, 'dialects = ["modpush", "tigase"]')
    rig.logs.append(service.log)
    try:
        service.start()
        yield service
        assert service.stop()
    finally:
        service.kill()
    assert service.complaints() == []


def test_modpush(
    ejabberd: Ejabberd, service: Service, networks: tuple[Fcm, Apple], phones: Phones, online: Online
) -> None:
    """
    It registers, enables, sleeps, is woken, finds itself in the list, and unregisters.
    """
    alice, bob, token = ejabberd.account("alice"), phones.online(ejabberd.account("bob")), newToken()

    with online(alice) as phone:
        assert "urn:xmpp:push:0" in phone.features(service.domain)
        given = phone.command(service.domain, "register-push-fcm", token=token, device_id="d", device_name="Node")
        assert (given["status"], list(given["values"])) == ("completed", ["jid", "node", "secret"])
        (jid,), (node,), (secret,) = given["values"].values()
        phone.enable(jid, node, secret)
    bob.say(alice.jid, "are you there?")

    assert networks[0].push(token)["data"]["last-message-body"] == "are you there?"
    with online(alice) as phone:
        assert phone.command(service.domain, "list-push-registrations")["rows"] == [
            {"device-name": ["Node"], "node": [node]}
        ]
        assert phone.command(service.domain, "unregister-push", device_id="d")["status"] == "completed"
        assert phone.command(service.domain, "list-push-registrations")["rows"] == []
        with pytest.raises(Refused, match="cancel/item-not-found"):
            phone.command(service.domain, "register-push-pigeon", token=token)


def test_tigase(
    ejabberd: Ejabberd, service: Service, networks: tuple[Fcm, Apple], phones: Phones, online: Online
) -> None:
    """
    It does the same in Tigase's words, without any secret.
    """
    alice, bob = ejabberd.account("alice"), phones.online(ejabberd.account("bob"))
    token = secrets.token_hex(32)
    device = {"provider": PROVIDER, "device_token": token.upper()}

    with online(alice) as phone:
        assert PROVIDER in phone.features(service.domain)
        assert phone.command(service.domain, "register-device")["status"] == "executing"
        given = phone.command(service.domain, "register-device", **device)
        assert given["status"] == "completed"
        assert given["values"]["features"] == ["tigase:push:encrypt:0", "tigase:push:encrypt:aes-128-gcm"]
        phone.enable(service.domain, given["values"]["node"][0], None)
    bob.say(alice.jid, "are you there?")

    assert networks[1].push(token)["body"]["last-message-body"] == "are you there?"
    with online(alice) as phone:
        assert phone.command(service.domain, "unregister-device", **device)["status"] == "completed"
        with pytest.raises(Refused, match="cancel/item-not-found"):
            phone.command(service.domain, "unregister-device", **device)
