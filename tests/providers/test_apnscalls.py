"""
Apple Push Notification service: calls, for which PushKit has tokens of its own.
"""

import pytest

from pushsvc.errors import ProviderDown
from pushsvc.providers.apnsdisowned import MOST, REMEMBERED, Disowned
from tests.providers.apnssupport import CALL, DEVICE, PUSH_ID, SENT, VOIP, makeAPNs, makeStandIn, send
from tests.standins.apns import StandInHTTP, refusal
from tests.standins.applekeys import TOPIC
from tests.standins.http import ScriptedHTTP, answer


@pytest.fixture
def apple(clock):
    return makeStandIn(clock)


@pytest.fixture
def provider(apple, clock):
    return makeAPNs(StandInHTTP(apple), clock)


def test_D8_voip(provider, apple, clock):
    """
    D8, C15: a call goes to PushKit's token, under PushKit's topic, and is not kept for longer than a phone rings.
    """
    send(provider, clock, CALL, ttl=86400, voip=VOIP)

    (asked,) = apple.taken
    headers = asked["headers"]
    assert f"/3/device/{VOIP}" == asked["path"]
    assert (TOPIC + ".voip", "voip", "10") == tuple(
        headers[f"apns-{name}"] for name in ("topic", "push-type", "priority")
    )
    assert str(int(clock.seconds()) + 60) == headers["apns-expiration"]
    assert {
        "aps": {},
        "push-id": PUSH_ID,
        "kind": "call",
        "last-message-sender": "romeo@montague.example",
    } == asked["body"]


def test_D8_voipForCallsOnly(provider, apple, clock):
    """
    D8: PushKit's token is for calls: iOS stops delivering when the app shows none.
    """
    send(provider, clock, voip=VOIP)

    assert f"/3/device/{DEVICE}" == apple.requests[0]["path"]


@pytest.mark.parametrize("reason", ["BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered"])
def test_voipTokenGone(provider, apple, clock, reason):
    """
    A device whose PushKit token is no longer known learns of a call as an alert, and is not gone.
    """
    apple.devices[VOIP] = refusal(410 if reason == "Unregistered" else 400, reason)

    assert send(provider, clock, CALL, voip=VOIP)

    (asked,) = apple.taken
    assert (DEVICE, "alert") == (asked["token"], asked["headers"]["apns-push-type"])
    assert {"body": "Incoming call"} == asked["body"]["aps"]["alert"]


def test_voipTokenOfAnotherTopic(clock):
    """
    Nor is it lost on a device whose PushKit token may be another app's.
    """
    http = ScriptedHTTP(answer(400, {"reason": "DeviceTokenNotForTopic"}), SENT)

    assert send(makeAPNs(http, clock, allowed_topics=["org.example.beta"]), clock, CALL, voip=VOIP)

    assert ["voip", "alert"] == [request.headers["apns-push-type"] for request in http.requests]


@pytest.mark.parametrize("reason", ["TopicDisallowed", "BadTopic"])
def test_credentialsNotForCalls(clock, logEvents, reason):
    """
    Where our credentials are not good for PushKit, a call is an alert: a client that registers a token for calls does
    not stop the pushes of all others. The operator hears of it once.
    """
    refused = answer(400, {"reason": reason})
    http = ScriptedHTTP(refused, SENT, SENT, refused, SENT)
    provider = makeAPNs(http, clock)

    for voip in (VOIP, VOIP, "ee" * 32):
        assert send(provider, clock, CALL, voip=voip)

    assert ["voip", "alert", "alert", "voip", "alert"] == [asked.headers["apns-push-type"] for asked in http.requests]
    (event,) = logEvents
    assert f"APNs: 400 {reason}: our credentials are not for calls" == event["reason"]


def test_voipDown(provider, apple, clock):
    """
    Any other trouble with PushKit is trouble: the call is tried again later, once it was refused by two connections,
    and not told the other way.
    """
    apple.devices[VOIP] = refusal(503, "ServiceUnavailable")

    with pytest.raises(ProviderDown):
        send(provider, clock, CALL, voip=VOIP)

    assert {VOIP} == {asked["token"] for asked in apple.requests}


def test_voipTokenGoneForAWhile(provider, apple, clock):
    """
    A PushKit token that was disowned is left alone for a while; a new one is used at once.
    """
    apple.devices[VOIP] = refusal(410, "Unregistered")
    for _ in range(3):
        assert send(provider, clock, CALL, voip=VOIP)
    assert [VOIP, DEVICE, DEVICE, DEVICE] == [asked["token"] for asked in apple.requests]

    send(provider, clock, CALL, voip="ee" * 32)
    del apple.devices[VOIP]
    clock.advance(REMEMBERED)
    send(provider, clock, CALL, voip=VOIP)

    assert ["ee" * 32, VOIP] == [asked["token"] for asked in apple.requests[4:]]


def test_disownedTokensAreBounded(clock):
    """
    Of disowned tokens no more are remembered than there is room for: the newest.
    """
    disowned = Disowned(clock)

    for number in range(MOST + 2):
        disowned.add(f"{number:x}")

    assert [False, False, True] == [f"{number:x}" in disowned for number in range(3)]
