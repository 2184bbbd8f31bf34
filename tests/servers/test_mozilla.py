"""
The main job for phones with SimplePush.
"""

import json
from urllib.parse import parse_qs

import pytest

from tests.servers.rig.waiting import waitFor
from tests.servers.waking import StandIn, Waking

pytestmark = pytest.mark.servers

REGISTER, LIST = "register-push-mozilla", "list-push-registrations"


@pytest.fixture
def network(waking: Waking) -> StandIn:
    network = waking.network("tests.standins.simplepush")
    waking.app("mozilla", f'endpoint = "{network.url}/push"\nallowed-endpoints = ["{network.url}"]')
    return network


@pytest.mark.parametrize("shape", ["the end of an endpoint", "a whole endpoint"])
def test_aPhoneIsWoken(waking: Waking, network: StandIn, shape: str) -> None:
    """
    A phone gets the message at its endpoint, and the next one with a greater version, though pushsvc started again.
    """
    waking.sleep(REGISTER, {"token": "phone" if shape.startswith("the end") else f"{network.url}/push/phone"})

    bob = waking.say("are you there?")
    first = network.request()
    waking.service.waitUntilDone()
    assert waking.service.stop()
    waking.service.start()
    waking.say("still not?")
    second = network.request(2)

    said = [parse_qs(seen["body"]) for seen in (first, second)]
    assert [("PUT", "/push/phone", 200)] * 2 == [(s["method"], s["path"], s["status"]) for s in (first, second)]
    data = [json.loads(form["data"][0]) for form in said]
    assert ["are you there?", "still not?"] == [each["last-message-body"] for each in data]
    assert data[0]["last-message-sender"].startswith(f"{bob}/")
    # It goes on above what was written down for it.
    assert int(said[0]["version"][0]) + 60_000 < int(said[1]["version"][0])


def test_aPhoneThatIsGone(waking: Waking, network: StandIn) -> None:
    """
    A phone of which the server says that it is gone is forgotten.
    """
    waking.sleep(REGISTER, {"token": "gone-phone"})

    waking.say("are you there?")

    assert 410 == network.request()["status"]
    waitFor(lambda: not waking.ask(LIST).items, "the registration to go")
