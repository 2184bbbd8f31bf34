"""
Every answer of APNs that is known, and some that are not.
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
from pushsvc.model import Notification
from pushsvc.providers.apnsverdict import EXPIRED_TOKEN, verdictOn
from tests.providers.apnssupport import DEVICE, PUSH_ID, makeAPNs
from tests.providers.contract import targetOf
from tests.standins.http import ScriptedHTTP, answer
from tests.support import resultOf

DOCUMENTED = [
    (400, "BadDeviceToken", DeviceGone),
    (400, "DeviceTokenNotForTopic", DeviceGone),
    (400, "TopicDisallowed", ProviderRefused),
    (400, "BadTopic", ProviderRefused),
    (400, "MissingTopic", ProviderRefused),
    (400, "InvalidPushType", BadRequest),
    (400, "BadPriority", BadRequest),
    (400, "BadExpirationDate", BadRequest),
    (400, "BadCollapseId", BadRequest),
    (400, "BadMessageId", BadRequest),
    (400, "DuplicateHeaders", BadRequest),
    (400, "PayloadEmpty", BadRequest),
    (400, "MissingDeviceToken", BadRequest),
    (400, "IdleTimeout", ProviderDown),
    (403, "ExpiredProviderToken", ProviderRefused),
    (403, "InvalidProviderToken", ProviderRefused),
    (403, "MissingProviderToken", ProviderRefused),
    (403, "UnrelatedKeyIdInToken", ProviderRefused),
    (403, "BadEnvironmentKeyIdInToken", ProviderRefused),
    (403, "BadEnvironmentKeyInToken", ProviderRefused),
    (403, "BadCertificate", ProviderRefused),
    (403, "BadCertificateEnvironment", ProviderRefused),
    (403, "Forbidden", ProviderRefused),
    (404, "BadPath", BadRequest),
    (405, "MethodNotAllowed", BadRequest),
    (410, "Unregistered", DeviceGone),
    (410, "ExpiredToken", DeviceGone),
    (413, "PayloadTooLarge", PayloadTooLarge),
    (429, "TooManyRequests", Throttled),
    (429, "TooManyProviderTokenUpdates", Throttled),
    (500, "InternalServerError", ProviderDown),
    (503, "ServiceUnavailable", ProviderDown),
    (503, "Shutdown", ProviderDown),
]


def outcome(clock, response):
    # What is repeated at once is answered alike.
    provider = makeAPNs(ScriptedHTTP(response, response), clock)
    with pytest.raises(Exception) as raised:
        resultOf(provider.send(targetOf(DEVICE), Notification(), PUSH_ID, clock.seconds() + 60))
    return raised.value


@pytest.mark.parametrize(("status", "reason", "error"), DOCUMENTED)
def test_documented(clock, status, reason, error):
    """
    Every reason that APNs documents means one error, and the operator reads it.
    """
    raised = outcome(clock, answer(status, {"reason": reason}))

    assert error is type(raised)
    assert str(raised).startswith(f"APNs: {status} {reason}")


@pytest.mark.parametrize(
    ("response", "error"),
    [
        # Reasons of the future.
        (answer(400, {"reason": "BadMood"}), BadRequest),
        (answer(403, {"reason": "BadMood"}), ProviderRefused),
        (answer(410, {"reason": "Recycled"}), ProviderDown),
        (answer(429, {"reason": "TooManyFriends"}), Throttled),
        (answer(502, {"reason": "BadMood"}), ProviderDown),
        # What stands between us and APNs knows only HTTP's.
        (answer(502, "<html>502</html>"), ProviderDown),
        (answer(503, b""), ProviderDown),
        (answer(500, b"\xff\xff"), ProviderDown),
        (answer(408, "<html>"), ProviderDown),
        (answer(421, "<html>"), ProviderDown),
        (answer(425, "<html>"), ProviderDown),
        (answer(425, {"reason": "TooEarly"}), ProviderDown),
        (answer(413, "<html>"), PayloadTooLarge),
        (answer(429, "<html>"), Throttled),
        (answer(401, "<html>"), ProviderRefused),
        (answer(403, "<html>"), ProviderRefused),
        (answer(404, "<html>"), ProviderRefused),
        (answer(405, "<html>"), ProviderRefused),
        (answer(407, "<html>"), ProviderRefused),
        (answer(410, b""), ProviderDown),
        (answer(410, "<html>Gone</html>"), ProviderDown),
        (answer(418, b""), BadRequest),
        (answer(302, b""), ProviderDown),
        # Not what JSON is expected to say.
        (answer(400, []), BadRequest),
        (answer(400, {"reason": ["BadDeviceToken"]}), BadRequest),
        (answer(400, {"reason": "Bad Device Token"}), BadRequest),
        (answer(400, {"reason": None}), BadRequest),
        # A success that is none.
        (answer(200, "<html>Welcome to our hotel</html>"), ProviderDown),
        (answer(204, b""), ProviderDown),
    ],
)
def test_undocumented(clock, response, error):
    """
    What APNs does not document is judged by its status.
    """
    assert error is type(outcome(clock, response))


def test_expiredProviderToken():
    """
    A token of ours that APNs calls expired, also when it is a new one, is the operator's move, whatever the status.
    """
    for status in (400, 401, 403, 410):
        assert ProviderRefused is type(verdictOn(answer(status, {"reason": EXPIRED_TOKEN}), 0.0))


@pytest.mark.parametrize("reason", ["TopicDisallowed", "BadTopic"])
def test_topicOfCalls(reason):
    """
    That our credentials are not for the topic of calls says nothing of the app's own topic.
    """
    response = answer(400, {"reason": reason})

    assert ProviderRefused is type(verdictOn(response, 0.0))
    assert Refused is type(verdictOn(response, 0.0, isOfCalls=True))
    assert ProviderRefused is type(verdictOn(answer(403, {"reason": "Forbidden"}), 0.0, isOfCalls=True))


@pytest.mark.parametrize("reason", ["BadDeviceToken", "DeviceTokenNotForTopic", "Unregistered", "ExpiredToken"])
@pytest.mark.parametrize("status", [200, 400, 403, 404, 410, 429, 500, 503])
def test_goneWithAnotherStatus(clock, status, reason):
    """
    No device is forgotten for a reason that comes with a status that is not its own.
    """
    belongs = (status, reason, DeviceGone) in DOCUMENTED

    assert belongs == (DeviceGone is type(outcome(clock, answer(status, {"reason": reason}))))


@pytest.mark.parametrize(
    ("timestamp", "since"),
    [
        (1_789_999_999_500, 1_789_999_999.5),
        (1.5e12, 1.5e9),
        ("1789999999500", None),
        (None, None),
        (True, None),
        (0, None),
        (-5, None),
        (float("nan"), None),
        (float("inf"), None),
        (10**400, None),
    ],
)
def test_since(clock, timestamp, since):
    """
    APNs says in milliseconds since when a device is gone; what is no time is as if it had not said.
    """
    gone = outcome(clock, answer(410, {"reason": "Unregistered", "timestamp": timestamp}))

    assert DeviceGone is type(gone)
    assert since == gone.since


@pytest.mark.parametrize(("status", "maybe"), [(503, False), (500, True), (502, True), (504, True), (200, True)])
def test_maybeSent(clock, status, maybe):
    """
    Whether the push may have been taken all the same: not by whoever says that the service is unavailable.
    """
    assert maybe is outcome(clock, answer(status, "<html>")).maybeSent


@pytest.mark.parametrize("status", [429, 503])
def test_retryAfter(clock, status):
    """
    Should APNs ever say how long to wait, that is how long it is.
    """
    assert 7.0 == outcome(clock, answer(status, retry_after="7")).retryAfter
    assert outcome(clock, answer(status)).retryAfter is None


def test_saysNoMoreThanItMay(clock):
    """
    The operator learns what APNs calls it, and nothing that may quote the device.
    """
    assert "APNs: 400" == str(outcome(clock, answer(400, {"reason": f"BadDeviceToken {DEVICE}"})))
