"""
The main job for whoever receives webhooks.
"""

import json
import secrets

import pytest

from tests.servers.waking import Waking

pytestmark = pytest.mark.servers


def test_aProgramIsWoken(waking: Waking) -> None:
    """
    Each message is posted once to the URL that was registered, signed with the app's secret.
    """
    secret = secrets.token_hex(16)
    network = waking.network("tests.standins.webhook", "--secret", secret)
    waking.app("webhook", f'signing-secret = "{secret}"\nallowed-endpoints = ["{network.url}"]')

    waking.sleep("register-push-webhook", {"url": f"{network.url}/hook?for=alice%2Fphone"})
    bob = waking.say("are you there?")
    seen = network.request()

    assert (204, "/hook") == (seen["status"], seen["path"])
    said = json.loads(seen["body"])
    assert ("are you there?", "high") == (said["last-message-body"], said["priority"])
    assert said["last-message-sender"].startswith(f"{bob}/")
    assert said["push-id"] == seen["headers"]["webhook-id"]
    assert 1 == len(network.requests())
