"""
The main job for phones that only Huawei can wake.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.servers.rig.waiting import waitFor
from tests.servers.waking import StandIn, Waking
from tests.standins.huawei import CLIENT_ID, CLIENT_SECRET, PROJECT, TOKEN_PATH, writeHuaweiAccount

pytestmark = pytest.mark.servers

REGISTER, LIST = "register-push-huawei", "list-push-registrations"
SEND = "messages:send"


@pytest.fixture
def account(tmp_path: Path) -> Path:
    return writeHuaweiAccount(tmp_path / "huawei.json")


@pytest.fixture
def network(waking: Waking, account: Path) -> StandIn:
    return waking.network("tests.standins.huawei", "--account", str(account))


def pushes(network: StandIn) -> list[dict[str, Any]]:
    """
    What it was asked about phones that there are: at its start pushsvc asks about one that cannot be.
    """
    return [request for request in network.requests(SEND) if '"nobody"' not in json.dumps(request["body"])]


def push(network: StandIn) -> dict[str, Any]:
    """
    Wait for the first of them.
    """
    return waitFor(lambda: pushes(network), "a push")[0]


def test_aPhoneWithHarmonyIsWoken(waking: Waking, network: StandIn, account: Path) -> None:
    """
    A phone with HarmonyOS 5 gets a message as a notification of v3, under a token signed with the service account's
    key.
    """
    waking.app("huawei", f'endpoint = "{network.url}"\nservice-account = "{account}"\nshow-message = true')
    waking.sleep(REGISTER, {"token": "MAMzL-1"})

    bob = waking.say("are you there?")
    seen = push(network)

    assert (200, f"/v3/{PROJECT}/messages:send", "0") == (seen["status"], seen["path"], seen["headers"]["push-type"])
    assert {"token": ["MAMzL-1"]} == seen["body"]["target"]
    shown = seen["body"]["payload"]["notification"]
    assert (bob, "are you there?") == (shown["title"], shown["body"])
    assert shown["appMessageId"] == shown["clickAction"]["data"]["push-id"]
    assert 86000 < seen["body"]["pushOptions"]["ttl"] <= 86400
    assert 1 == len(pushes(network))


def test_aPhoneWithHMSIsWoken(waking: Waking, network: StandIn) -> None:
    """
    A phone with HMS gets a data message of v1, under a token that the app's secret obtained.
    """
    waking.app(
        "huawei",
        f'endpoint = "{network.url}"\ntoken-endpoint = "{network.url}{TOKEN_PATH}"\n'
        f'client-id = "{CLIENT_ID}"\nclient-secret = "{CLIENT_SECRET}"',
    )
    waking.sleep(REGISTER, {"token": "0864-1"})

    bob = waking.say("are you there?")
    seen = push(network)

    assert (200, ["0864-1"]) == (seen["status"], seen["body"]["message"]["token"])
    said = json.loads(seen["body"]["message"]["data"])
    assert "are you there?" == said["last-message-body"]
    assert said["last-message-sender"].startswith(f"{bob}/")


def test_aPhoneThatIsGone(waking: Waking, network: StandIn, account: Path) -> None:
    """
    A phone of which Huawei says that its token is none is forgotten, though HTTP says that all is well.
    """
    waking.app("huawei", f'endpoint = "{network.url}"\nservice-account = "{account}"')
    waking.sleep(REGISTER, {"token": "MAMzL-gone"})

    waking.say("are you there?")

    assert 200 == push(network)["status"]
    waitFor(lambda: not waking.ask(LIST).items, "the registration to go")
