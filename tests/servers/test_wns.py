"""
The main job for devices with Windows.
"""

import json
from base64 import b64decode

import pytest

from tests.servers.rig.waiting import waitFor
from tests.servers.waking import StandIn, Waking
from tests.standins.wns import CLIENT_ID, CLIENT_SECRET, PACKAGE_SID, TENANT

pytestmark = pytest.mark.servers

REGISTER, LIST = "register-push-wns", "list-push-registrations"
CREDENTIALS = {
    f"/{TENANT}/oauth2/v2.0/token": (
        f'tenant = "{TENANT}"\nclient-id = "{CLIENT_ID}"\nclient-secret = "{CLIENT_SECRET}"'
    ),
    "/accesstoken.srf": f'package-sid = "{PACKAGE_SID}"\nauth-key = "{CLIENT_SECRET}"',
}


@pytest.fixture(params=CREDENTIALS)
def network(request: pytest.FixtureRequest, waking: Waking) -> StandIn:
    network = waking.network("tests.standins.wns")
    keys = f'token-endpoint = "{network.url}{request.param}"\nallowed-endpoints = ["{network.url}"]'
    waking.app("wns", f"{CREDENTIALS[request.param]}\n{keys}")
    return network


def test_aDeviceIsWoken(waking: Waking, network: StandIn) -> None:
    """
    A device that registered with its channel, escaped as clients of 2015 do, gets a raw notification at the channel as
    Windows made it, under an access token that the app's secret obtained.
    """
    waking.sleep(REGISTER, {"token": f"{network.url}/?token=AwYA%252fbob%253d"})

    bob = waking.say("are you there?")
    seen = network.request(path="/")

    assert (200, "token=AwYA%2fbob%3d") == (seen["status"], seen["query"])
    headers = seen["headers"]
    assert ("wns/raw", "cache") == (headers["x-wns-type"], headers["x-wns-cache-policy"])
    assert 86000 < int(headers["x-wns-ttl"]) <= 86400
    said = json.loads(b64decode(seen["body"]))
    assert ("are you there?", 1) == (said["last-message-body"], said["message-count"])
    assert said["last-message-sender"].startswith(f"{bob}/")
    # It was asked for when pushsvc started.
    assert 1 == len([request for request in network.requests() if request["path"] != "/"])


def test_aDeviceThatIsGone(waking: Waking, network: StandIn) -> None:
    """
    A device whose channel has ended is forgotten.
    """
    waking.sleep(REGISTER, {"token": f"{network.url}/?token=gone"})

    waking.say("are you there?")

    assert 410 == network.request(path="/")["status"]
    waitFor(lambda: not waking.ask(LIST).items, "the registration to go")
