"""
Firebase Cloud Messaging: what is sent.
"""

import pytest

from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from tests.providers.fcmsupport import makeFCM, send
from tests.standins.http import httpTo

SECRET = Encrypted("aXY=", "cGF5bG9hZA==", "voip")


@pytest.fixture
def provider(account, google, clock):
    return makeFCM(account, httpTo(google, clock), clock)


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
