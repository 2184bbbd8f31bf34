"""
What the answers of push services mean: every code of RFC 8030 and 8292, of Mozilla's, Google's and Apple's services,
and of UnifiedPush's servers.
"""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.errors import (
    BadRequest,
    DeliveryError,
    DeviceGone,
    PayloadTooLarge,
    ProviderDown,
    ProviderRefused,
    Refused,
    Throttled,
)
from pushsvc.exchange import LONGEST_WAIT, Response
from pushsvc.providers.webpushverdict import PAUSE, isSuccess, verdictOn
from tests.standins.http import answer
from tests.standins.webpush import errno

NOW = 1_790_000_000.0
ORIGIN = "https://push.example"


def of(said):
    return verdictOn(said, ORIGIN, NOW)


def mozilla(status, number):
    return answer(status, errno(status, number)["body"])


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_taken(status):
    """
    201 is what the RFC says; others say other things that mean the same.
    """
    assert isSuccess(Response(status))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Response(301, {"location": "https://elsewhere.example/"}), Refused),
        (Response(302), Refused),
        (Response(307), Refused),
        (Response(400), BadRequest),
        (answer(400, "<HTML><TITLE>UnauthorizedRegistration</TITLE>"), ProviderRefused),
        (answer(400, {"reason": "BadWebPushTopic"}), BadRequest),
        (Response(401), ProviderRefused),
        (Response(403), ProviderRefused),
        (answer(403, {"reason": "BadJwtToken"}), ProviderRefused),
        (answer(403, {"reason": "VapidPkHashMismatch"}), ProviderRefused),
        (Response(404), DeviceGone),
        (Response(405), Refused),
        (Response(408), ProviderDown),
        (Response(410), DeviceGone),
        (answer(410, {"reason": "Unregistered"}), DeviceGone),
        (Response(411), Refused),
        (Response(413), PayloadTooLarge),
        (Response(415), Refused),
        (Response(425), ProviderDown),
        (Response(429), Throttled),
        (Response(500), ProviderDown),
        (Response(501), ProviderDown),
        (Response(502), ProviderDown),
        (Response(503), ProviderDown),
        (Response(504), ProviderDown),
        (answer(507, {"code": 50701, "http": 507, "error": "no subscriber"}), ProviderDown),
        (Response(599), ProviderDown),
        # Mozilla's
        (mozilla(400, 101), BadRequest),
        (mozilla(404, 102), DeviceGone),
        (mozilla(400, 102), DeviceGone),
        (mozilla(410, 103), DeviceGone),
        (mozilla(413, 104), PayloadTooLarge),
        (mozilla(410, 105), DeviceGone),
        (mozilla(410, 106), DeviceGone),
        (mozilla(401, 109), ProviderRefused),
        (mozilla(400, 110), BadRequest),
        (mozilla(400, 111), BadRequest),
        (mozilla(400, 112), BadRequest),
        (mozilla(400, 113), BadRequest),
        (mozilla(503, 201), ProviderDown),
        (mozilla(503, 202), ProviderDown),
        (mozilla(502, 900), ProviderDown),
        (mozilla(502, 901), ProviderDown),
        (mozilla(502, 902), ProviderDown),
        (mozilla(502, 903), ProviderDown),
        (mozilla(500, 999), ProviderDown),
        # What contradicts itself: the status counts.
        (mozilla(503, 102), ProviderDown),
        (mozilla(404, 201), DeviceGone),
        (answer(404, {"errno": True}), DeviceGone),
        (answer(404, {"errno": -1}), DeviceGone),
        (answer(400, {"errno": "103"}), BadRequest),
    ],
)
def test_verdict(said, expected):
    """
    Every answer means one thing.
    """
    verdict = of(said)

    assert type(verdict) is expected
    assert ORIGIN in str(verdict)


@pytest.mark.parametrize("status", [400, 401, 403])
@pytest.mark.parametrize(
    "body", ["", "UnauthorizedRegistration", "<html>", {"errno": 109}, {"reason": "ExpiredJwtToken"}]
)
def test_neverGoneForOurCredentials(status, body):
    """
    Whatever is said of our credentials, no registration is removed for it.
    """
    assert type(of(answer(status, body))) in (BadRequest, ProviderRefused, Refused)


@pytest.mark.parametrize(
    ("said", "expected", "wait"),
    [
        (answer(429, retry_after="7"), Throttled, 7.0),
        (answer(429, retry_after="Mon, 21 Sep 2026 14:13:30 GMT"), Throttled, 10.0),
        (answer(429, retry_after="soon"), Throttled, PAUSE),
        (answer(429), Throttled, PAUSE),
        (answer(503, retry_after="120"), ProviderDown, 120.0),
        (answer(503), ProviderDown, None),
        (mozilla(503, 201), ProviderDown, None),
        (mozilla(503, 202), ProviderDown, 0.0),
    ],
)
def test_waits(said, expected, wait):
    """
    Who asks us to wait is heeded, in seconds and as a date.
    """
    verdict = of(said)

    assert type(verdict) is expected
    assert wait == verdict.retryAfter
    # Too many is said of one endpoint, not of all.
    assert not getattr(verdict, "lane", False)


@pytest.mark.parametrize(("status", "maybe"), [(500, False), (502, True), (503, False), (504, True)])
def test_gatewaysMayHavePassedItOn(status, maybe):
    """
    What a gateway got no answer to may have arrived.
    """
    assert maybe == of(Response(status)).maybeSent


def test_onlyWordsAreQuoted():
    """
    An operator is told the network's word for it, but nothing that could quote the endpoint.
    """
    assert "https://push.example: 403 BadJwtToken" in str(of(answer(403, {"reason": "BadJwtToken"})))
    assert "errno 109" in str(of(mozilla(401, 109)))
    for odd in (
        {"reason": "https://push.example/secret"},
        {"reason": "secret secret"},
        {"reason": ["secret"]},
        "secret",
    ):
        assert "secret" not in str(of(answer(403, odd)))


@given(
    st.integers(100, 599),
    st.one_of(
        st.binary(max_size=200),
        st.dictionaries(
            st.sampled_from(["errno", "reason", "code"]), st.one_of(st.integers(), st.text(), st.none())
        ).map(lambda said: json.dumps(said).encode()),
    ),
    st.sampled_from(["", "5", "-5", "soon", "9" * 400, "Mon, 21 Sep 2026 14:13:30 GMT"]),
)
def test_whateverIsAnswered(status, body, wait):
    """
    Whatever a client's server answers, it means something, and nothing but a 404, a 410 or Mozilla's word for it means
    that the device is gone.
    """
    said = Response(status, {"retry-after": wait}, body)

    verdict = of(said)

    assert isinstance(verdict, DeliveryError)
    if type(verdict) is DeviceGone:
        assert status in (404, 410) or said.json()["errno"] in (102, 103, 105, 106)
    if getattr(verdict, "retryAfter", None) is not None:
        assert 0.0 <= verdict.retryAfter <= LONGEST_WAIT
