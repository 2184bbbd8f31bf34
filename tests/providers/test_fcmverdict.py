"""
Every answer of FCM that is known, and some that are not.
"""

import pytest

from pushsvc.errors import (
    BadRequest,
    DeviceGone,
    PayloadTooLarge,
    ProviderDown,
    ProviderRefused,
    Throttled,
)
from pushsvc.model import Notification
from tests.providers.fcmsupport import granted, makeFCM, send
from tests.standins.fcm import fcmError
from tests.standins.http import ScriptedHTTP, answer

INVALID = "INVALID_ARGUMENT"
NOT_VALID = "The registration token is not a valid FCM registration token"


def saidBy(status, *words, **more):
    return answer(status, fcmError(status, *words, **more)["body"])


def outcome(account, clock, response):
    # A 401 is answered with a new access token, and that one is not taken either.
    http = ScriptedHTTP(granted("T1"), response, granted("T2"), response)
    with pytest.raises(Exception) as raised:
        send(makeFCM(account, http, clock), clock, Notification())
    return raised.value


@pytest.mark.parametrize(
    ("response", "error"),
    [
        # As FCM documents them.
        (saidBy(400, INVALID, INVALID, NOT_VALID), DeviceGone),
        (saidBy(400, INVALID, INVALID), BadRequest),
        (saidBy(400, INVALID, INVALID, "Android message is too big"), PayloadTooLarge),
        (saidBy(400, INVALID, fields=("message.data[0].value",)), BadRequest),
        (saidBy(400, INVALID, INVALID, fields=("message.android.ttl",)), BadRequest),
        (saidBy(401, "UNAUTHENTICATED"), ProviderRefused),
        (saidBy(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR"), ProviderRefused),
        (saidBy(401, "UNAUTHENTICATED", "APNS_AUTH_ERROR"), ProviderRefused),
        (saidBy(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), DeviceGone),
        (saidBy(403, "PERMISSION_DENIED"), ProviderRefused),
        (saidBy(404, "NOT_FOUND", "UNREGISTERED"), DeviceGone),
        (saidBy(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), Throttled),
        (saidBy(500, "INTERNAL", "INTERNAL"), ProviderDown),
        (saidBy(503, "UNAVAILABLE", "UNAVAILABLE"), ProviderDown),
        # Without an FcmError the status decides.
        (saidBy(404, "NOT_FOUND"), ProviderRefused),
        (saidBy(429, "RESOURCE_EXHAUSTED"), Throttled),
        (saidBy(500, "INTERNAL"), ProviderDown),
        (saidBy(503, "UNAVAILABLE"), ProviderDown),
        (saidBy(504, "DEADLINE_EXCEEDED"), ProviderDown),
        (saidBy(400, "FAILED_PRECONDITION"), ProviderRefused),
        (saidBy(403, "UNAUTHENTICATED"), ProviderRefused),
        (saidBy(400, "OUT_OF_RANGE"), BadRequest),
        (saidBy(409, "ABORTED"), ProviderDown),
        (saidBy(499, "CANCELLED"), ProviderDown),
        (saidBy(499, "UNKNOWN"), ProviderDown),
        # An errorCode of the future leaves it to the status, and a status of the future to HTTP's.
        (saidBy(429, "RESOURCE_EXHAUSTED", "DEVICE_ASLEEP"), Throttled),
        (saidBy(503, "SOMETHING_NEW", "SOMETHING_NEWER"), ProviderDown),
        (saidBy(418, "SOMETHING_NEW"), BadRequest),
        # What stands between us and FCM knows only HTTP's.
        (answer(502, "<html>502</html>"), ProviderDown),
        (answer(503, b""), ProviderDown),
        (answer(500, b"\xff\xff"), ProviderDown),
        (answer(408, "<html>"), ProviderDown),
        (answer(413, "<html>"), PayloadTooLarge),
        (answer(429, "<html>"), Throttled),
        (answer(401, "<html>"), ProviderRefused),
        (answer(403, "<html>"), ProviderRefused),
        (answer(405, "<html>"), ProviderRefused),
        (answer(404, "<html>"), ProviderRefused),
        (answer(400, "<html>"), BadRequest),
        (answer(302, "<html>"), ProviderDown),
        # Not what JSON is expected to say.
        (answer(400, []), BadRequest),
        (answer(400, {"error": "bad"}), BadRequest),
        (answer(404, {"error": {"details": {"errorCode": "UNREGISTERED"}}}), ProviderRefused),
        (answer(404, {"error": {"details": ["UNREGISTERED", None, {"@type": 5}]}}), ProviderRefused),
        (answer(400, {"error": {"status": ["INTERNAL"], "message": 7}}), BadRequest),
        (answer(400, {"error": {"details": [{"fieldViolations": [1, {"field": {}}]}]}}), BadRequest),
        # A success that is none.
        (answer(200, {}), ProviderDown),
        (answer(200, "<html>Welcome to our hotel</html>"), ProviderDown),
        (answer(200, {"name": None}), ProviderDown),
        (answer(204, b""), ProviderDown),
    ],
)
def test_verdict(account, clock, response, error):
    """
    Every answer means one error.
    """
    assert error is type(outcome(account, clock, response))


@pytest.mark.parametrize(("head", "wait"), [({}, 60.0), ({"retry_after": "7"}, 7.0), ({"retry_after": "0"}, 0.0)])
def test_throttled(account, clock, head, wait):
    """
    When FCM says that it is too much, it is a minute, unless it says how long.
    """
    response = answer(429, fcmError(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED")["body"], **head)

    assert wait == outcome(account, clock, response).retryAfter


@pytest.mark.parametrize(
    ("head", "wait"),
    [({}, 10.0), ({"retry_after": "30"}, 30.0), ({"retry_after": "Mon, 21 Sep 2026 14:14:20 GMT"}, 60.0)],
)
def test_down(account, clock, head, wait):
    """
    When FCM is down it may say for how long, in seconds or as a date.
    """
    assert wait == outcome(account, clock, answer(503, **head)).retryAfter


@pytest.mark.parametrize(("status", "maybe"), [(503, False), (500, False), (502, True), (504, True), (200, True)])
def test_maybeSent(account, clock, status, maybe):
    """
    A gateway that lost FCM's answer may have handed on the push.
    """
    assert maybe is outcome(account, clock, answer(status)).maybeSent


def test_saysNoMoreThanItMay(account, clock):
    """
    The operator learns what FCM calls it, and nothing that may quote the device or the message.
    """
    violation = {"field": "message.token", "description": "token-1"}
    body = {
        "error": {
            "status": INVALID,
            "message": 'Invalid value at "message.token": token-1',
            "details": [{"fieldViolations": [violation, {"field": "token 1!"}]}, {"errorCode": "token-1"}],
        }
    }

    assert "FCM: 400 INVALID_ARGUMENT message.token ?" == str(outcome(account, clock, answer(400, body)))
