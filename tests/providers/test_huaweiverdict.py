"""
Every answer of Huawei that is known, and some that are not.
"""

import json

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
from tests.providers.contract import targetOf
from tests.providers.huaweisupport import makeHuawei, tableOf
from tests.standins.http import ScriptedHTTP, answer
from tests.standins.huawei import illegal, says
from tests.support import resultOf

GRANTED = answer(200, {"access_token": "T1", "expires_in": 3600})


def said(entry, **headers):
    return answer(entry["status"], entry["body"], **headers)


def code(code, msg="", status=200):
    return said(says(code, msg, status))


def partial(**msg):
    return code("80100000", json.dumps(msg))


def outcome(clock, response):
    # What is about our own token is asked twice.
    http = ScriptedHTTP(GRANTED, response, GRANTED, response)
    provider = makeHuawei(tableOf("v1", None), http, clock)
    try:
        return resultOf(provider.send(targetOf("token-1"), Notification(), "push-1", clock.seconds() + 60))
    except Exception as e:
        return e


@pytest.mark.parametrize(
    ("response", "error"),
    [
        # As v1 and v2 document them.
        (partial(success=3, failure=1, illegal_tokens=["token-1"]), DeviceGone),
        (code("80100001", "UnSupported svc"), BadRequest),
        (code("80100003"), BadRequest),
        (code("80100004"), BadRequest),
        (code("80100013"), BadRequest),
        (code("80100017"), Throttled),
        (code("80200001"), ProviderRefused),
        (code("80200003"), ProviderRefused),
        (code("80200005"), ProviderRefused),
        (code("80300002"), ProviderRefused),
        (code("80300007", "All the tokens are invalid"), DeviceGone),
        (code("80300008"), PayloadTooLarge),
        (code("80300010"), BadRequest),
        (code("80300011"), ProviderRefused),
        (code("80300013"), ProviderRefused),
        (code("80600003"), ProviderRefused),
        (code("81000001"), ProviderDown),
        # As v3 documents them.
        (code("80100022"), BadRequest),
        (code("80300029"), Throttled),
        (code("80300030"), BadRequest),
        (code("80300036"), ProviderRefused),
        (code("80300037"), ProviderRefused),
        # Why v3 does not take a token.
        (said(illegal("tokenFormatError", "token-1")), DeviceGone),
        (said(illegal(" tokenFormatError ", "token-1")), DeviceGone),
        (said(illegal("tokenPlatformNotSupport", "token-1")), DeviceGone),
        (said(illegal("noRight", "token-1")), DeviceGone),
        (said(illegal("noRight", "MAAALg***jg")), DeviceGone),
        (said(illegal("countryNotSupport", "token-1")), Refused),
        (said(illegal("noPushTypeRight", "token-1")), ProviderRefused),
        (said(illegal("noPushTypeRight", "MAM0Ku...jixTSG")), ProviderRefused),
        (said(illegal("atomicUnableSendUnsubscribedMsg", "token-1")), ProviderRefused),
        (said(illegal("disableSendHuaweiMsgBecauseOfPenalty", "token-1")), ProviderRefused),
        (said(illegal("differentImgVerifyPolicy", "token-1")), ProviderRefused),
        (said(illegal("appinfoError", "token-1")), ProviderRefused),
        (said(illegal("notSupportPlayVoice", "token-1")), ProviderRefused),
        (said(illegal("noRightToSendThisLiveNotificationEvent", "token-1")), ProviderRefused),
        (said(illegal("somethingNew", "token-1")), Refused),
        (said(illegal("token-1 is new", "token-1")), Refused),
        (said(illegal("noRight", "token-1", code="80100000", success=1)), DeviceGone),
        (said(illegal("appinfoError", "token-1", code="80100000", success=1)), ProviderRefused),
        # Whatever HTTP says with it, and as a number too.
        (code("80100003", status=400), BadRequest),
        (code("80200001", status=401), ProviderRefused),
        (code("80300007", status=400), DeviceGone),
        (answer(200, {"code": 80300007}), DeviceGone),
        # Codes of the future: what they begin with says whose move it is.
        (code("80100099"), BadRequest),
        (code("80200006"), ProviderRefused),
        (code("80300099"), Refused),
        (code("80600099"), ProviderRefused),
        (code("81000099"), ProviderDown),
        (code("89999999"), ProviderDown),
        (code("89999999", status=400), BadRequest),
        # Without one, HTTP's status decides.
        (answer(400, "<html>"), BadRequest),
        (answer(401, "<html>"), ProviderRefused),
        (answer(403, "<html>"), ProviderRefused),
        (answer(404, "<html>"), ProviderRefused),
        (answer(405, "<html>"), ProviderRefused),
        (answer(408, "<html>"), ProviderDown),
        (answer(413, "<html>"), PayloadTooLarge),
        (answer(418, "<html>"), BadRequest),
        (answer(429, "<html>"), Throttled),
        (answer(500, "<html>"), ProviderDown),
        (answer(502, "<html>"), ProviderDown),
        (answer(503, "<html>"), Throttled),
        (answer(302, ""), ProviderDown),
        # Not what JSON is expected to say.
        (answer(400, []), BadRequest),
        (answer(200, {"code": ["80300007"]}), ProviderDown),
        (answer(200, {"code": "80300007", "msg": {"illegalTokens": 5}}), DeviceGone),
        (code("80300007", '{"illegalTokens": {"noRight": 5}}'), DeviceGone),
        (code("80300007", '["noRight"]'), DeviceGone),
        (code("80300007", "{" * 100_000), DeviceGone),
        # A success that is none.
        (answer(200, {}), ProviderDown),
        (answer(200, {"code": "0", "msg": "Success"}), ProviderDown),
        (answer(200, "<html>Welcome to our hotel</html>"), ProviderDown),
        (code("80000000", status=500), ProviderDown),
    ],
)
def test_verdict(clock, response, error):
    """
    Every answer means one error.
    """
    assert error is type(outcome(clock, response))


@pytest.mark.parametrize(
    ("response", "arrives"),
    [
        (code("80000000", "Success"), True),
        # There is one token, and it is not among the bad ones.
        (partial(success=1, failure=1, illegal_tokens=["token-2"]), True),
        (partial(success=1, failure=1, illegalTokens={"noRight": ["token-2"]}), True),
        (code("80100016"), False),
        (code("80100018"), False),
    ],
)
def test_accepted(clock, response, arrives):
    """
    What is accepted is delivered, unless Huawei does not like what is in it.
    """
    assert arrives is outcome(clock, response)


@pytest.mark.parametrize(("head", "wait"), [({}, 30.0), ({"retry_after": "7"}, 7.0)])
def test_throttled(clock, head, wait):
    """
    Flow control is of the whole app: for half a minute, unless Huawei says how long.
    """
    throttled = outcome(clock, answer(503, **head))

    assert (wait, True) == (throttled.retryAfter, throttled.lane)


@pytest.mark.parametrize(("head", "wait"), [({}, 10.0), ({"retry_after": "Mon, 21 Sep 2026 14:14:20 GMT"}, 60.0)])
def test_down(clock, head, wait):
    """
    When Huawei is down it may say for how long.
    """
    assert wait == outcome(clock, answer(500, **head)).retryAfter


@pytest.mark.parametrize(
    ("response", "maybe"),
    [(answer(500), False), (code("81000001"), False), (answer(502), True), (answer(504), True), (answer(200), True)],
)
def test_maybeSent(clock, response, maybe):
    """
    A gateway that lost Huawei's answer may have handed on the push.
    """
    assert maybe is outcome(clock, response).maybeSent


def test_saysNoMoreThanItMay(clock):
    """
    The operator learns the code and the reason, and nothing that may quote the device or the message.
    """
    assert "Huawei: 200 80300007 noRight" == str(outcome(clock, said(illegal("noRight", "token-1"))))
    assert "Huawei: 200 80300007 ?" == str(outcome(clock, said(illegal("token-1!", "token-1"))))
    assert "Huawei: 400 80100003" == str(outcome(clock, code("80100003", "Illegal payload, token-1", 400)))
