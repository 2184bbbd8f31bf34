"""
Firebase Cloud Messaging: to whom, as whom, and what becomes of it.
"""

import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.errors import (
    BadForm,
    BadRequest,
    DeviceGone,
    PayloadTooLarge,
    ProviderDown,
    ProviderRefused,
)
from pushsvc.exchange import NotTrusted, TimedOut
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IProviderKind
from pushsvc.model import Notification
from pushsvc.providers import fcm
from tests.providers.contract import targetOf
from tests.providers.fcmsupport import SENT, granted, makeFCM, send
from tests.standins.fcm import fcmError
from tests.standins.http import ScriptedHTTP, answer, httpTo
from tests.support import resultOf

UNAUTHENTICATED = answer(401, fcmError(401, "UNAUTHENTICATED")["body"])


@pytest.fixture
def provider(account, google, clock):
    return makeFCM(account, httpTo(google, clock), clock)


def test_kind():
    """
    The module is a provider kind, and answers to GCM's name too.
    """
    assert verifyObject(IProviderKind, fcm)
    assert fcm is kinds.load("providers", "gcm")
    assert {"demo", "fcm"} <= set(kinds.names("providers"))


def test_D14_send(provider, google, clock):
    """
    D14: one request, to the project of the service account, under a token that its key obtained.
    """
    assert send(provider, clock)

    asked, sent = google.requests
    assert ("/token", 200) == (asked["path"], asked["status"])
    assert ("/v1/projects/chatninja-1234/messages:send", 200) == (sent["path"], sent["status"])
    assert "application/json" == sent["headers"]["content-type"]
    assert 1 == len(google.messages)


@pytest.mark.parametrize("kind", ["token", "fid"])
def test_targetKinds(provider, google, clock, kind):
    """
    A device is found by its token, or by its Firebase installation ID.
    """
    token, details = provider.readTarget(Fields({kind: ("device-1",)}))

    resultOf(provider.send(targetOf(token, **details), Notification(), "push-1", clock.seconds()))

    assert "device-1" == google.messages[0][kind]


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"token": ("",)},
        {"token": ("a", "b")},
        {"token": ("a",), "fid": ("b",)},
        {"token": ("a\u0000b",)},
        {"fid": ("a\nb",)},
        {"token": ("   ",)},
        {"token": ("x" * 4097,)},
    ],
)
def test_readTargetRefuses(provider, fields):
    """
    What cannot be a device is told to who registers it, not to Google.
    """
    with pytest.raises(BadForm) as raised:
        provider.readTarget(Fields(fields))

    assert "x" * 10 not in str(raised.value)


def test_lane(provider):
    """
    An app's devices share their fate.
    """
    assert "chatninja" == provider.lane(targetOf("token-1"))


def test_accessTokenExpiredEarly(provider, google, clock):
    """
    An access token that Google does not take any more is renewed once, and the push repeated.
    """
    send(provider, clock)
    google.tokensExpire()

    assert send(provider, clock)
    assert [200, 200, 401, 200, 200] == [request["status"] for request in google.requests]


def test_accessTokenNeverTaken(account, clock):
    """
    When Google does not take the new one either, it is the operator's move.
    """
    http = ScriptedHTTP(granted("T1"), UNAUTHENTICATED, granted("T2"), UNAUTHENTICATED)
    provider = makeFCM(account, http, clock)

    with pytest.raises(ProviderRefused, match="401 UNAUTHENTICATED"):
        send(provider, clock)

    assert ["Bearer T1", "Bearer T2"] == [http.requests[at].headers["Authorization"] for at in (1, 3)]


def test_thirdPartyCredentials(account, clock):
    """
    A 401 about somebody else's credentials is no reason to renew ours.
    """
    refused = answer(401, fcmError(401, "UNAUTHENTICATED", "THIRD_PARTY_AUTH_ERROR")["body"])
    http = ScriptedHTTP(granted(), refused)

    with pytest.raises(ProviderRefused, match="THIRD_PARTY_AUTH_ERROR"):
        send(makeFCM(account, http, clock), clock)

    assert 2 == len(http.requests)


def test_noAnswer(account, clock):
    """
    Silence is nobody's fault, and it is said whether the push may have been taken.
    """
    for maybe in (True, False):
        http = ScriptedHTTP(granted(), TimedOut("no answer in time", maybeSent=maybe))

        with pytest.raises(ProviderDown) as raised:
            send(makeFCM(account, http, clock), clock)

        assert maybe is raised.value.maybeSent


def test_MP74_notTrusted(account, clock):
    """
    MP-74: somebody who cannot prove to be Google is the operator's move.
    """
    with pytest.raises(ProviderRefused, match="certificate"):
        send(makeFCM(account, ScriptedHTTP(granted(), NotTrusted("the certificate is not trusted")), clock), clock)


def test_bugsAreOurs(account, clock, logEvents):
    """
    A bug of ours comes out as one, and tells nothing of what it met.
    """

    class Broken(ScriptedHTTP):
        async def request(self, request):
            raise KeyError(request.body)

    with pytest.raises(BadRequest, match="KeyError in request"):
        send(makeFCM(account, Broken(), clock), clock)

    assert "a bug in the provider" in logEvents[-1]["log_format"]
    assert "assertion" not in repr(logEvents)


def test_check(provider, google):
    """
    Checking obtains a token and asks about a device that there cannot be; nobody is disturbed.
    """
    resultOf(provider.check())

    assert [] == google.messages
    assert google.requests[-1]["body"]["validate_only"] is True


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (answer(403, fcmError(403, "PERMISSION_DENIED")["body"]), ProviderRefused),
        (answer(404, "<html>"), ProviderRefused),
        (answer(503), ProviderDown),
        (answer(400, "<html>"), BadRequest),
    ],
)
def test_checkFails(account, clock, last, error):
    """
    Checking tells credentials that are not taken from a network that is down.
    """
    with pytest.raises(error):
        resultOf(makeFCM(account, ScriptedHTTP(granted(), last), clock).check())


def test_checkSucceedsAnyway(account, clock):
    """
    Should Google take the impossible device for one, the credentials are right all the same.
    """
    resultOf(makeFCM(account, ScriptedHTTP(granted(), SENT), clock).check())


def test_goneAndTooLargeByTheNetwork(provider, google, clock):
    """
    What Google finds too large or unknown is said so.
    """
    google.script += [
        fcmError(404, "NOT_FOUND", "UNREGISTERED"),
        fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Android message is too big"),
    ]

    for error in (DeviceGone, PayloadTooLarge):
        with pytest.raises(error):
            send(provider, clock)
