"""
Firebase Cloud Messaging: what is sent, to whom, and as whom.
"""

import json

import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.config import ConfigurationError, build
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
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from pushsvc.providers import fcm
from tests.providers.contract import NOTIFICATION, targetOf
from tests.providers.fcmsupport import ENDPOINT, SENT, granted, makeFCM
from tests.standins.certificates import rsaKey, serviceAccount
from tests.standins.fcm import fcmError
from tests.standins.http import ScriptedHTTP, answer, httpTo
from tests.support import resultOf

SECRET = Encrypted("aXY=", "cGF5bG9hZA==", "voip")
UNAUTHENTICATED = answer(401, fcmError(401, "UNAUTHENTICATED")["body"])


@pytest.fixture
def provider(account, google, clock):
    return makeFCM(account, httpTo(google, clock), clock)


def send(provider, clock, notification=NOTIFICATION, ttl=60, **details):
    return resultOf(provider.send(targetOf("token-1", **details), notification, "push-1", clock.seconds() + ttl))


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


def test_E1_dataMessage(provider, google, clock):
    """
    E1, D16, MP-31: the summary goes as data under XEP-0357's names, all of it text; nothing is shown by FCM itself.
    """
    send(provider, clock)

    assert [
        {
            "token": "token-1",
            "data": {
                "push-id": "push-1",
                "message-count": "3",
                "last-message-sender": "romeo@montague.example/orchard",
                "last-message-body": "Wherefore art thou?",
                "pending-subscription-count": "1",
                "last-subscription-sender": "paris@verona.example",
            },
            "android": {"priority": "HIGH", "ttl": "60s"},
        }
    ] == google.messages


def test_MP30_empty(provider, google, clock):
    """
    MP-30: a notification without a summary wakes the device and says nothing.
    """
    send(provider, clock, Notification())

    assert {"push-id": "push-1"} == google.messages[0]["data"]


@pytest.mark.parametrize("kind", ["call", "clear"])
def test_E16_kinds(provider, google, clock, kind):
    """
    E16, E18: what is not a message says what it is.
    """
    send(provider, clock, Notification(kind=Kind(kind), summary=Summary(messageCount=0)))

    assert {"push-id": "push-1", "kind": kind, "message-count": "0"} == google.messages[0]["data"]


def test_E12_encrypted(provider, google, clock):
    """
    E12: an end-to-end encrypted payload is handed on as it came.
    """
    send(provider, clock, Notification(encrypted=SECRET))

    assert {
        "push-id": "push-1",
        "encrypted-iv": "aXY=",
        "encrypted-payload": "cGF5bG9hZA==",
        "encrypted-type": "voip",
    } == google.messages[0]["data"]


@pytest.mark.parametrize(
    ("priority", "word"), [(Priority.HIGH, "HIGH"), (Priority.NORMAL, "NORMAL"), (Priority.LOW, "NORMAL")]
)
def test_E8_priority(provider, google, clock, priority, word):
    """
    E8: Android has two priorities.
    """
    send(provider, clock, Notification(priority=priority))

    assert word == google.messages[0]["android"]["priority"]


@pytest.mark.parametrize(("ttl", "word"), [(86400, "86400s"), (59.9, "59s"), (-5, "0s"), (1e12, "2419200s")])
def test_ttl(provider, google, clock, ttl, word):
    """
    FCM keeps a message for as long as anybody wants it, within its own bounds.
    """
    send(provider, clock, ttl=ttl)

    assert word == google.messages[0]["android"]["ttl"]


def test_D15_noCollapseKey(provider, google, clock):
    """
    D15: there is no collapse key, for FCM lets through one collapsible message in three minutes.
    """
    send(provider, clock)

    assert "collapse_key" not in google.messages[0]["android"]


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


@pytest.mark.parametrize(
    ("summary", "left"),
    [
        (
            Summary(3, lastMessageSender="romeo@example.org", lastMessageBody="ü" * 2048),
            {"message-count": "3", "last-message-sender": "romeo@example.org"},
        ),
        (Summary(3, lastMessageSender="x" * 4096, lastMessageBody="Hi"), {"message-count": "3"}),
    ],
)
def test_E10_sizes(provider, google, clock, summary, left):
    """
    E10: of what is too large for FCM goes what fits: first the body is left out, then the senders.
    """
    send(provider, clock, Notification(summary=summary))

    assert {"push-id": "push-1", **left} == google.messages[0]["data"]


def test_E10_asMuchAsFits(provider, google, clock):
    """
    E10: the limit is for the data alone; what fits is not cut.
    """
    send(provider, clock, Notification(summary=Summary(lastMessageBody="x" * 4000)))

    assert "x" * 4000 == google.messages[0]["data"]["last-message-body"]


def test_E10_encryptedTooLarge(provider, google, clock):
    """
    E10: an encrypted payload that does not fit is left out; the device is woken all the same.
    """
    send(provider, clock, Notification(encrypted=Encrypted("aXY=", "x" * 4096)))

    assert {"push-id": "push-1"} == google.messages[0]["data"]


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


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (None, "cannot be read"),
        ("{", "not JSON"),
        ("[]", "service account"),
        ('{"type": "authorized_user"}', "service account"),
        (json.dumps({**serviceAccount("https://x/"), "private_key": "PRIVATE"}), "private_key cannot be used"),
        (json.dumps({**serviceAccount("https://x/"), "project_id": ""}), "project_id is missing"),
        (json.dumps({**serviceAccount("https://x/"), "client_email": 5}), "client_email is missing"),
        (json.dumps(serviceAccount("http://x/")), "token_uri is not an https URL"),
        (json.dumps(serviceAccount("https://")), "token_uri is not an https URL"),
    ],
    ids=range(9),
)
def test_filesThatCannotWork(tmp_path, clock, content, why):
    """
    A service account that cannot work is told at the start, with the file and the reason, and without the key.
    """
    path = tmp_path / "account.json"
    if content is not None:
        path.write_text(content)

    with pytest.raises(ValueError, match=f"^service-account: .*account.json: .*{why}") as raised:
        makeFCM(path, ScriptedHTTP(), clock)

    assert "PRIVATE" not in str(raised.value)
    assert rsaKey()[40:80] not in str(raised.value)


def test_endpointWithoutTLS(account, clock):
    """
    MP-74: credentials do not travel in the clear.
    """
    with pytest.raises(ValueError, match="endpoint"):
        makeFCM(account, ScriptedHTTP(), clock, endpoint="http://fcm.example")


def test_options():
    """
    An app of FCM needs its service account, and says so.
    """
    with pytest.raises(ConfigurationError, match=r"apps\.x\.service-account: is missing"):
        build(fcm.Options, {"provider": "fcm"}, "apps.x")


def test_endpointOfItsOwn(account, clock):
    """
    Another endpoint is taken as a base, with or without a slash at its end.
    """
    for endpoint in (ENDPOINT, ENDPOINT + "/"):
        http = ScriptedHTTP(granted(), SENT)
        send(makeFCM(account, http, clock, endpoint), clock)

        assert ENDPOINT + "/v1/projects/chatninja-1234/messages:send" == http.requests[1].url


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
