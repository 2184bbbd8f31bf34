"""
The main job for what pushes to the web.
"""

from pathlib import Path

import pytest

from tests.servers.waking import StandIn, Waking
from tests.standins.webpush import Browser, toBytes, writeKey

pytestmark = pytest.mark.servers

REGISTER = "register-push-webpush"


@pytest.fixture
def network(waking: Waking) -> StandIn:
    return waking.network("tests.standins.webpush")


def test_aBrowserIsWoken(waking: Waking, network: StandIn, tmp_path: Path) -> None:
    """
    Who asks is told our public key; who subscribes with it and registers gets each message as one push that only they
    can read, signed with that key.
    """
    key, public = writeKey(tmp_path / "vapid.pem")
    waking.app(
        "webpush",
        f'vapid-key-file = "{key}"\nsubject = "mailto:push@example.org"\nallowed-endpoints = ["{network.url}"]',
    )

    asked = waking.ask(REGISTER)
    browser = Browser(network.url, asked["vapid-public-key"])
    registered = waking.sleep(REGISTER, {"subscription": browser.subscription()})
    bob = waking.say("are you there?")
    seen = network.request()

    assert ("executing", public) == (asked.status, asked["vapid-public-key"])
    assert public == registered["vapid-public-key"]
    assert 201 == seen["status"]
    assert "high" == seen["headers"]["urgency"]
    assert 86000 < int(seen["headers"]["ttl"]) <= 86400
    assert 4096 == len(toBytes(seen["body"]))
    said = browser.read(seen)
    assert "are you there?" == said["last-message-body"]
    assert said["last-message-sender"].startswith(f"{bob}/")
    assert said["push-id"]
    assert 1 == len(network.requests())


def test_aUnifiedPushDistributorIsWoken(waking: Waking, network: StandIn) -> None:
    """
    An app without a key serves those who do not want to know who pushes; the device gives endpoint and keys.
    """
    waking.app("webpush", f'allowed-endpoints = ["{network.url}"]')
    browser = Browser(network.url)

    waking.sleep(REGISTER, {"endpoint": browser.endpoint, "p256dh": browser.p256dh, "auth": browser.auth})
    waking.say("one")
    first = network.request()
    waking.say("two")
    second = network.request(2)

    assert ["one", "two"] == [browser.read(seen)["last-message-body"] for seen in (first, second)]
    assert first["headers"]["topic"] == second["headers"]["topic"]
    assert "authorization" not in first["headers"]
