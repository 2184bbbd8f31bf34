"""
Every answer of SimplePush's servers that is known, and some that are not.
"""

import pytest

from pushsvc.errors import BadRequest, DeviceGone, PayloadTooLarge, ProviderDown, Refused, Throttled
from tests.providers.mozillasupport import makeMozilla, send
from tests.standins.http import ScriptedHTTP, answer
from tests.standins.simplepush import refusal


@pytest.fixture
def outcome(tmp_path, clock):
    def outcome(response):
        with pytest.raises(Exception) as raised:
            send(makeMozilla(tmp_path, ScriptedHTTP(response), clock), clock)
        return raised.value

    return outcome


def saidBy(status, errno):
    return answer(status, refusal(status, errno)["body"])


@pytest.mark.parametrize(
    ("response", "error"),
    [
        # As Mozilla's server says it.
        (saidBy(400, 101), BadRequest),
        (saidBy(400, 102), DeviceGone),
        (saidBy(404, 102), DeviceGone),
        (saidBy(410, 103), DeviceGone),
        (saidBy(400, 104), PayloadTooLarge),
        (saidBy(413, 104), PayloadTooLarge),
        (saidBy(410, 105), DeviceGone),
        (saidBy(410, 106), DeviceGone),
        (saidBy(400, 108), Refused),
        (saidBy(503, 201), ProviderDown),
        (saidBy(503, 202), ProviderDown),
        (saidBy(500, 999), ProviderDown),
        # What is said of a device with a status that does not fit is not believed.
        (saidBy(500, 102), ProviderDown),
        (saidBy(503, 103), ProviderDown),
        (saidBy(400, 201), BadRequest),
        (saidBy(400, 202), BadRequest),
        # Others have the status alone.
        (answer(400, "<html>"), BadRequest),
        (answer(401, "<html>"), Refused),
        (answer(403, "<html>"), Refused),
        (answer(404, "<html>"), DeviceGone),
        (answer(405, "<html>"), Refused),
        (answer(407, "<html>"), Refused),
        (answer(408, "<html>"), ProviderDown),
        (answer(410, "<html>"), DeviceGone),
        (answer(413, "<html>"), PayloadTooLarge),
        (answer(418, "<html>"), Refused),
        (answer(425, "<html>"), ProviderDown),
        (answer(429, "<html>"), Throttled),
        (answer(500, b""), ProviderDown),
        (answer(502, "<html>"), ProviderDown),
        (answer(503, "<html>"), ProviderDown),
        # Nobody is followed elsewhere.
        (answer(301, b"", location="https://10.0.0.1/"), Refused),
        (answer(307, b"", location="https://elsewhere.example/"), Refused),
        # Not what JSON is expected to say.
        (answer(400, {"errno": "102"}), BadRequest),
        (answer(400, {"errno": True}), BadRequest),
        (answer(400, {"errno": 10**30}), BadRequest),
        (answer(400, [102]), BadRequest),
    ],
)
def test_verdict(outcome, response, error):
    """
    Every answer means one error; none of them is an alarm, for it may be a client that has named the server.
    """
    assert error is type(outcome(response))


@pytest.mark.parametrize(
    ("response", "wait"),
    [
        (answer(429), None),
        (answer(429, retry_after="7"), 7.0),
        (saidBy(503, 201), None),
        (saidBy(503, 202), 0.0),
        (answer(503, {"errno": 202}, retry_after="30"), 30.0),
        (answer(503, retry_after="Mon, 21 Sep 2026 14:14:20 GMT"), 60.0),
    ],
)
def test_waits(outcome, response, wait):
    """
    A server may say for how long it wants to be left alone, or that it wants to be asked again at once.
    """
    assert wait == outcome(response).retryAfter


@pytest.mark.parametrize(("status", "maybe"), [(503, False), (500, True), (502, True), (504, True)])
def test_maybeSent(outcome, status, maybe):
    """
    The push may have been taken before something went wrong.
    """
    assert maybe is outcome(answer(status)).maybeSent


def test_saysNoMoreThanItMay(outcome):
    """
    The operator learns the status and the errno, and not a server's own words.
    """
    said = outcome(answer(400, {"errno": 101, "error": "secret", "message": "secret"}))

    assert "SimplePush: 400 errno 101" == str(said)
