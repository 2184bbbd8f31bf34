"""
Which HTTP client an app gets.
"""

import pytest
from twisted.internet.testing import MemoryReactorClock

from pushsvc.assembly.apps import Clients, appsOf
from pushsvc.config import ConfigurationError, read
from pushsvc.guard import allowing
from tests.standins.webpush import writeKey

FRAME = """
[storage]
url = "memory:"
[hosts."push.example.net"]
"""


def clientsOf(text: str) -> Clients:
    clients: Clients = {}
    appsOf(read(FRAME + text), clients, MemoryReactorClock())
    return clients


def webpush(name: str, allowed: str = "[]", more: str = "") -> str:
    return f'[apps.{name}]\nprovider = "webpush"\nallowed-endpoints = {allowed}\n{more}\n'


def test_whoseDevicesNameTheirServersIsGuarded():
    """
    An app whose devices have URLs has a client that looks where they lead; one whose network is known has not.
    """
    clients = clientsOf(webpush("web") + '[apps.trial]\nprovider = "demo"\n')

    assert {(None, allowing(())), (None, None)} == set(clients)


def test_clientsAreShared():
    """
    Apps that trust the same and allow the same have one client, in whatever order they say it; others have not.
    """
    same = webpush("a", '["https://a", "https://b:*"]', "default = true") + webpush(
        "b", '["https://b:*", "https://a:443"]'
    )

    clients = clientsOf(same + webpush("c", '["https://a"]'))

    assert {(None, allowing(("https://a", "https://b:*"))), (None, allowing(("https://a",)))} == set(clients)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (webpush("web", '["push.example"]'), "apps.web.allowed-endpoints.0: "),
        (webpush("web", "[]", 'vapid-key-file = "/nonexistent"\nsubject = "mailto:a@b.example"'), "vapid-key-file: "),
        (webpush("web", "[]", 'vapid-key-file = "/nonexistent"'), "apps.web: subject is missing"),
        ('[apps.hooks]\nprovider = "webhook"', "apps.hooks: signing-secret-file (or signing-secret) is missing"),
    ],
)
def test_whatCannotWorkIsSaid(text, said):
    """
    What cannot work is an error of the configuration, and says where.
    """
    with pytest.raises(ConfigurationError) as raised:
        clientsOf(text)

    assert said in str(raised.value)


def test_aKeyIsEnough(tmp_path):
    """
    What the documentation shows is put together.
    """
    file, _ = writeKey(tmp_path / "vapid.key")

    assert clientsOf(webpush("web", "[]", f'vapid-key-file = "{file}"\nsubject = "mailto:push@example.org"'))
