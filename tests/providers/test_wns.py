"""
Windows Push Notification Services: what is sent, to whom, and as whom.
"""

import json
from base64 import b64decode

import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.errors import BadForm, PayloadTooLarge, ProviderDown, ProviderRefused, Refused, Throttled
from pushsvc.exchange import NotTrusted, TimedOut
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IProviderKind
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from pushsvc.providers import wns
from pushsvc.providers.takers import MANY
from tests.providers.contract import NOTIFICATION, targetOf
from tests.providers.fcmsupport import granted
from tests.providers.wnssupport import CHANNEL, ENTRA, PARTNER_CENTER, RECEIVED, WINDOWS, makeWNS
from tests.standins.http import ScriptedHTTP, answer, httpTo
from tests.standins.wns import TENANT, WNS
from tests.support import resultOf

UNAUTHORIZED = answer(401, b"", x_wns_status="dropped")


@pytest.fixture
def windows(clock):
    return WNS(clock=clock.seconds)


@pytest.fixture
def device(windows):
    return targetOf(windows.channelFor(WINDOWS, "device"))


@pytest.fixture
def provider(windows, clock):
    return makeWNS(httpTo(windows, clock), clock)


def send(provider, clock, target=CHANNEL, notification=NOTIFICATION, ttl=3600):
    return resultOf(provider.send(target, notification, "push-1", clock.seconds() + ttl))


def told(push):
    return json.loads(b64decode(push["body"], validate=True))


def test_kind():
    """
    The module is a provider kind.
    """
    assert verifyObject(IProviderKind, wns)
    assert "wns" in kinds.names("providers")


@pytest.mark.parametrize(
    ("credentials", "path"), [(ENTRA, f"/{TENANT}/oauth2/v2.0/token"), (PARTNER_CENTER, "/accesstoken.srf")]
)
def test_MP72_D21_send(windows, device, clock, credentials, path):
    """
    MP-72, D21: an access token is obtained where the app is known, and under it goes one raw notification to the
    channel, every escape of which is as WNS made it.
    """
    provider = makeWNS(httpTo(windows, clock), clock, **credentials)

    assert send(provider, clock, device)

    asked, sent = windows.requests
    assert (path, 200) == (asked["path"], asked["status"])
    assert f"{WINDOWS}/?{sent['query']}" == device.token
    assert ("wns/raw", "application/octet-stream") == (sent["headers"]["x-wns-type"], sent["headers"]["content-type"])
    assert sent["headers"]["authorization"].startswith("Bearer EgAcAQ")


def test_MP72_theBody(provider, windows, device, clock):
    """
    MP-72, MP-31: clients of mod_push get what they know: base64 of JSON, with the summary under XEP-0357's names.
    """
    send(provider, clock, device)

    assert {
        "push-id": "push-1",
        "message-count": 3,
        "last-message-sender": "romeo@montague.example/orchard",
        "last-message-body": "Wherefore art thou?",
        "pending-subscription-count": 1,
        "last-subscription-sender": "paris@verona.example",
    } == told(windows.arrived[0])


def test_MP30_empty(provider, windows, device, clock):
    """
    MP-30: a notification without a summary wakes the device and says nothing.
    """
    send(provider, clock, device, Notification())

    assert {"push-id": "push-1"} == told(windows.arrived[0])


@pytest.mark.parametrize(("ttl", "kept"), [(3600, "3600"), (1.5, "1"), (10**12, "2419200")])
def test_ttl(provider, windows, device, clock, ttl, kept):
    """
    WNS keeps a notification for a device that is away, for as long as anybody wants it.
    """
    windows.offline.add(device.token.partition("?")[2])

    assert send(provider, clock, device, ttl=ttl)

    headers = windows.arrived[0]["headers"]
    assert ("cache", kept) == (headers["x-wns-cache-policy"], headers["x-wns-ttl"])


@pytest.mark.parametrize("ttl", [0.5, 0, -60])
def test_nowOrNever(provider, windows, device, clock, ttl):
    """
    What nobody wants later is for a device that is there now; that it was dropped is told.
    """
    assert send(provider, clock, device, ttl=ttl)

    windows.offline.add(device.token.partition("?")[2])
    assert send(provider, clock, device, ttl=ttl) is False
    assert 1 == len(windows.arrived)


@pytest.mark.parametrize("header", ["x_wns_status", "x_wns_notificationstatus"])
@pytest.mark.parametrize(
    ("word", "taken"), [("received", True), ("Received", True), ("dropped", False), ("queued", True)]
)
def test_theStatusIsReadWith200Too(clock, header, word, taken):
    """
    With 200, too, WNS says what becomes of the notification: whether it may be counted as delivered.
    """
    http = ScriptedHTTP(granted(), answer(200, b"", **{header: word}))

    assert taken is send(makeWNS(http, clock), clock)


@pytest.mark.parametrize("header", ["x_wns_status", "x_wns_notificationstatus"])
def test_throttledWith200(clock, header):
    """
    With 200, too, WNS says that a channel has had too much, and for how long.
    """
    said = answer(200, b"", **{header: "channelthrottled", "x_wns_continue_after": "30"})

    with pytest.raises(Throttled) as raised:
        send(makeWNS(ScriptedHTTP(granted(), said), clock), clock)

    assert 30.0 == raised.value.retryAfter


def test_D22_tokenIsKept(provider, windows, device, clock):
    """
    D22, X-6: one access token does for many pushes, until shortly before it ends.
    """
    for passed in (0, 3600, 82000, 1000):
        clock.advance(passed)
        send(provider, clock, device)

    assert 2 == len(windows.asked(f"/{TENANT}/oauth2/v2.0/token"))
    assert 4 == len(windows.arrived)


def test_MP72_D22_renewedOn401(provider, windows, device, clock):
    """
    MP-72, D22: an access token that WNS does not take any more is renewed once, and the push repeated.
    """
    send(provider, clock, device)
    windows.tokensExpire()

    assert send(provider, clock, device)

    assert [200, 200, 401, 200, 200] == [request["status"] for request in windows.requests]


def test_D22_neverTaken(clock):
    """
    D22: when WNS does not take the new one either, it is the operator's move, and no device is to blame.
    """
    http = ScriptedHTTP(granted("T1"), UNAUTHORIZED, granted("T2"), UNAUTHORIZED)

    with pytest.raises(ProviderRefused, match="WNS: 401"):
        send(makeWNS(http, clock), clock)

    assert ["Bearer T1", "Bearer T2"] == [http.requests[at].headers["Authorization"] for at in (1, 3)]


def test_noToken(clock):
    """
    What Microsoft does not like about our credentials is the operator's move; nothing was sent to the device.
    """
    http = ScriptedHTTP(answer(401, {"error": "invalid_client", "error_description": "s3cret"}))

    with pytest.raises(ProviderRefused, match="invalid_client") as raised:
        send(makeWNS(http, clock), clock)

    assert 1 == len(http.requests)
    assert "s3cret" not in str(raised.value)


def test_forbidden(windows, device, provider, clock):
    """
    403 is the operator's move while WNS has taken nothing of ours; once it has, it is the channel that is another
    app's, and no alarm is raised for whoever registers such. Not either when our access token is a new one.
    """
    stray = targetOf(windows.channelFor(WINDOWS, "stray"))
    windows.others.add(stray.token.partition("?")[2])

    with pytest.raises(ProviderRefused):
        send(provider, clock, stray)
    send(provider, clock, device)
    with pytest.raises(Refused):
        send(provider, clock, stray)
    clock.advance(2 * 86400)
    with pytest.raises(Refused):
        send(provider, clock, stray)


def test_forbiddenToAll(windows, device, provider, clock):
    """
    When WNS takes nothing any more and forbids one channel after the other, it is the operator's move all the same;
    one channel that is forbidden again and again says nothing of the others.
    """
    strays = [targetOf(windows.channelFor(WINDOWS, f"stray{number}")) for number in range(MANY + 1)]
    windows.others |= {stray.token.partition("?")[2] for stray in strays}
    said = []

    for _ in range(2):
        send(provider, clock, device)
        for stray in [strays[0]] * MANY + strays:
            with pytest.raises((Refused, ProviderRefused)) as raised:
                send(provider, clock, stray)
            said.append(type(raised.value))

    assert ([Refused] * 2 * MANY + [ProviderRefused]) * 2 == said


@pytest.mark.parametrize(
    ("said", "channel"),
    [
        (f"{WINDOWS}/?token=AwYA%2fx%2bx%3d", None),
        (f"{WINDOWS.upper()}/?token=AwYA", None),
        ("https://wns2-by3p.wns.windows.com/?token=AwYA", None),
        # Uri.EscapeUriString, and Uri.EscapeDataString.
        (f"{WINDOWS}/?token=AwYA%252fx%253d", f"{WINDOWS}/?token=AwYA%2fx%3d"),
        ("https%3A%2F%2Fdb5p.notify.windows.com%2F%3Ftoken%3DAwYA%252fx%253d", f"{WINDOWS}/?token=AwYA%2fx%3d"),
        # Escaped once only: a token that holds a percent sign.
        (f"{WINDOWS}/?token=AwYA%2f%252f", None),
    ],
)
def test_MP17_readTarget(provider, said, channel):
    """
    MP-17: a channel is kept as WNS made it; what a client of 2015 has escaped once more is undone, once.
    """
    assert (channel or said, {}) == provider.readTarget(Fields({"token": (said,)}))


@pytest.mark.parametrize(
    "said",
    [
        "",
        "not-a-channel",
        "http://db5p.notify.windows.com/?token=AwYA",
        "https://notify.windows.com.evil.example/?token=AwYA",
        "https://evil.example/?x=.notify.windows.com",
        "https://evil.example#.notify.windows.com",
        "https://evilwindows.com/?token=AwYA",
        "https://abandoned.windows.com/?token=AwYA",
        "https://evilnotify.windows.com/?token=AwYA",
        "https://user@db5p.notify.windows.com/?token=AwYA",
        "https://evil.example\\.notify.windows.com/",
        "https://127.0.0.1/?token=AwYA",
        "https%3A%2F%2Fevil.example%2F%3Ftoken%3DAwYA",
        "https%253A%252F%252Fdb5p.notify.windows.com%252F",
        f"{WINDOWS}/?token=a b",
        f"{WINDOWS}/?token=a\r\nX: y",
        f"{WINDOWS}/?token={'x' * 2048}",
    ],
)
def test_MP17_H13_readTargetRefuses(provider, said):
    """
    MP-17, H13: what is no channel of WNS is not taken: our access token would be sent there.
    """
    with pytest.raises(BadForm) as raised:
        provider.readTarget(Fields({"token": (said,)}))

    assert "evil" not in str(raised.value)


def test_MP10_readTargetRefuses(provider):
    """
    MP-10: a channel is missing, or there are two.
    """
    for fields in ({}, {"token": (CHANNEL.token, CHANNEL.token + "x")}):
        with pytest.raises(BadForm):
            provider.readTarget(Fields(fields))


def test_allowedEndpoints(clock):
    """
    The operator may allow other servers, and our access token goes there only as long as they are allowed.
    """
    channel = targetOf("https://wns.example.org:8443/?token=AwYA")
    allowing = makeWNS(ScriptedHTTP(granted(), RECEIVED), clock, **{"allowed-endpoints": ["https://wns.example.org:*"]})
    later = ScriptedHTTP()

    assert (channel.token, {}) == allowing.readTarget(Fields({"token": (channel.token,)}))
    assert send(allowing, clock, channel)
    with pytest.raises(Refused):
        send(makeWNS(later, clock), clock, channel)
    assert [] == later.requests


def test_lane(provider):
    """
    Devices share their fate with those of the same app on the same server; no lane holds a channel.
    """
    assert f"chatninja/{WINDOWS}" == provider.lane(CHANNEL)
    assert "chatninja/nowhere" == provider.lane(targetOf("secret"))


@pytest.mark.parametrize(
    ("summary", "left"),
    [
        (
            Summary(3, None, "romeo@example.org", "ü" * 2000),
            {"message-count": 3, "last-message-sender": "romeo@example.org"},
        ),
        (Summary(3, None, "x" * 4000, "Hi"), {"message-count": 3}),
    ],
)
def test_E10_sizes(provider, windows, device, clock, summary, left):
    """
    E10: of what is too large for WNS goes what fits: first the body is left out, then the senders.
    """
    send(provider, clock, device, Notification(summary=summary))

    assert {"push-id": "push-1", **left} == told(windows.arrived[0])


def test_E10_asMuchAsFits(provider, windows, device, clock):
    """
    E10: what fits is not cut: 3750 bytes, which are 5000 in base64.
    """
    room = 3750 - len('{"push-id":"push-1","last-message-body":""}')

    for size in (room, room + 1):
        send(provider, clock, device, Notification(summary=Summary(lastMessageBody="x" * size)))

    assert [5000, "x" * room] == [len(windows.arrived[0]["body"]), told(windows.arrived[0])["last-message-body"]]
    assert {"push-id": "push-1"} == told(windows.arrived[1])


def test_C21_payloadSize(provider, windows, device, clock):
    """
    C21, E12: what the provider says fits arrives whole, as it came, and a little more does not.
    """
    for size in (provider.payloadSize, provider.payloadSize + 1):
        encrypted = Encrypted("A" * 16, "x" * size, "voip")
        pushId = f"00000000-0000-0000-0000-{size:012}"
        resultOf(provider.send(device, Notification(Kind.CALL, encrypted=encrypted), pushId, clock.seconds() + 60))

    first, second = map(told, windows.arrived)
    assert ("x" * provider.payloadSize, "A" * 16) == (first["encrypted-payload"], first["encrypted-iv"])
    assert "encrypted-payload" not in second


def test_E16_kinds(provider, windows, device, clock):
    """
    E16, E18: what is not a message says what it is.
    """
    send(provider, clock, device, Notification(Kind.CALL, Priority.HIGH))

    assert {"push-id": "push-1", "kind": "call"} == told(windows.arrived[0])


def test_tooLargeAllTheSame(clock):
    """
    When WNS takes less than it says, there is less to be sent.
    """
    with pytest.raises(PayloadTooLarge):
        send(makeWNS(ScriptedHTTP(granted(), answer(413, b"")), clock), clock)


def test_noAnswer(clock):
    """
    Silence is nobody's fault, and it is said whether the push may have been taken.
    """
    for maybe in (True, False):
        http = ScriptedHTTP(granted(), TimedOut("no answer in time", maybeSent=maybe))

        with pytest.raises(ProviderDown) as raised:
            send(makeWNS(http, clock), clock)

        assert maybe is raised.value.maybeSent


def test_MP74_notTrusted(clock):
    """
    MP-74: somebody who cannot prove to be Microsoft learns no secret, and is the operator's move; a channel's server
    that cannot was named by a client, and is nobody's.
    """
    distrust = NotTrusted("the certificate is not trusted")

    with pytest.raises(ProviderRefused, match="certificate"):
        send(makeWNS(ScriptedHTTP(distrust), clock), clock)
    with pytest.raises(ProviderDown, match="certificate"):
        send(makeWNS(ScriptedHTTP(granted(), distrust), clock), clock)


def test_check(clock):
    """
    Whether our credentials are good is said by the token endpoint.
    """
    resultOf(makeWNS(ScriptedHTTP(granted()), clock).check())

    with pytest.raises(ProviderRefused):
        resultOf(makeWNS(ScriptedHTTP(answer(400, {"error": "invalid_scope"})), clock).check())
