"""
People look after their own devices, with clients that show ad-hoc commands.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.apple import Apple
from tests.servers.commander import Commander
from tests.servers.fcm import Fcm
from tests.servers.journey import newToken, register
from tests.servers.phone import Phones
from tests.servers.rig.rig import Rig
from tests.servers.rig.server import Account, Server
from tests.servers.service import Service

pytestmark = pytest.mark.servers


@pytest.fixture
def service(rig: Rig, server: Server, networks: tuple[Fcm, Apple], tmp_path: Path) -> Iterator[Service]:
    """
    A pushsvc where people may look after their devices.
    """
    service = Service(tmp_path, server, *networks, host='dialects = ["modpush", "selfservice"]')
    rig.logs.append(service.log)
    try:
        service.start()
        yield service
        assert service.stop()
    finally:
        service.kill()
    assert service.complaints() == []


@pytest.fixture
def alice(server: Server) -> Account:
    return server.account("alice")


@pytest.fixture
def person(alice: Account, service: Service, phones: Phones) -> Iterator[Commander]:
    """
    Alice, with such a client.
    """
    person = Commander(alice, phones)
    yield person
    person.logOff()


def test_whatIsOffered(person: Commander, service: Service) -> None:
    """
    The commands have names that people read.
    """
    names = person.commands(service.domain)

    assert names["pushsvc:devices"] == "My devices: do notifications arrive?"
    assert {"pushsvc:test", "pushsvc:forget", "pushsvc:forget-all"} <= set(names)


def test_whoHasNone(person: Commander, service: Service) -> None:
    """
    Who has no device registered is told so.
    """
    shown = person.execute(service.domain, "pushsvc:test")

    assert shown.status == "completed"
    assert shown.notes == ["None of your devices is registered here."]


def test_aTest(
    person: Commander, alice: Account, service: Service, phones: Phones, networks: tuple[Fcm, Apple]
) -> None:
    """
    A test is chosen from a list, reaches the device, and is seen in what is told of it.
    """
    token = newToken()
    register(phones.online(alice), service, token)

    asked = person.execute(service.domain, "pushsvc:test")
    assert (asked.status, asked.actions) == ("executing", {"complete"})
    kind, options = asked.fields["device"]
    ((node, name),) = options.items()
    assert (kind, name) == ("list-single", "phone")
    done = person.complete(device=node)

    assert done.status == "completed"
    assert "on its way" in done.notes[0]
    assert networks[0].push(token)["data"]["last-message-body"] == "This is a test."
    service.waitUntilDone()
    told = person.execute(service.domain, "pushsvc:devices")
    assert [row["device-name"] for row in told.rows] == ["phone"]
    assert "registered" in told.rows[0]


def test_forgetting(person: Commander, alice: Account, service: Service, phones: Phones) -> None:
    """
    All devices are forgotten, once that was really meant; then there is nothing left to show.
    """
    register(phones.online(alice), service, newToken())

    asked = person.execute(service.domain, "pushsvc:forget-all")
    assert asked.fields["sure"][0] == "boolean"
    unsure = person.complete(sure="0")
    assert unsure.status == "executing"
    assert person.complete(sure="1").notes == ["Forgotten: 1. Apps have to register again before they are notified."]

    assert person.execute(service.domain, "pushsvc:devices").notes == ["None of your devices is registered here."]
