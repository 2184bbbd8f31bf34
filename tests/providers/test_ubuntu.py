"""
Ubuntu Touch: what is sent, to whom, and what becomes of what waits.
"""

from datetime import datetime

import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.apps import chosen
from pushsvc.config import build
from pushsvc.errors import BadForm, PayloadTooLarge, ProviderRefused, Throttled
from pushsvc.exchange import NotTrusted
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IProviderKind
from pushsvc.model import Encrypted, Kind, Notification, Summary
from pushsvc.providers import ubuntu
from tests.delivery.network import app
from tests.providers.contract import TOLD
from tests.providers.ubuntusupport import APPLICATION, ENDPOINT, SENT, TOKEN, device, makeUbuntu, send
from tests.standins.http import ScriptedHTTP, answer, httpTo
from tests.standins.ubports import UBports, refusal, tokenOf
from tests.support import resultOf

TOO_MANY = answer(413, refusal(413, "too-many-pending")["body"])


@pytest.fixture
def ubports(clock):
    return UBports(clock=clock.seconds)


@pytest.fixture
def provider(ubports, clock):
    return makeUbuntu(httpTo(ubports, clock), clock)


def fields(**given):
    return Fields({name.replace("_", "-"): (value,) for name, value in given.items()})


def test_kind():
    """
    The module is a provider kind.
    """
    assert verifyObject(IProviderKind, ubuntu)
    assert "ubuntu" in kinds.names("providers")


def test_MP71_D20_send(provider, ubports, clock):
    """
    MP-71, D20, MP-31: one request, which says whose device it is, until when it is wanted, and the summary under
    XEP-0357's names.
    """
    assert send(provider, clock)

    (push,) = ubports.arrived
    assert {"appid", "token", "expire_on", "replace_tag", "data"} == set(push)
    assert (APPLICATION, TOKEN) == (push["appid"], push["token"])
    assert clock.seconds() + 3600 == datetime.fromisoformat(push["expire_on"]).timestamp()
    assert TOLD == push["data"]


def test_MP30_empty(provider, ubports, clock):
    """
    MP-30: a notification without a summary wakes the device and says nothing.
    """
    send(provider, clock, Notification())

    assert {"push-id": "push-1"} == ubports.arrived[0]["data"]


@pytest.mark.parametrize("ttl", [30, 0, -3600, 10**12])
def test_expiry(provider, ubports, clock, ttl):
    """
    However little time is left, or however much: the server is told a date that is to come, and that there is.
    """
    assert send(provider, clock, ttl=ttl)

    kept = datetime.fromisoformat(ubports.arrived[0]["expire_on"]).timestamp() - clock.seconds()
    assert (60 if ttl < 60 else 28 * 86400) == kept


def test_replaceTag(provider, ubports, clock):
    """
    What is newer replaces what the phone has not fetched, kind by kind and registration by registration.
    """
    send(provider, clock, pushId="push-1")
    send(provider, clock, pushId="push-2")
    send(provider, clock, Notification(Kind.CALL), pushId="push-3")
    send(provider, clock, target=device(key="another node"), pushId="push-4")

    assert ["push-2", "push-3", "push-4"] == [push["data"]["push-id"] for push in ubports.arrived]


def test_replaceTagTellsNobody(provider, ubports, clock):
    """
    The tag gives away neither the account nor the node.
    """
    send(provider, clock, target=device(key="juliet@capulet.example"))

    assert "juliet" not in repr(ubports.requests)


def test_encryptedOnesStandSideBySide(provider, ubports, clock):
    """
    End-to-end encrypted payloads are not interchangeable; a further attempt for one replaces the first.
    """
    for pushId in ("push-1", "push-2", "push-2"):
        send(provider, clock, Notification(encrypted=Encrypted("aXY=", "cGF5bG9hZA==")), pushId=pushId)

    assert ["push-1", "push-2"] == [push["data"]["push-id"] for push in ubports.arrived]


def test_MP71_tooManyPending(provider, ubports, clock):
    """
    MP-71: when too many wait for the phone, the push is repeated once, and they give way to it.
    """
    ubports.most = 2
    for number in range(3):
        send(provider, clock, target=device(key=f"node {number}"), pushId=f"push-{number}")

    assert ["push-2"] == [push["data"]["push-id"] for push in ubports.arrived]
    assert [200, 200, 413, 200] == [request["status"] for request in ubports.requests]
    assert [False, False, False, True] == [request["body"].get("clear_pending", False) for request in ubports.requests]


def test_MP71_onlyOnce(clock):
    """
    MP-71: that is done once; the server may be asked again later.
    """
    http = ScriptedHTTP(TOO_MANY, TOO_MANY, SENT)

    with pytest.raises(Throttled):
        send(makeUbuntu(http, clock), clock)

    assert 2 == len(http.requests)


@pytest.mark.parametrize(
    ("summary", "left"),
    [
        (
            Summary(3, None, "romeo@example.org", "ü" * 1024),
            {"message-count": 3, "last-message-sender": "romeo@example.org"},
        ),
        (Summary(3, None, "x" * 2048, "Hi"), {"message-count": 3}),
    ],
)
def test_E10_sizes(provider, ubports, clock, summary, left):
    """
    E10: of what is too large goes what fits: first the body is left out, then the senders.
    """
    send(provider, clock, Notification(summary=summary))

    assert {"push-id": "push-1", **left} == ubports.arrived[0]["data"]


def test_E10_asMuchAsFits(provider, ubports, clock):
    """
    E10: what fits is not cut, even with the longest token that may register.
    """
    token = tokenOf(APPLICATION, "x" * 1000)
    provider.readTarget(fields(token=token, application_id=APPLICATION))

    send(provider, clock, Notification(summary=Summary(lastMessageBody="x" * 1990)), device(token))

    assert 1990 == len(ubports.arrived[0]["data"]["last-message-body"])


def test_C21_payloadSize(provider, ubports, clock):
    """
    C21: what the provider says fits arrives whole, and a little more does not.
    """
    for size in (provider.payloadSize, provider.payloadSize + 1):
        send(
            provider,
            clock,
            Notification(Kind.CALL, encrypted=Encrypted("A" * 16, "x" * size, "voip")),
            pushId=f"00000000-0000-0000-0000-{size:012}",
        )

    assert [True, False] == ["encrypted-payload" in push["data"] for push in ubports.arrived]


def test_noRoomAtAll(clock):
    """
    A token for which there never was room is not sent.
    """
    with pytest.raises(PayloadTooLarge):
        send(makeUbuntu(ScriptedHTTP(), clock), clock, target=device("x" * 5000))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"token": "t"},
        {"application_id": "a"},
        {"token": "", "application_id": "a"},
        {"token": "t", "application_id": " "},
        {"token": "t\x00", "application_id": "a"},
        {"token": "t", "application_id": "a\nb"},
        {"token": "t" * 800, "application_id": "a" * 800},
    ],
)
def test_MP16_readTargetRefuses(provider, given):
    """
    MP-16: a device registers with a token and an application id, both of which can be one.
    """
    with pytest.raises(BadForm) as raised:
        provider.readTarget(fields(**given))

    assert "tttt" not in str(raised.value)


@pytest.mark.parametrize("doubled", ["token", "application-id"])
def test_MP10_readTargetRefuses(provider, doubled):
    """
    MP-10: what is said twice is not taken.
    """
    given = {"token": (TOKEN,), "application-id": (APPLICATION,)}

    with pytest.raises(BadForm):
        provider.readTarget(Fields({**given, doubled: ("one", "another")}))


def test_MP16_readTarget(provider):
    """
    MP-16: both are kept as they are given.
    """
    assert (TOKEN, {"application-id": APPLICATION}) == provider.readTarget(
        fields(token=TOKEN, application_id=APPLICATION)
    )


def test_C24_applications(clock):
    """
    C24, C14: of several apps, one that names the device's application is meant, and takes no other.
    """
    mine = makeUbuntu(ScriptedHTTP(), clock, **{"application-ids": [APPLICATION]})
    anybodys = makeUbuntu(ScriptedHTTP(), clock)
    apps = [app(anybodys, "any", kind="ubuntu", default=True), app(mine, "mine", kind="ubuntu")]
    host = apps[0].registerHost

    assert "mine" == chosen(apps, host, "ubuntu", fields(token="t", application_id=APPLICATION)).name
    assert "any" == chosen(apps, host, "ubuntu", fields(token="t", application_id="another")).name
    with pytest.raises(BadForm):
        mine.readTarget(fields(token="t", application_id="another"))


def test_MP15_any():
    """
    MP-15: unless the operator says otherwise, it is shown as the app server of any app.
    """
    table = {"provider": "ubuntu"}

    assert "any" == build(ubuntu.Options, table, "apps.lark").appName
    assert "lark" == build(ubuntu.Options, {**table, "app-name": "lark"}, "apps.lark").appName


def test_lane(provider):
    """
    All devices share the server's fate.
    """
    assert "lark" == provider.lane(device())


def test_MP74_notTrusted(clock):
    """
    MP-74: somebody who cannot prove to be the push server is the operator's move.
    """
    with pytest.raises(ProviderRefused, match="certificate"):
        send(makeUbuntu(ScriptedHTTP(NotTrusted("the certificate is not trusted")), clock), clock)


@pytest.mark.parametrize("endpoint", ["http://push.example", "push.example", "https://"])
def test_theEndpoint(clock, endpoint):
    """
    What is no https URL cannot be the endpoint; a slash at its end makes no difference.
    """
    with pytest.raises(ValueError, match="endpoint"):
        makeUbuntu(ScriptedHTTP(), clock, endpoint=endpoint)

    http = ScriptedHTTP(SENT)
    send(makeUbuntu(http, clock, endpoint=f"{ENDPOINT}/"), clock)
    assert f"{ENDPOINT}/notify" == http.requests[0].url


def test_checkNeedsAPushServer(clock):
    """
    Whatever else is at the endpoint is found out before a device registers.
    """
    with pytest.raises(ProviderRefused):
        resultOf(makeUbuntu(ScriptedHTTP(answer(404, "<html>")), clock).check())
