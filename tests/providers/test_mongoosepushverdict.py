"""
Every answer of MongoosePush that is known, and some that are not.
"""

import pytest

from pushsvc.errors import (
    BadRequest,
    DeviceGone,
    PayloadTooLarge,
    ProviderDown,
    ProviderRefused,
    Refused,
    Throttled,
)
from pushsvc.exchange import NotTrusted, TimedOut
from pushsvc.model import Notification
from tests.providers.contract import targetOf
from tests.providers.mongoosepushsupport import makeMongoosePush
from tests.standins.http import ScriptedHTTP, answer
from tests.standins.mongoosepush import complaint, details, reason
from tests.support import resultOf


def v3(status, word):
    return answer(status, reason(status, word)["body"])


def v2(word, status=500):
    return answer(status, details(word)["body"])


def outcome(clock, response, service="apns", **details):
    provider = makeMongoosePush(ScriptedHTTP(response), clock)
    target = targetOf("token-1", service=service, **details)
    with pytest.raises(Exception) as raised:
        resultOf(provider.send(target, Notification(), "push-1", clock.seconds() + 60))
    return raised.value


@pytest.mark.parametrize(
    ("response", "error"),
    [
        # v3 (MGP-2), as its source has it.
        (v3(400, "invalid_request"), Refused),
        (v3(400, "invalid_notification"), BadRequest),
        (v3(400, "no_matching_pool"), ProviderRefused),
        (v3(410, "unregistered"), DeviceGone),
        (v3(413, "payload_too_large"), PayloadTooLarge),
        (v3(429, "too_many_requests"), Throttled),
        (v3(503, "service_internal"), ProviderDown),
        (v3(503, "internal_config"), ProviderRefused),
        (v3(503, "connection_lost"), ProviderDown),
        (v3(503, "unable_to_connect"), ProviderDown),
        (v3(520, "unspecified"), ProviderDown),
        (v3(500, "something_new"), ProviderDown),
        # What is not after the schema (MGP-1); documented as 400.
        (answer(422, complaint("/alert/badge")["body"]), BadRequest),
        (answer(400, complaint("/alert/badge")["body"]), BadRequest),
        # v2 (MGP-3): the word of the network behind it, whatever that means (MGP-4, MGP-5).
        (v2("Please try again later", 503), ProviderDown),
        (v2("no_matching_pool"), ProviderRefused),
        (v2("unable_to_connect", 503), ProviderDown),
        (v2("something_new"), ProviderDown),
        (v2("Unregistered"), DeviceGone),
        (v2("BadDeviceToken"), Refused),
        (v2("DeviceTokenNotForTopic"), Refused),
        (v2("TopicDisallowed"), ProviderRefused),
        (v2("BadTopic"), ProviderRefused),
        (v2("MissingTopic"), ProviderRefused),
        (v2("Forbidden"), ProviderRefused),
        (v2("ExpiredProviderToken"), ProviderRefused),
        (v2("InvalidProviderToken"), ProviderRefused),
        (v2("MissingProviderToken"), ProviderRefused),
        (v2("BadCertificate"), ProviderRefused),
        (v2("BadCertificateEnvironment"), ProviderRefused),
        (v2("BadCollapseId"), BadRequest),
        (v2("BadMessageId"), BadRequest),
        (v2("BadPath"), BadRequest),
        (v2("BadPriority"), BadRequest),
        (v2("BadExpirationDate"), BadRequest),
        (v2("DuplicateHeaders"), BadRequest),
        (v2("MethodNotAllowed"), BadRequest),
        (v2("MissingDeviceToken"), BadRequest),
        (v2("PayloadEmpty"), BadRequest),
        (v2("PayloadTooLarge"), PayloadTooLarge),
        (v2("TooManyRequests"), Throttled),
        (v2("TooManyProviderTokenUpdates"), Throttled),
        (v2("IdleTimeout"), ProviderDown),
        (v2("ServiceUnavailable"), ProviderDown),
        (v2("Shutdown"), ProviderDown),
        (v2("InternalServerError"), ProviderDown),
        (v2("UNREGISTERED"), DeviceGone),
        (v2("INVALID_ARGUMENT"), Refused),
        (v2("SENDER_ID_MISMATCH"), Refused),
        (v2("APNS_AUTH_ERROR"), ProviderRefused),
        (v2("THIRD_PARTY_AUTH_ERROR"), ProviderRefused),
        (v2("QUOTA_EXCEEDED"), Throttled),
        (v2("UNAVAILABLE"), ProviderDown),
        (v2("INTERNAL"), ProviderDown),
        (v2("UNSPECIFIED"), ProviderDown),
        # Or MongoosePush's own.
        (v2("unregistered"), DeviceGone),
        (v2("invalid_request"), Refused),
        (v2("invalid_notification"), BadRequest),
        (v2("payload_too_large"), PayloadTooLarge),
        (v2("too_many_requests"), Throttled),
        (v2("service_internal", 400), ProviderDown),
        (v2("connection_lost", 400), ProviderDown),
        (v2("unspecified", 400), ProviderDown),
        # What stands before it knows only HTTP's.
        (answer(401, "<html>"), ProviderRefused),
        (answer(403, "<html>"), ProviderRefused),
        (answer(404, "<html>"), ProviderRefused),
        (answer(405, "<html>"), ProviderRefused),
        (answer(410, "<html>Moved to the cloud</html>"), ProviderRefused),
        (answer(413, "<html>"), PayloadTooLarge),
        (answer(429, "<html>"), Throttled),
        (answer(400, "<html>"), BadRequest),
        (answer(415, ""), BadRequest),
        (answer(408, "<html>"), ProviderDown),
        (answer(502, "<html>"), ProviderDown),
        (answer(504, "<html>"), ProviderDown),
        (answer(302, ""), ProviderDown),
        # Not what JSON is expected to say.
        (answer(400, {"reason": ["unregistered"]}), BadRequest),
        (answer(410, {"reason": "token-1 is unregistered"}), ProviderRefused),
        (answer(500, {"details": {"a": 1}}), ProviderDown),
        (answer(422, {"errors": [None, {"source": 5}, {"source": {"pointer": []}}]}), BadRequest),
        # A word of v2 is none of v3.
        (v3(500, "UNREGISTERED"), ProviderDown),
        # A success that is none.
        (answer(200, "<html>Welcome to our hotel</html>"), ProviderDown),
        (answer(200, {"reason": "unregistered"}), DeviceGone),
        (answer(200, {}), ProviderDown),
        # No answer at all.
        (TimedOut("no answer in time"), ProviderDown),
        (NotTrusted("the certificate is not trusted"), ProviderRefused),
    ],
)
def test_MGP2_MGP3_verdict(clock, response, error):
    """
    MGP-1 to MGP-5, MIM-45: every answer means one error.
    """
    assert error is type(outcome(clock, response))


@pytest.mark.parametrize("response", [answer(200, b"null"), answer(200, b""), answer(202, b'"OK"')])
def test_success(clock, response):
    """
    What MongoosePush has handed on it says nothing about.
    """
    provider = makeMongoosePush(ScriptedHTTP(response), clock)

    assert resultOf(provider.send(targetOf("t", service="fcm"), Notification(), "push-1", clock.seconds() + 60))


@pytest.mark.parametrize(
    ("word", "name", "value"),
    [
        ("no_matching_pool", "mode", "dev"),
        ("internal_config", "topic", "a.b"),
        ("TopicDisallowed", "topic", "a.b"),
        ("BadTopic", "topic", "a.b"),
    ],
)
def test_whatTheDeviceChose(clock, word, name, value):
    """
    Nobody can stop an app's pushes, or wake its operator, by registering for an environment or a topic of his own.
    """
    assert ProviderRefused is type(outcome(clock, v2(word)))
    assert Refused is type(outcome(clock, v2(word), **{name: value}))


@pytest.mark.parametrize(("head", "wait"), [({}, 60.0), ({"retry_after": "7"}, 7.0)])
def test_throttled(clock, head, wait):
    """
    When it is too much, it is a minute, unless it is said how long.
    """
    assert wait == outcome(clock, answer(429, reason(429, "too_many_requests")["body"], **head)).retryAfter


@pytest.mark.parametrize(
    ("response", "service", "lane"),
    [
        (v3(429, "too_many_requests"), "apns", False),
        (v2("TooManyRequests"), "apns", False),
        (v2("TooManyProviderTokenUpdates"), "apns", True),
        (v3(429, "too_many_requests"), "fcm", True),
        (v2("QUOTA_EXCEEDED"), "fcm", True),
        (answer(429, "<html>"), "apns", True),
    ],
)
def test_whoseQuota(clock, response, service, lane):
    """
    APNs counts pushes to a device, FCM those of a project, and what stands before MongoosePush all of them.
    """
    assert lane is outcome(clock, response, service).lane


@pytest.mark.parametrize(("head", "wait"), [({}, 10.0), ({"retry_after": "Mon, 21 Sep 2026 14:14:20 GMT"}, 60.0)])
def test_down(clock, head, wait):
    """
    When it is down, it may be said for how long.
    """
    assert wait == outcome(clock, answer(503, **head)).retryAfter


@pytest.mark.parametrize(
    ("response", "maybe"),
    [
        (v3(503, "unable_to_connect"), False),
        (v3(503, "service_internal"), False),
        (v3(503, "connection_lost"), True),
        (answer(502), True),
        (answer(200, {}), True),
    ],
)
def test_maybeSent(clock, response, maybe):
    """
    A connection to the network that was lost may have been lost after the push.
    """
    assert maybe is outcome(clock, response).maybeSent


def test_saysNoMoreThanItMay(clock):
    """
    The operator learns the word, or the field, and nothing that may quote the device or the message.
    """
    body = complaint("/alert/badge")["body"]
    body["errors"].append({"source": {"pointer": "/data/token 1!"}})

    assert "MongoosePush: 422 /alert/badge ?" == str(outcome(clock, answer(422, body)))
    assert "MongoosePush: 410 unregistered" == str(outcome(clock, v3(410, "unregistered")))
    assert "MongoosePush: 500" == str(outcome(clock, v2("the device token-1 is odd")))
