"""
Windows Push Notification Services: as whom we speak, and what becomes of it.
"""

import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.errors import PayloadTooLarge, ProviderDown, ProviderRefused, Refused, Throttled
from pushsvc.exchange import NotTrusted, TimedOut
from pushsvc.ipushsvc import IProviderKind
from pushsvc.providers import wns
from pushsvc.providers.takers import MANY
from tests.providers.contract import targetOf
from tests.providers.fcmsupport import granted
from tests.providers.wnssupport import ENTRA, PARTNER_CENTER, WINDOWS, makeWNS, send
from tests.standins.http import ScriptedHTTP, answer, httpTo
from tests.standins.wns import TENANT
from tests.support import resultOf

UNAUTHORIZED = answer(401, b"", x_wns_status="dropped")


@pytest.fixture
def device(windows):
    return targetOf(windows.channelFor(WINDOWS, "device"))


@pytest.fixture
def provider(windows, clock):
    return makeWNS(httpTo(windows, clock), clock)


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
