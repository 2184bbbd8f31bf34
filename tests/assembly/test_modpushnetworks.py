"""
mod_push's five networks on one host, as an operator configures them: what clients find, and what they have to say.
"""

from collections.abc import Mapping
from pathlib import Path

import pytest
from twisted.internet.testing import MemoryReactorClock

from pushsvc.command import CommandRequest
from pushsvc.config import read
from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.model import Registration
from pushsvc.tap import Composition, compose
from tests.standins.applekeys import writeKey
from tests.standins.certificates import writeServiceAccount
from tests.support import resultOf

HOST = "push.example.net"
JULIET = "juliet@capulet.example"
CONFIGURATION = """
[storage]
url = "memory:"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:5347"
domain = "push.example.net"
secret = "s"
[hosts."push.example.net"]
[apps.orchard]
provider = "apns"
topic = "org.example.chat"
key-file = "{folder}/key.p8"
key-id = "ABC123DEFG"
team-id = "DEF123GHIJ"
[apps.nurse]
provider = "gcm"
service-account = "{folder}/account.json"
[apps.balcony]
provider = "wns"
package-sid = "ms-app://S-1-15-2-1"
auth-key = "s3cret"
[apps.lark]
provider = "ubuntu"
[apps.fox]
provider = "mozilla"
version-file = "{folder}/versions"
"""
GIVEN: Mapping[str, Mapping[str, str]] = {
    "apns": {"token": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA="},
    "gcm": {"token": "APA91b"},
    "wns": {"token": "https://db5p.notify.windows.com/?token=AwYA%252f"},
    "ubuntu": {"token": "b3JnLmV4YW1wbGUuY2hhdDo6MQ==", "application-id": "org.example.chat_chat"},
    "mozilla": {"token": "gAAAAABV"},
}


@pytest.fixture
def composed(tmp_path: Path) -> Composition:
    writeKey(tmp_path / "key.p8")
    writeServiceAccount(tmp_path / "account.json", "https://oauth.example/token")
    composed = compose(read(CONFIGURATION.format(folder=tmp_path)), MemoryReactorClock())
    composed.storage.open()
    return composed


def register(composed: Composition, network: str, given: Mapping[str, str]) -> Registration:
    """
    What is kept of a device that registers.
    """
    (dialect,) = composed.hosts[HOST].dialects
    fields = Fields({name: (value,) for name, value in given.items()})
    request = CommandRequest(HOST, f"register-push-{network}", JULIET, "phone", fields)
    resultOf(dialect.execute(request))
    (registration,) = resultOf(composed.storage.registrations.ofOwner(JULIET))
    return registration


def test_MP1_C1_commands(composed: Composition) -> None:
    """
    MP-1, C1: each network has its command, under the names that clients of mod_push know.
    """
    (dialect,) = composed.hosts[HOST].dialects

    networks = {"apns", "gcm", "fcm", "mozilla", "ubuntu", "wns"}
    others = {"unregister-push", "list-push-registrations"}
    assert {f"register-push-{network}" for network in networks} | others == set(dialect.commands(HOST))


def test_MP15_appNames(composed: Composition) -> None:
    """
    MP-15: apps of networks that ask for no credentials are the app server of any application.
    """
    assert ["any", "balcony", "nurse", "orchard"] == sorted(set(composed.hosts[HOST].appNames))


@pytest.mark.parametrize(
    ("network", "app", "token", "details"),
    [
        ("apns", "orchard", "abcdef1234567890" * 4, {}),
        ("gcm", "nurse", "APA91b", {"kind": "token"}),
        ("wns", "balcony", "https://db5p.notify.windows.com/?token=AwYA%2f", {}),
        ("ubuntu", "lark", "b3JnLmV4YW1wbGUuY2hhdDo6MQ==", {"application-id": "org.example.chat_chat"}),
        ("mozilla", "fox", "gAAAAABV", {}),
    ],
)
def test_MP9_MP16_MP17_whatIsKept(
    composed: Composition, network: str, app: str, token: str, details: Mapping[str, str]
) -> None:
    """
    MP-9, MP-16 and MP-17: each network's fields are understood as mod_push's clients say them.
    """
    target = register(composed, network, GIVEN[network]).target

    assert (app, token, details) == (target.app, target.token, target.details)


@pytest.mark.parametrize(
    ("network", "change"),
    [
        ("apns", {"token": "not base64!"}),
        ("ubuntu", {"application-id": ""}),
        ("wns", {"token": "https://evil.example/?token=AwYA"}),
        ("wns", {"token": "AwYA"}),
        ("mozilla", {"token": "../admin"}),
        ("mozilla", {"token": "https://127.0.0.1/push/x"}),
        *((network, {"token": ""}) for network in GIVEN),
    ],
)
def test_MP9_MP10_MP16_MP17_whatIsRefused(composed: Composition, network: str, change: Mapping[str, str]) -> None:
    """
    MP-9, MP-10, MP-16 and MP-17: what no device of the network can be known by is refused when it registers, and what
    is missing too.
    """
    with pytest.raises(BadForm):
        register(composed, network, {**GIVEN[network], **change})

    assert [] == resultOf(composed.storage.registrations.ofOwner(JULIET))


def test_MP4_oneDeviceOnAllOfThem(composed: Composition) -> None:
    """
    MP-4: a device that registers with one network after the other has one registration, which is on the last.
    """
    nodes = {register(composed, network, given).node for network, given in GIVEN.items()}

    assert 1 == len(nodes)
