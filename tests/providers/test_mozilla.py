"""
SimplePush: what is sent, and to whom.
"""

import json
from urllib.parse import parse_qs

import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.config import build
from pushsvc.errors import BadForm, ProviderDown, ProviderRefused, Refused
from pushsvc.exchange import NotPermitted, NotTrusted, TimedOut
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IProviderKind
from pushsvc.model import Encrypted, Kind, Notification, Summary
from pushsvc.providers import mozilla
from tests.providers.contract import TOLD, targetOf
from tests.providers.mozillasupport import ENDPOINT, PHONE, SENT, makeMozilla, send
from tests.standins.http import ScriptedHTTP, httpTo
from tests.standins.simplepush import SimplePush
from tests.support import resultOf


@pytest.fixture
def make(tmp_path, clock):
    return lambda http, **table: makeMozilla(tmp_path, http, clock, **table)


@pytest.fixture
def simplepush(clock):
    return SimplePush(clock=clock.seconds)


@pytest.fixture
def provider(simplepush, make, clock):
    return make(httpTo(simplepush, clock))


def told(simplepush):
    return [json.loads(data) for _, _, data in simplepush.woken]


def test_kind():
    """
    The module is a provider kind.
    """
    assert verifyObject(IProviderKind, mozilla)
    assert "mozilla" in kinds.names("providers")


def test_MP70_D17_send(make, clock):
    """
    MP-70, D17: a PUT to the endpoint, with a version and the data in a form.
    """
    http = ScriptedHTTP(SENT)

    assert send(make(http), clock, Notification(summary=Summary(3, lastMessageBody="1 & 1 = 2 ü")))

    (request,) = http.requests
    form = parse_qs(request.body.decode("ascii"))
    assert ("PUT", f"{ENDPOINT}/phone-1") == (request.method, request.url)
    assert "application/x-www-form-urlencoded" == request.headers["Content-Type"]
    assert {"version", "data"} == set(form)
    assert [str(int(clock.seconds() * 1000))] == form["version"]
    assert {"push-id": "push-1", "message-count": 3, "last-message-body": "1 & 1 = 2 ü"} == json.loads(form["data"][0])


def test_MP31_data(provider, simplepush, clock):
    """
    MP-31, MP-30: the app gets the summary under XEP-0357's names, and of what is not told it gets nothing.
    """
    send(provider, clock)
    send(provider, clock, Notification())

    assert [
        TOLD,
        {"push-id": "push-1"},
    ] == told(simplepush)


def test_MP70_versionsGrow(simplepush, make, clock):
    """
    MP-70: no push comes with a version that a phone has seen, neither after a restart nor after the clock was set back,
    nor both.
    """
    for back in (0, 0, 3600, 86400):
        clock.rightNow -= back
        provider = make(httpTo(simplepush, clock))
        for _ in range(3):
            send(provider, clock)

    assert 12 == len(simplepush.woken)
    assert [] == simplepush.ignored


@pytest.mark.parametrize("asleep", [True, False])
def test_MP70_success(provider, simplepush, clock, asleep):
    """
    MP-70: a phone that is there and one for which it is kept: either is success.
    """
    simplepush.asleep |= {"phone-1"} if asleep else set()

    assert send(provider, clock) is True

    assert 202 if asleep else 200 == simplepush.requests[0]["status"]


@pytest.mark.parametrize(
    ("token", "url"),
    [
        ("gAAAAABV_-x1=", f"{ENDPOINT}/gAAAAABV_-x1="),
        ("v1/gAAAAABV%2b", f"{ENDPOINT}/v1/gAAAAABV%2b"),
        ("https://push.example.org:8443/spush/v1/a%2Fb?c=d", None),
        ("https://PUSH.example.org/x", None),
    ],
)
def test_token(make, clock, token, url):
    """
    A token is a whole endpoint, or what comes after the app's; it is asked as it was given.
    """
    http = ScriptedHTTP(SENT)
    provider = make(http)

    read, details = provider.readTarget(Fields({"token": (token,)}))
    send(provider, clock, target=targetOf(read, **details))

    assert (token, {}) == (read, details)
    assert (url or token) == http.requests[0].url


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "..",
        "a/../b",
        "./a",
        "a//b",
        "/a",
        "a/",
        "a?b",
        "a#b",
        "a b",
        "a%zz",
        "a@evil.example",
        "\\evil",
        "http://push.example.org/x",
        "ftp://push.example.org/x",
        "://push.example.org",
        "https://127.0.0.1/x",
        "https://10.0.0.1/x",
        "https://[::1]/x",
        "https://localhost/x",
        "https://169.254.169.254/latest",
        "https://user:evil@push.example.org/x",
        "https://push.example.org/x#y",
        f"https://push.example.org/{'x' * 2048}",
    ],
)
def test_tokensRefused(make, token):
    """
    What leads to where we do not go is not taken, and not repeated.
    """
    with pytest.raises(BadForm) as raised:
        make(ScriptedHTTP()).readTarget(Fields({"token": (token,)} if token is not None else {}))

    assert "evil" not in str(raised.value)


def test_allowedEndpoints(make):
    """
    The operator may allow servers that are not public, for devices and as the app's endpoint.
    """
    inside = "https://10.0.0.1:8443/push"

    with pytest.raises(ValueError, match=r"^endpoint: .*allowed-endpoints"):
        make(ScriptedHTTP(), endpoint=inside)
    provider = make(ScriptedHTTP(), endpoint=inside, **{"allowed-endpoints": ["https://10.0.0.1:*"]})

    assert "x" == provider.readTarget(Fields({"token": ("x",)}))[0]
    assert f"{inside}/y" == provider.readTarget(Fields({"token": (f"{inside}/y",)}))[0]


@pytest.mark.parametrize(
    ("table", "said"),
    [({"endpoint": "http://simplepush.example"}, "endpoint: not an https URL"), ({}, "version-file: .* does not hold")],
)
def test_whatCannotBe(make, tmp_path, table, said):
    """
    What cannot work is told before anything starts.
    """
    (tmp_path / "versions").write_text("not a number")

    with pytest.raises(ValueError, match=f"^{said}"):
        make(ScriptedHTTP(), **table)


def test_MP15_any():
    """
    MP-15: unless the operator says otherwise, it is shown as the app server of any app.
    """
    table = {"provider": "mozilla"}

    assert "any" == build(mozilla.Options, table, "apps.fox").appName
    assert "fox" == build(mozilla.Options, {**table, "app-name": "fox"}, "apps.fox").appName


def test_lane(provider):
    """
    Devices share their fate with those on the same server; no lane holds an endpoint.
    """
    assert "fox/https://simplepush.example" == provider.lane(PHONE)
    assert "fox/https://other.example:8443" == provider.lane(targetOf("https://other.example:8443/push/secret"))


@pytest.mark.parametrize(
    ("summary", "left"),
    [
        (
            Summary(3, None, "romeo@example.org", "ü" * 2048),
            {"message-count": 3, "last-message-sender": "romeo@example.org"},
        ),
        (Summary(3, None, "x" * 4096, "Hi"), {"message-count": 3}),
    ],
)
def test_E10_sizes(provider, simplepush, clock, summary, left):
    """
    E10: of what is too large goes what fits: first the body is left out, then the senders.
    """
    send(provider, clock, Notification(summary=summary))

    assert [{"push-id": "push-1", **left}] == told(simplepush)


def test_C21_payloadSize(provider, simplepush, clock):
    """
    C21, E12: what the provider says fits arrives whole, and a little more does not.
    """
    for size in (provider.payloadSize, provider.payloadSize + 1):
        encrypted = Notification(Kind.CALL, encrypted=Encrypted("A" * 16, "x" * size, "voip"))
        resultOf(provider.send(PHONE, encrypted, f"00000000-0000-0000-0000-{size:012}", clock.seconds() + 60))

    assert [True, False] == ["encrypted-payload" in data for data in told(simplepush)]


def test_noAnswer(make, clock):
    """
    Silence is nobody's fault, and it is said whether the push may have been taken.
    """
    for maybe in (True, False):
        with pytest.raises(ProviderDown) as raised:
            send(make(ScriptedHTTP(TimedOut("no answer in time", maybeSent=maybe))), clock)

        assert maybe is raised.value.maybeSent


def test_MP74_notTrusted(make, clock):
    """
    MP-74: when the app's own server cannot prove who it is, it is the operator's move; when one that a client named
    cannot, it is nobody's.
    """
    distrust = NotTrusted("the certificate is not trusted")

    with pytest.raises(ProviderRefused, match="certificate"):
        send(make(ScriptedHTTP(distrust)), clock)
    with pytest.raises(ProviderDown, match="certificate"):
        send(make(ScriptedHTTP(distrust)), clock, target=targetOf("https://other.example/push/x"))


def test_notPermitted(make, clock):
    """
    A server that turns out to be at an address where we do not go concerns its devices alone. Where it is the app's
    own, the operator is told what to do about it.
    """
    failed = NotPermitted("no connection (not at a public address)")

    with pytest.raises(ProviderRefused, match="allowed-endpoints"):
        send(make(ScriptedHTTP(failed)), clock)
    with pytest.raises(Refused):
        send(make(ScriptedHTTP(failed)), clock, target=targetOf("https://other.example/push/x"))
