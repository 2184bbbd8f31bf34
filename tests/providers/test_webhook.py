"""
Webhooks, without a network.
"""

import base64
import json
import re
from uuid import uuid4

import pytest
from zope.interface.verify import verifyObject

from pushsvc.errors import (
    BadForm,
    DeviceGone,
    PayloadTooLarge,
    ProviderDown,
    ProviderRefused,
    Refused,
    Throttled,
)
from pushsvc.exchange import NotPermitted, Response
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IForms, IPayloads
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary, Target
from pushsvc.providers.takers import MANY
from pushsvc.providers.webhooksignature import keyOf, signed
from pushsvc.providers.webhookverdict import PAUSE, isSuccess, verdictOn
from tests.providers.webhooksupport import makeWebhook
from tests.standins.http import ScriptedHTTP, answer
from tests.support import resultOf

TAKEN = Response(204)
TARGET = Target("node", "hooks", "https://hooks.example/secret?token=a%2Fb")
NOW = 1_790_000_000.0


def sent(clock, notification, *answers):
    http = ScriptedHTTP(*(answers or (TAKEN,)))
    resultOf(makeWebhook(http, clock).send(TARGET, notification, str(uuid4()), clock.seconds() + 60))
    return http.requests[-1]


@pytest.mark.parametrize("name", ["url", "endpoint"])
def test_registering(clock, name):
    """
    A client names a URL, and it is kept to the letter.
    """
    provider = makeWebhook(ScriptedHTTP(), clock)

    assert (TARGET.token, {}) == provider.readTarget(Fields({name: (TARGET.token,)}))
    assert ["url"] == [field.var for field in provider.form()]


@pytest.mark.parametrize("url", ["", "http://hooks.example/", "https://127.0.0.1/", "https://hooks/", "hooks.example"])
def test_whatIsNoURL(clock, url):
    """
    What we would not post to is refused when the client registers.
    """
    with pytest.raises(BadForm, match="url"):
        makeWebhook(ScriptedHTTP(), clock).readTarget(Fields({"url": (url,)}))


def test_whatIsPosted(clock):
    """
    A push is JSON: an id, how urgent it is, how long it is worth something, and what the notification says.
    """
    summary = Summary(3, 1, "romeo@example.org/x", "Wherefore?", "paris@example.org")

    request = sent(clock, Notification(Kind.CALL, Priority.HIGH, summary))

    assert ("POST", TARGET.token) == (request.method, request.url)
    assert "application/json" == request.headers["Content-Type"]
    said = json.loads(request.body)
    assert request.headers["webhook-id"] == said.pop("push-id")
    assert {
        "priority": "high",
        "expires": int(clock.seconds()) + 60,
        "kind": "call",
        "message-count": 3,
        "last-message-sender": "romeo@example.org/x",
        "last-message-body": "Wherefore?",
        "pending-subscription-count": 1,
        "last-subscription-sender": "paris@example.org",
    } == said


def test_whatStandardWebhooksSigns():
    """
    The example of Standard Webhooks' own documentation has the signature that it has there.
    """
    body = b'{"test": 2432232314}'
    key = keyOf("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")

    headers = signed(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)

    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == headers["webhook-signature"]
    assert ("msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330") == (headers["webhook-id"], headers["webhook-timestamp"])


def test_asMuchAsFits(clock):
    """
    A body has 4096 bytes at most; what is too long is left out, and an encrypted payload of the size that is announced
    fits.
    """
    most = makeWebhook(ScriptedHTTP(), clock).payloadSize

    for length, there in ((most, True), (most + 10, False)):
        request = sent(clock, Notification(Kind.CALL, encrypted=Encrypted("A" * 16, "b" * length, "voip")))
        assert len(request.body) <= 4096
        assert there == ("encrypted-payload" in json.loads(request.body))


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_taken(status):
    """
    Any 2xx will do.
    """
    assert isSuccess(Response(status))


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (Response(301), Refused),
        (Response(307), Refused),
        (Response(400), Refused),
        (Response(401), ProviderRefused),
        (Response(403), ProviderRefused),
        (Response(404), DeviceGone),
        (Response(405), Refused),
        (Response(408), ProviderDown),
        (Response(410), DeviceGone),
        (Response(413), PayloadTooLarge),
        (Response(415), Refused),
        (Response(422), Refused),
        (Response(425), ProviderDown),
        (Response(429), Throttled),
        (Response(500), ProviderDown),
        (Response(502), ProviderDown),
        (Response(503), ProviderDown),
        (Response(504), ProviderDown),
        # ntfy's
        (answer(401, {"code": 40101, "http": 401}), ProviderRefused),
        (answer(403, {"code": 40301, "http": 403}), ProviderRefused),
        (answer(413, {"code": 41301, "http": 413}), PayloadTooLarge),
        (answer(429, {"code": 42901, "http": 429}), Throttled),
        (answer(507, {"code": 50701, "http": 507}), ProviderDown),
    ],
)
def test_verdict(said, expected):
    """
    Every status means one thing.
    """
    assert type(verdictOn(said, "https://hooks.example", NOW)) is expected


@pytest.mark.parametrize(
    ("said", "wait"),
    [
        (answer(429, retry_after="7"), 7.0),
        (answer(429), PAUSE),
        (answer(503, retry_after="Mon, 21 Sep 2026 14:13:30 GMT"), 10.0),
        (answer(507), None),
    ],
)
def test_waits(said, wait):
    """
    Who asks us to wait is heeded, in seconds and as a date.
    """
    assert wait == verdictOn(said, "https://hooks.example", NOW).retryAfter


@pytest.mark.parametrize(("status", "maybe"), [(500, False), (502, True), (503, False), (504, True)])
def test_gatewaysMayHavePassedItOn(status, maybe):
    """
    What a gateway got no answer to may have arrived.
    """
    assert maybe is verdictOn(Response(status), "https://hooks.example", NOW).maybeSent


@pytest.mark.parametrize(("said", "all_"), [("900", True), ("901", False), ("86400", False), (None, True)])
def test_onesPauseIsNotEverybodys(said, all_):
    """
    Too much is too much for all at one server; but nobody makes all others wait there for a day.
    """
    verdict = verdictOn(Response(429, {"retry-after": said} if said else {}), "https://hooks.example", NOW)

    assert all_ is verdict.lane
    assert float(said or PAUSE) == verdict.retryAfter


def test_alarmOnlyWhereNothingIsTaken(clock):
    """
    Who has taken others of ours and does not take this one says something of the URL, not of our secret.
    """
    http = ScriptedHTTP(Response(401), TAKEN, Response(401))
    provider = makeWebhook(http, clock)

    def push():
        resultOf(provider.send(TARGET, Notification(), str(uuid4()), 0.0))

    with pytest.raises(ProviderRefused, match=r"https://hooks\.example: 401"):
        push()
    push()
    with pytest.raises(Refused):
        push()


def test_aSecretThatIsTakenNoMore(clock):
    """
    When it refuses one URL after the other it is our secret all the same.
    """
    provider = makeWebhook(ScriptedHTTP(TAKEN, *[Response(401)] * (MANY + 1)), clock)
    met = []

    resultOf(provider.send(TARGET, Notification(), str(uuid4()), 0.0))
    for number in range(MANY + 1):
        target = Target("node", "hooks", f"https://hooks.example/{number}")
        with pytest.raises((Refused, ProviderRefused)) as raised:
            resultOf(provider.send(target, Notification(), str(uuid4()), 0.0))
        met.append(type(raised.value))

    assert [Refused] * MANY + [ProviderRefused] == met


def test_whereWeDoNotGo(clock):
    """
    What DNS has moved into our network is refused, and no more.
    """
    with pytest.raises(Refused):
        sent(clock, Notification(), NotPermitted("no connection"))


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        ({"signing_secret": None}, "signing-secret-file (or signing-secret) is missing"),
        ({"signing_secret": "fifteen letters"}, "signing-secret: shorter than 16 bytes"),
        ({"signing_secret": "whsec_!!"}, "signing-secret: no base64"),
        ({"signing_secret": "whsec_" + base64.b64encode(b"short").decode()}, "signing-secret: shorter"),
        ({"signing_secret_file": "/nonexistent"}, "one of them"),
        ({"signing_secret": None, "signing_secret_file": "/nonexistent"}, "cannot be read"),
        ({"endpoint": "https://hooks.example"}, "endpoint: clients have"),
    ],
)
def test_whatCannotWork(clock, keys, complaint):
    """
    What cannot work is said at the start, and nothing of the secret.
    """
    with pytest.raises(ValueError, match=re.escape(complaint)) as raised:
        makeWebhook(ScriptedHTTP(), clock, **keys)

    assert "fifteen" not in str(raised.value)


def test_interfaces(clock):
    """
    It tells what it needs, and what it can do with encrypted payloads.
    """
    provider = makeWebhook(ScriptedHTTP(), clock)

    assert verifyObject(IForms, provider)
    assert verifyObject(IPayloads, provider)
