"""
The main job for phones with Ubuntu Touch.
"""

from datetime import datetime
from typing import Any

import pytest

from tests.servers.rig.waiting import waitFor
from tests.servers.waking import StandIn, Waking
from tests.standins.ubports import tokenOf

pytestmark = pytest.mark.servers

REGISTER, LIST = "register-push-ubuntu", "list-push-registrations"
APPLICATION = "org.example.chat_chat"


@pytest.fixture
def network(waking: Waking) -> StandIn:
    network = waking.network("tests.standins.ubports")
    waking.app("ubuntu", f'endpoint = "{network.url}"')
    return network


def pushes(network: StandIn, token: str) -> list[dict[str, Any]]:
    # pushsvc asks for nobody when it starts.
    return [request for request in network.requests("/notify") if request["body"]["token"] == token]


def test_aPhoneIsWoken(waking: Waking, network: StandIn) -> None:
    """
    A phone that registered with token and application id gets the message, by a request that UBports' server takes; and
    the host is the app server of any application.
    """
    token = tokenOf(APPLICATION, "phone")
    waking.sleep(REGISTER, {"token": token, "application-id": APPLICATION})

    bob = waking.say("are you there?")
    seen = waitFor(lambda: pushes(network, token), "a push")[0]

    assert (200, APPLICATION) == (seen["status"], seen["body"]["appid"])
    data = seen["body"]["data"]
    assert ("are you there?", 1) == (data["last-message-body"], data["message-count"])
    assert data["last-message-sender"].startswith(f"{bob}/")
    assert 86000 < datetime.fromisoformat(seen["body"]["expire_on"]).timestamp() - seen["time"] <= 86400
    assert "alice" not in seen["body"]["replace_tag"]


def test_aPhoneThatIsGone(waking: Waking, network: StandIn) -> None:
    """
    A phone of which the server says that its token is unknown is forgotten.
    """
    waking.sleep(REGISTER, {"token": "not base64", "application-id": APPLICATION})

    waking.say("are you there?")

    seen = waitFor(lambda: pushes(network, "not base64"), "a push")[0]
    assert 400 == seen["status"]
    waitFor(lambda: not waking.ask(LIST).items, "the registration to go")
