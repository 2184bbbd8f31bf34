"""
The stand-in for APNs is as strict as Apple's documentation: what passes there is worth something.
"""

import json
import uuid

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from pushsvc.exchange import Request
from tests.providers.apnssupport import DEVICE, PUSH_ID, makeAPNs, makeStandIn
from tests.providers.contract import targetOf
from tests.providers.test_apnspayload import notifications
from tests.standins.apns import StandInHTTP
from tests.standins.apnsrules import Peer
from tests.standins.applekeys import KEY_ID, TEAM_ID, TOPIC, signingKey
from tests.support import resultOf

ALERT = {"aps": {"alert": {"body": "Hi"}, "mutable-content": 1}}
QUIET = {"aps": {"content-available": 1}}


@given(
    notifications,
    st.fixed_dictionaries({}, optional={"voip": st.just("ff" * 32), "environment": st.just("sandbox")}),
    st.sampled_from(
        [{}, {"badge": True, "collapse": True}, {"without_body": "alert", "sound": "", "show_message": True}]
    ),
    st.floats(-1e6, 1e9),
)
def test_takesAllOfOurs(notification, details, said, ttl):
    """
    Whatever there is to be told, and to whomever: APNs would take it.
    """
    clock = Clock()
    clock.advance(1_790_000_000)
    apple = makeStandIn(clock)
    provider = makeAPNs(StandInHTTP(apple), clock, **said)

    assert resultOf(provider.send(targetOf(DEVICE, **details), notification, PUSH_ID, clock.seconds() + ttl))

    assert [200] == [asked["status"] for asked in apple.requests]


def tokenOf(clock, **said):
    said = {"alg": "ES256", "kid": KEY_ID, "iss": TEAM_ID, "iat": int(clock.seconds()), "key": "first", **said}
    claims = {name: said[name] for name in ("iss", "iat", "aud") if name in said}
    key = signingKey(said["key"]) if said["alg"] == "ES256" else "x" * 32
    return jwt.encode(claims, key, algorithm=said["alg"], headers={"kid": said["kid"]})


def ask(clock, said=None, payload=ALERT, method="POST", path=f"/3/device/{DEVICE}", apple=None, **headers):
    headers = {
        "authorization": f"bearer {tokenOf(clock, **(said or {}))}",
        "apns-topic": TOPIC,
        "apns-push-type": "alert",
        **{name.replace("_", "-"): value for name, value in headers.items()},
    }
    headers = {name: value for name, value in headers.items() if value is not None}
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    http = StandInHTTP(apple or makeStandIn(clock))
    response = resultOf(http.request(Request(method, "https://apple.example" + path, headers, body)))
    return response.status, response.json().get("reason")


def test_takesWhatIsRight(clock):
    """
    What is right is taken.
    """
    assert (200, None) == ask(clock)
    assert (200, None) == ask(clock, payload=QUIET, apns_push_type="background", apns_priority="5")
    assert (200, None) == ask(clock, payload={"aps": {}}, apns_push_type="voip", apns_topic=TOPIC + ".voip")


@pytest.mark.parametrize(
    ("what", "answered"),
    [
        ({"method": "PUT"}, (405, "MethodNotAllowed")),
        ({"path": "/3/devices/" + DEVICE}, (404, "BadPath")),
        ({"path": "/3/device/"}, (400, "MissingDeviceToken")),
        ({"path": "/3/device/" + "00" * 32}, (400, "BadDeviceToken")),
        ({"path": "/3/device/" + DEVICE.upper()}, (400, "BadDeviceToken")),
        ({"path": "/3/device/" + DEVICE[1:]}, (400, "BadDeviceToken")),
        ({"authorization": None}, (403, "MissingProviderToken")),
        ({"authorization": "bearer x.y.z"}, (403, "InvalidProviderToken")),
        ({"said": {"alg": "HS256"}}, (403, "InvalidProviderToken")),
        ({"said": {"kid": "ZZZZZZZZZZ"}}, (403, "InvalidProviderToken")),
        ({"said": {"iss": "ZZZZZZZZZZ"}}, (403, "InvalidProviderToken")),
        ({"said": {"key": "second"}}, (403, "InvalidProviderToken")),
        ({"said": {"aud": "apple"}}, (403, "InvalidProviderToken")),
        ({"said": {"iat": 1_790_000_000 - 3601}}, (403, "ExpiredProviderToken")),
        ({"said": {"iat": 1_790_000_000 + 61}}, (403, "InvalidProviderToken")),
        ({"said": {"iat": 1_790_000_000.5}}, (403, "InvalidProviderToken")),
        ({"apns_topic": None}, (400, "MissingTopic")),
        ({"apns_topic": "org.example.other"}, (400, "BadTopic")),
        ({"apns_topic": TOPIC + ".voip"}, (400, "TopicDisallowed")),
        ({"apns_push_type": None}, (400, "InvalidPushType")),
        ({"apns_push_type": "background"}, (400, "InvalidPushType")),
        ({"apns_push_type": "background", "payload": QUIET}, (400, "BadPriority")),
        ({"apns_push_type": "alert", "payload": QUIET}, (400, "InvalidPushType")),
        ({"apns_priority": "7"}, (400, "BadPriority")),
        ({"apns_expiration": "soon"}, (400, "BadExpirationDate")),
        ({"apns_expiration": "1790000000.5"}, (400, "BadExpirationDate")),
        ({"apns_collapse_id": "ü" * 33}, (400, "BadCollapseId")),
        ({"apns_id": "push-1"}, (400, "BadMessageId")),
        ({"apns_id": PUSH_ID.upper()}, (400, "BadMessageId")),
        ({"apns_id": uuid.UUID(PUSH_ID).hex}, (400, "BadMessageId")),
        ({"payload": b""}, (400, "PayloadEmpty")),
        ({"payload": b"[]"}, (400, "PayloadEmpty")),
        ({"payload": {"aps": {"alert": "Hi", "mutable-content": "1"}}}, (400, "PayloadEmpty")),
        ({"payload": {"aps": {"alert": "Hi", "mutable-content": True}}}, (400, "PayloadEmpty")),
        ({"payload": {"aps": {"badge": "3"}}}, (400, "PayloadEmpty")),
        ({"payload": {**ALERT, "x": "x" * 4096}}, (413, "PayloadTooLarge")),
    ],
    ids=str,
)
def test_refuses(clock, what, answered):
    """
    What Apple documents as wrong is refused as Apple documents it.
    """
    assert answered == ask(clock, **what)


def test_tokensOfAConnection(clock):
    """
    A connection sees one key, and its tokens change no more often than every twenty minutes.
    """
    apple = makeStandIn(clock)
    apple.rules.keys["ZZZZZZZZZZ"] = apple.rules.keys[KEY_ID]
    body, peer = json.dumps(ALERT).encode(), Peer()

    def asked(**said):
        headers = [("authorization", f"bearer {tokenOf(clock, **said)}"), ("apns-topic", TOPIC)]
        headers.append(("apns-push-type", "alert"))
        return apple.asked("POST", f"/3/device/{DEVICE}", headers, body, peer)[1]

    assert 200 == asked()["status"]
    assert "UnrelatedKeyIdInToken" == asked(kid="ZZZZZZZZZZ")["reason"]
    clock.advance(1199)
    assert "TooManyProviderTokenUpdates" == asked()["reason"]
    clock.advance(1)
    assert 200 == asked()["status"]


def test_headersTwice(clock):
    """
    A header that comes twice is one too many.
    """
    headers = [("authorization", f"bearer {tokenOf(clock)}"), ("apns-topic", TOPIC), ("apns-topic", TOPIC)]

    entry = makeStandIn(clock).asked("POST", f"/3/device/{DEVICE}", headers, b"{}", Peer())[1]

    assert "DuplicateHeaders" == entry["reason"]


def test_told(clock, tmp_path):
    """
    The stand-in does as it is told: once, so many times, for a device for good, or every so many pushes; and it writes
    down what it saw.
    """
    apple = makeStandIn(clock)
    apple.record = tmp_path / "record.jsonl"
    apple.script += [{"status": 500, "reason": "InternalServerError", "times": 2}, {"status": 502, "text": "<html>"}]

    assert [500, 500, 502, 200] == [ask(clock, apple=apple)[0] for _ in range(4)]

    apple.devices[DEVICE] = {"status": 410, "reason": "Unregistered"}
    assert [410, 410] == [ask(clock, apple=apple)[0] for _ in range(2)]
    apple.devices.clear()

    apple.faults = {"status": 4}
    assert [200, 503, 200, 200, 200, 503] == [ask(clock, apple=apple)[0] for _ in range(6)]

    seen = [json.loads(line) for line in apple.record.read_text().splitlines()]
    assert apple.requests == seen
    assert 5 == len(apple.taken)
