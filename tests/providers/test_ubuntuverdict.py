"""
Every answer of Ubuntu Touch's push server that is known, and some that are not.
"""

import pytest

from pushsvc.errors import BadRequest, DeviceGone, PayloadTooLarge, ProviderDown, ProviderRefused, Throttled
from pushsvc.exchange import ConnectionBroke, TimedOut
from tests.providers.ubuntusupport import makeUbuntu, send
from tests.standins.http import ScriptedHTTP, answer
from tests.standins.ubports import refusal


def saidBy(status, label, message=""):
    return answer(status, refusal(status, label, message)["body"])


def outcome(clock, *answers):
    # Where too much is pending, it is cleared and asked once more.
    with pytest.raises(Exception) as raised:
        send(makeUbuntu(ScriptedHTTP(*answers, *answers), clock), clock)
    return raised.value


@pytest.mark.parametrize(
    ("response", "error"),
    [
        # As the server's source has them.
        (saidBy(400, "unknown-token", "Unknown token"), DeviceGone),
        (saidBy(401, "unauthorized", "Unauthorized"), DeviceGone),
        (saidBy(400, "invalid-request", "Malformed JSON Object"), BadRequest),
        (saidBy(400, "invalid-request", "Missing id field"), BadRequest),
        (saidBy(400, "invalid-request", "Past expiration date"), BadRequest),
        (saidBy(400, "invalid-request", "Data too large"), PayloadTooLarge),
        (saidBy(400, "io-error", "Could not read request body"), BadRequest),
        (saidBy(405, "invalid-request", "Wrong request method, should be POST"), BadRequest),
        (saidBy(411, "invalid-request", "A Content-Length must be provided"), BadRequest),
        (saidBy(413, "invalid-request", "Request body too large"), PayloadTooLarge),
        (saidBy(415, "invalid-request", "Wrong content type, should be application/json"), BadRequest),
        (saidBy(500, "internal", "Unknown error"), ProviderDown),
        (saidBy(503, "unavailable", "Message store unavailable"), ProviderDown),
        (saidBy(503, "unavailable", "Could not resolve token"), ProviderDown),
        (saidBy(413, "too-many-pending"), Throttled),
        (saidBy(429, "too-many-requests"), Throttled),
        # A label alone, or a status alone, forgets no device.
        (saidBy(500, "unknown-token"), ProviderDown),
        (saidBy(503, "unauthorized"), ProviderDown),
        (saidBy(400, "unknown-channel"), BadRequest),
        (saidBy(410, "something-new"), BadRequest),
        (answer(400, {"error": ["unknown-token"]}), BadRequest),
        (answer(400, ["unknown-token"]), BadRequest),
        # What stands between us and the server knows only HTTP's.
        (answer(401, "<html>"), ProviderRefused),
        (answer(403, "<html>"), ProviderRefused),
        (answer(404, "<html>"), ProviderRefused),
        (answer(405, "<html>"), ProviderRefused),
        (answer(407, "<html>"), ProviderRefused),
        (answer(408, "<html>"), ProviderDown),
        (answer(413, "<html>"), PayloadTooLarge),
        (answer(425, "<html>"), ProviderDown),
        (answer(429, "<html>"), Throttled),
        (answer(502, "<html>"), ProviderDown),
        (answer(301, "<html>"), ProviderDown),
        # A success that is none.
        (answer(200, {}), ProviderDown),
        (answer(200, {"ok": "true"}), ProviderDown),
        (answer(200, "<html>Welcome to our hotel</html>"), ProviderDown),
        (answer(204, b""), ProviderDown),
        # No answer.
        (TimedOut("no answer in time", maybeSent=True), ProviderDown),
        (ConnectionBroke("the connection broke"), ProviderDown),
    ],
)
def test_verdict(clock, response, error):
    """
    Every answer means one error.
    """
    assert error is type(outcome(clock, response))


@pytest.mark.parametrize(("status", "label"), [(429, "too-many-requests"), (503, "unavailable")])
@pytest.mark.parametrize(
    ("head", "wait"),
    [({}, None), ({"retry_after": "7"}, 7.0), ({"retry_after": "Mon, 21 Sep 2026 14:14:20 GMT"}, 60.0)],
)
def test_OS5_waits(clock, status, label, head, wait):
    """
    OS-5: a server that is out of order, or asked too often, is tried again, and costs no device its registration; it
    may say for how long it wants to be left alone, in seconds or as a date.
    """
    response = answer(status, refusal(status, label)["body"], **head)

    assert wait == outcome(clock, response).retryAfter


@pytest.mark.parametrize(("response", "all_"), [(saidBy(413, "too-many-pending"), False), (answer(429), True)])
def test_throttled(clock, response, all_):
    """
    What is pending is one device's; who asks too often is all of us.
    """
    assert all_ is outcome(clock, response).lane


@pytest.mark.parametrize(("status", "maybe"), [(503, False), (500, True), (502, True), (504, True), (200, True)])
def test_maybeSent(clock, status, maybe):
    """
    The push may have been taken before something went wrong.
    """
    assert maybe is outcome(clock, answer(status)).maybeSent


def test_saysNoMoreThanItMay(clock):
    """
    The operator learns what the server calls it, and not its message, which may quote what we sent.
    """
    assert "push server: 400 invalid-request" == str(outcome(clock, saidBy(400, "invalid-request", "bad secret-1")))
    assert "push server: 400" == str(outcome(clock, answer(400, {"error": "secret 1!"})))
