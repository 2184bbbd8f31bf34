"""
What devices wish in MongooseIM's words, through our own providers.
"""

import pytest

from pushsvc.errors import BadForm
from pushsvc.fields import Fields
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from pushsvc.providers import apns
from pushsvc.providers.wishes import NONE, readWishes, wishesOf
from tests.providers.apnssupport import DEVICE, PUSH_ID, makeAPNs, makeStandIn
from tests.providers.contract import NOTIFICATION, targetOf
from tests.providers.fcmsupport import makeFCM
from tests.standins.apns import StandInHTTP
from tests.standins.applekeys import TOPIC
from tests.standins.http import httpTo
from tests.support import resultOf


@pytest.fixture
def apple(clock):
    return makeStandIn(clock)


@pytest.fixture
def provider(apple, clock):
    return makeAPNs(StandInHTTP(apple), clock, category="usual")


def send(provider, clock, notification=NOTIFICATION, ttl=600, **details):
    assert resultOf(provider.send(targetOf(DEVICE, **details), notification, PUSH_ID, clock.seconds() + ttl))


def aps(apple):
    return apple.requests[-1]["body"]["aps"]


@pytest.mark.parametrize(
    ("said", "read"),
    [
        ({"silent": "true", "sound": "ding.aiff"}, {"silent": "true", "sound": "ding.aiff"}),
        ({"silent": "perhaps", "time_to_live": "-1", "sound": "x" * 300, "click_action": "a\0b"}, {}),
        ({"topic": "t", "priority": "high", "what": "x"}, {"priority": "high"}),
        ({"priority": "low"}, {}),
        ({"time_to_live": "60", "mutable_content": "0"}, {"time_to_live": "60", "mutable_content": "0"}),
    ],
)
def test_R10_wishesAreRead(said, read):
    """
    R-10: What makes sense is taken from what a device says; the rest is passed over.
    """
    assert read == readWishes(Fields({name: (value,) for name, value in said.items()}))


def test_wishesSaidTwice():
    """
    A registration that wishes a thing twice is refused.
    """
    with pytest.raises(BadForm):
        readWishes(Fields({"sound": ("a", "b")}))


def test_R10_ofTheRegistration(provider, clock, account, google):
    """
    R-10: Both our providers take wishes with the token, and the environment and the topic where there are any.
    """
    said = {"token": DEVICE, "environment": "sandbox", "topic": TOPIC, "sound": "ding", "priority": "high"}
    fields = Fields({name: (value,) for name, value in said.items()})

    _, ofAPNs = provider.readTarget(fields)
    _, ofFCM = makeFCM(account, httpTo(google, clock), clock).readTarget(fields)

    assert {"environment": "sandbox", "topic": TOPIC, "sound": "ding", "priority": "high"} == ofAPNs
    assert {"kind": "token", "sound": "ding", "priority": "high"} == ofFCM


def test_R10_alerts(provider, apple, clock):
    """
    R-10: Sound, category and the service extension are as the device wishes; of others they stay as they are.
    """
    send(provider, clock, sound="ding.aiff", click_action="open", mutable_content="false")
    wished = aps(apple)
    send(provider, clock)

    assert ("ding.aiff", "open") == (wished["sound"], wished["category"])
    assert "mutable-content" not in wished
    assert ("default", "usual", 1) == tuple(aps(apple)[name] for name in ("sound", "category", "mutable-content"))


def test_R10_silent(provider, apple, clock):
    """
    R-10: A silent push wakes the app and shows nothing, whatever it is about; one that is not, shows what it did.
    """
    call, sealed = Notification(Kind.CALL, Priority.HIGH), Notification(encrypted=Encrypted("i", "p"))
    for notification in (NOTIFICATION, call, sealed):
        send(provider, clock, notification, silent="true")
        assert {"content-available": 1} == aps(apple)
        headers = apple.requests[-1]["headers"]
        assert ("background", "5") == (headers["apns-push-type"], headers["apns-priority"])

    assert NOTIFICATION.summary.lastMessageBody == apple.requests[0]["body"]["last-message-body"]
    send(provider, clock, silent="false")
    assert "alert" in aps(apple)


@pytest.mark.parametrize(
    ("wish", "priority", "sent"),
    [
        ("normal", Priority.HIGH, ("alert", "5")),
        ("high", Priority.NORMAL, ("background", "5")),
        ("high", Priority.HIGH, ("alert", "10")),
    ],
)
def test_R10_priority(provider, apple, clock, wish, priority, sent):
    """
    R-10: How urgent a push is and what it shows are two things: who wishes it less urgent is shown the same.
    """
    send(provider, clock, Notification(priority=priority), priority=wish)

    headers = apple.requests[-1]["headers"]
    assert sent == (headers["apns-push-type"], headers["apns-priority"])


def test_R10_priorityOfCalls(provider, apple, clock):
    """
    R-10: A call is urgent, whatever is wished.
    """
    send(provider, clock, Notification(Kind.CALL, Priority.HIGH), priority="normal")

    assert "10" == apple.requests[-1]["headers"]["apns-priority"]


def test_R10_silentIsNoCall(provider, apple, clock):
    """
    R-10: PushKit's pushes ring nevertheless: iOS ends apps that let them pass.
    """
    send(provider, clock, Notification(Kind.CALL, Priority.HIGH, Summary()), silent="true", voip="ff" * 32)

    assert "voip" == apple.requests[-1]["headers"]["apns-push-type"]


@pytest.mark.parametrize(("wished", "kept"), [("60", 60), ("0", 0), ("6000", 600), ("x", 600)])
def test_R10_timeToLive(provider, apple, clock, account, google, wished, kept):
    """
    R-10: Networks keep a push for as long as the device wishes, and never longer than it is wanted.
    """
    send(provider, clock, time_to_live=wished)
    fcm = makeFCM(account, httpTo(google, clock), clock)
    resultOf(fcm.send(targetOf("t", time_to_live=wished), NOTIFICATION, "p", clock.seconds() + 600))

    expected = str(int(clock.seconds()) + kept) if kept else "0"
    assert expected == apple.requests[-1]["headers"]["apns-expiration"]
    assert f"{kept}s" == google.messages[0]["android"]["ttl"]


def test_wishesAreBounded(provider, apple, clock):
    """
    However many wishes there are, so many are remembered; and none costs those who wish nothing anything.
    """
    for number in range(apns.SHAPES + 10):
        send(provider, clock, sound=f"s{number}")
        assert f"s{number}" == aps(apple)["sound"]

    assert len(provider._shapes) <= apns.SHAPES
    assert wishesOf({"voip": "x", "topic": "t"}) is NONE
