"""
The main job for phones behind somebody's MongoosePush.
"""

import pytest

from tests.servers.rig.waiting import waitFor
from tests.servers.waking import StandIn, Waking

pytestmark = pytest.mark.servers

REGISTER, LIST = "register-push-mongoosepush", "list-push-registrations"


@pytest.fixture
def network(waking: Waking) -> StandIn:
    network = waking.network("tests.standins.mongoosepush")
    waking.app("mongoosepush", f'endpoint = "{network.url}"\ntopic = "org.example.chat"\nalert-body = "New message"')
    return network


def test_aPhoneIsWoken(waking: Waking, network: StandIn) -> None:
    """
    A phone that registered with MongooseIM's words gets who wrote what as an alert, by a request that MongoosePush
    takes.
    """
    waking.sleep(REGISTER, {"service": "apns", "device_id": "a:b/c", "mode": "dev", "sound": "ding.caf"})

    bob = waking.say("are you there?")
    seen = network.request(path="/v3/notification/a%3Ab%2Fc")

    assert 200 == seen["status"]
    said = seen["body"]
    assert ("apns", "dev", "org.example.chat", "high") == tuple(
        said[name] for name in ("service", "mode", "topic", "priority")
    )
    assert 86000 < said["time_to_live"] <= 86400
    assert ("are you there?", "ding.caf", 1) == tuple(said["alert"][name] for name in ("body", "sound", "badge"))
    assert said["alert"]["title"].startswith(f"{bob}/")
    assert said["data"]["push-id"]
    assert 1 == len(network.requests(seen["path"]))


def test_aPhoneThatIsGone(waking: Waking, network: StandIn) -> None:
    """
    A phone of which MongoosePush says that it is gone is forgotten.
    """
    waking.sleep(REGISTER, {"service": "fcm", "token": "unregistered", "silent": "true"})

    waking.say("are you there?")
    seen = network.request(path="/unregistered")

    assert (410, "are you there?") == (seen["status"], seen["body"]["data"]["last-message-body"])
    waitFor(lambda: not waking.ask(LIST).items, "the registration to go")
