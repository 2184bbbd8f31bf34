"""
Windows Push Notification Services: channels.
"""

import pytest

from pushsvc.errors import BadForm, Refused
from pushsvc.fields import Fields
from tests.providers.contract import targetOf
from tests.providers.fcmsupport import granted
from tests.providers.wnssupport import CHANNEL, RECEIVED, WINDOWS, makeWNS, send
from tests.standins.http import ScriptedHTTP, httpTo


@pytest.fixture
def provider(windows, clock):
    return makeWNS(httpTo(windows, clock), clock)


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
