"""
What a phone finds at pushsvc before anything is pushed, through a real server.
"""

from xml.etree.ElementTree import Element

import pytest

from tests.servers.client import Refused
from tests.servers.fcm import Fcm
from tests.servers.forms import Values
from tests.servers.journey import newToken, register
from tests.servers.phone import NS_PUSH, Phones
from tests.servers.rig.server import Server
from tests.servers.service import Service

pytestmark = pytest.mark.servers


def test_pushServiceIsDiscovered(server: Server, service: Service, phones: Phones) -> None:
    """
    A client finds out that this is a push service, and which commands it has.
    """
    phone = phones.online(server.account("alice"))

    assert ("pubsub", "push") in phone.identities(service.domain)
    assert NS_PUSH in phone.features(service.domain)
    assert {"register-push-fcm", "unregister-push", "list-push-registrations"} <= set(phone.commands(service.domain))


def test_pingIsAnswered(server: Server, service: Service, phones: Phones) -> None:
    """
    Whoever wants to know whether pushsvc is there may ask.
    """
    phones.online(server.account("alice")).ping(service.domain)


def test_unknownRequestIsRefused(server: Server, service: Service, phones: Phones) -> None:
    """
    A request that pushsvc does not understand is answered all the same.
    """
    phone = phones.online(server.account("alice"))

    with pytest.raises(Refused, match="cancel/service-unavailable"):
        phone.request("get", service.domain, Element("{urn:example:unknown}query"))
    with pytest.raises(Refused, match="cancel/item-not-found"):
        phone.command(service.domain, "register-push-pigeon", {"token": "t"})


@pytest.mark.parametrize(
    ("fields", "action"),
    [
        pytest.param({"device-id": "d"}, "execute", id="most"),
        pytest.param({"android-id": "d"}, "complete", id="Conversations"),
        pytest.param({"android-id": "d", "device-name": "Fön & <Gerät>"}, None, id="no action"),
        pytest.param({}, "execute", id="the resource is the device"),
    ],
)
def test_spellingsOfClients(
    server: Server, service: Service, phones: Phones, fields: Values, action: str | None
) -> None:
    """
    Registering takes one request, in the words of every client.
    """
    phone = phones.online(server.account("alice"))

    answer = phone.command(service.domain, "register-push-fcm", {"token": newToken(), **fields}, action)

    assert answer.status == "completed"
    assert list(answer.values) == ["jid", "node", "secret"]
    assert answer["jid"] == service.domain


def test_registrationsAreListedAndEnd(server: Server, service: Service, phones: Phones, fcm: Fcm) -> None:
    """
    A phone sees the registrations of its own account only, and ends them.
    """
    phone, stranger = phones.online(server.account("alice")), phones.online(server.account("eve"))
    node = register(phone, service, newToken())["node"]

    assert [row["node"] for row in phone.command(service.domain, "list-push-registrations").items] == [[node]]
    assert stranger.command(service.domain, "list-push-registrations").items == []

    stranger.command(service.domain, "unregister-push", {"nodes": [node]})
    assert [row["node"] for row in phone.command(service.domain, "list-push-registrations").items] == [[node]]

    assert phone.command(service.domain, "unregister-push", {"device-id": "phone"}).status == "completed"
    assert phone.command(service.domain, "list-push-registrations").items == []
