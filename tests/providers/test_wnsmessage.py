"""
Windows Push Notification Services: what is sent.
"""

import pytest

from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from tests.providers.contract import TOLD, targetOf
from tests.providers.wnssupport import WINDOWS, makeWNS, send, told
from tests.standins.http import httpTo
from tests.support import resultOf


@pytest.fixture
def device(windows):
    return targetOf(windows.channelFor(WINDOWS, "device"))


@pytest.fixture
def provider(windows, clock):
    return makeWNS(httpTo(windows, clock), clock)


def test_MP72_theBody(provider, windows, device, clock):
    """
    MP-72, MP-31: clients of mod_push get what they know: base64 of JSON, with the summary under XEP-0357's names.
    """
    send(provider, clock, device)

    assert TOLD == told(windows.arrived[0])


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
