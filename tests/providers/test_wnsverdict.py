"""
Every answer of WNS that is known, and some that are not.
"""

import pytest

from pushsvc.errors import BadRequest, DeviceGone, PayloadTooLarge, ProviderDown, ProviderRefused, Throttled
from tests.providers.fcmsupport import granted
from tests.providers.wnssupport import makeWNS, send
from tests.standins.http import ScriptedHTTP, answer


def outcome(clock, response):
    # A 401 is answered with a new access token, and that one is not taken either.
    http = ScriptedHTTP(granted("T1"), response, granted("T2"), response)
    with pytest.raises(Exception) as raised:
        send(makeWNS(http, clock), clock)
    return raised.value


@pytest.mark.parametrize(
    ("status", "error"),
    [
        # As WNS documents them.
        (400, BadRequest),
        (401, ProviderRefused),
        (403, ProviderRefused),
        (404, DeviceGone),
        (405, BadRequest),
        (406, Throttled),
        (410, DeviceGone),
        (413, PayloadTooLarge),
        (500, ProviderDown),
        (503, ProviderDown),
        # What stands between us and WNS.
        (301, ProviderDown),
        (307, ProviderDown),
        (407, ProviderRefused),
        (408, ProviderDown),
        (418, BadRequest),
        (425, ProviderDown),
        (429, Throttled),
        (502, ProviderDown),
        (504, ProviderDown),
        # Successes that are none.
        (200, ProviderDown),
        (201, ProviderDown),
        (204, ProviderDown),
    ],
)
def test_verdict(clock, status, error):
    """
    Every status means one error.
    """
    assert error is type(outcome(clock, answer(status, "<html>")))


@pytest.mark.parametrize("status", [406, 503, 429])
@pytest.mark.parametrize(
    ("head", "wait"),
    [
        ({}, None),
        ({"x_wns_continue_after": "45"}, 45.0),
        ({"x_wns_continue_after": "45", "retry_after": "7"}, 45.0),
        ({"x_wns_continue_after": "soon"}, None),
        ({"x_wns_continue_after": "9" * 20}, 86400.0),
        ({"retry_after": "7"}, 7.0),
        ({"retry_after": "Mon, 21 Sep 2026 14:14:20 GMT"}, 60.0),
    ],
)
def test_waits(clock, status, head, wait):
    """
    WNS says in its own way for how long a channel wants to be left alone, and HTTP's is understood too.
    """
    assert wait == outcome(clock, answer(status, b"", **head)).retryAfter


@pytest.mark.parametrize(("status", "all_"), [(406, False), (429, True)])
def test_throttled(clock, status, all_):
    """
    A channel that has had too much is one device's; what stands before WNS means all of us.
    """
    assert all_ is outcome(clock, answer(status, b"")).lane


@pytest.mark.parametrize(("status", "maybe"), [(503, False), (500, True), (502, True), (504, True), (200, True)])
def test_maybeSent(clock, status, maybe):
    """
    The notification may have been taken before something went wrong.
    """
    assert maybe is outcome(clock, answer(status, b"")).maybeSent


def test_saysNoMoreThanItMay(clock):
    """
    The operator learns the status and WNS' word for it, and not its description, which may quote the channel.
    """
    said = {"x_wns_status": "dropped", "x_wns_error_description": "no such channel: token=AwYA"}

    assert "WNS: 410 dropped" == str(outcome(clock, answer(410, b"", **said)))
    assert "WNS: 410" == str(outcome(clock, answer(410, b"", x_wns_status="token=AwYA")))
