"""
Firebase Cloud Messaging: what Android shows by itself, for those who wish it in MongooseIM's words (R14, R15).
"""

import json

import pytest

from pushsvc.apps import App
from pushsvc.config import ConfigurationError
from pushsvc.fields import Fields
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from pushsvc.targets import ofOptions
from tests.providers.contract import NOTIFICATION, TOLD
from tests.providers.fcmsupport import makeFCM, send
from tests.standins.http import httpTo
from tests.support import resultOf

SHOWING = {"silent": "false"}
# All that is told, as text, for FCM knows nothing else.
DATA = {name: str(value) for name, value in TOLD.items()}


@pytest.fixture
def make(account, google, clock):
    return lambda **more: makeFCM(account, httpTo(google, clock), clock, **more)


@pytest.fixture
def provider(make):
    return make()


def said(sender="romeo@montague.example", body="Hi", count=3, priority=Priority.HIGH):
    return Notification(priority=priority, summary=Summary(count, lastMessageSender=sender, lastMessageBody=body))


def options(**more):
    """
    The publish options of MongooseIM as a provider gets them.
    """
    words = {"service": "fcm", "device_id": "t0ken", "token": "t0ken", **more}
    return Fields({name: (value,) for name, value in words.items()})


def shown(google):
    return [message["android"].get("notification") for message in google.messages]


def test_MIM43_R14_alert(provider, google, clock):
    """
    MIM-43, R14: who wrote what is shown: the sender is its title and its tag, the count its badge, a number; what is
    not shown goes as data.
    """
    send(provider, clock, **SHOWING)

    assert [
        {
            "token": "token-1",
            "data": {
                "push-id": "push-1",
                "pending-subscription-count": "1",
                "last-subscription-sender": "paris@verona.example",
            },
            "android": {
                "priority": "HIGH",
                "ttl": "60s",
                "notification": {
                    "title": "romeo@montague.example/orchard",
                    "body": "Wherefore art thou?",
                    "tag": "romeo@montague.example/orchard",
                    "notification_count": 3,
                },
            },
        }
    ] == google.messages


def test_MIM43_silent(make, google, clock):
    """
    MIM-43: a device that wants it silent gets data only, with every field of the summary, whatever the app is set to.
    """
    for alerts in ("wished", "always", "never"):
        send(make(alerts=alerts), clock, silent="true")

    assert [None] * 3 == shown(google)
    assert [DATA] * 3 == [message["data"] for message in google.messages]


@pytest.mark.parametrize(
    ("words", "silent"),
    [({}, "false"), ({"silent": "true"}, "true"), ({"silent": "0"}, "0"), ({"silent": "perhaps"}, "false")],
)
def test_R14_R15_whoSpeaksMongooseIMs(provider, words, silent):
    """
    R14, R15: who names his device in MongooseIM's publish options wishes to be shown something, unless he says
    otherwise.
    """
    token, details = provider.readTarget(options(**words))

    assert ("t0ken", {"kind": "token", "silent": silent}) == (token, details)


def test_registeredDevicesWishNothing(provider, google, clock):
    """
    Of a device that is registered nothing is shown unless it wishes it: its app shows what it likes.
    """
    _, details = provider.readTarget(Fields({"token": ("t",), "service": ("fcm",)}))
    send(provider, clock, **details)

    assert {"kind": "token"} == details
    assert [None] == shown(google)


@pytest.mark.parametrize(
    ("alerts", "details", "isShown"),
    [
        ("wished", {}, False),
        ("wished", SHOWING, True),
        ("always", {}, True),
        ("always", {"silent": "nonsense"}, True),
        ("never", SHOWING, False),
    ],
)
def test_whoseAlerts(make, google, clock, alerts, details, isShown):
    """
    The operator says whose messages Android shows: of those who wish it, of all who do not wish otherwise, or of
    nobody.
    """
    send(make(alerts=alerts), clock, **details)

    assert [isShown] == [alert is not None for alert in shown(google)]


def test_R14_options(provider, google, clock):
    """
    R14: the sound and what is opened are as the device wishes; what concerns Apple alone is passed over.
    """
    wishes = {"sound": "ding", "click_action": "OPEN_CHAT", "mutable_content": "true", "topic": "x", "mode": "dev"}

    _, details = provider.readTarget(options(**wishes, time_to_live="30"))
    send(provider, clock, said(), **details)

    (message,) = google.messages
    assert ("30s", "ding", "OPEN_CHAT") == (
        message["android"]["ttl"],
        *(message["android"]["notification"][name] for name in ("sound", "click_action")),
    )
    assert {"data", "android", "token"} == message.keys()


def appOf(provider, **more):
    return App("chatninja", "chatninja", "fcm", provider, "push.example.net", "push.example.net", **more)


def test_R15_outOfThePublish(provider, google, clock):
    """
    R15: a device that stands in a publish alone is shown what its options wish.
    """
    publishOptions = {"service": ("fcm",), "device_id": ("t0ken",), "sound": ("ding",)}

    target = ofOptions([appOf(provider)], None, publishOptions)
    assert resultOf(provider.send(target, said(), "push-1", clock.seconds() + 60))

    assert "t0ken" == google.messages[0]["token"]
    assert [("romeo@montague.example", "Hi", "ding")] == [
        (alert["title"], alert["body"], alert["sound"]) for alert in shown(google)
    ]


@pytest.mark.parametrize(("wish", "word"), [("normal", "NORMAL"), ("high", "HIGH"), ("what", "HIGH")])
def test_R14_priority(make, google, clock, wish, word):
    """
    R14: a push that its device wishes less urgent shows what it would show.
    """
    provider = make(alert_body="Something is waiting")
    _, details = provider.readTarget(options(priority=wish))

    send(provider, clock, said(body=None), **details)
    send(provider, clock, said(body=None, priority=Priority.NORMAL), **details)

    assert word == google.messages[0]["android"]["priority"]
    assert [True, False] == [alert is not None for alert in shown(google)]


@pytest.mark.parametrize("content", ["counts", "none"])
def test_whatIsWithheldIsNotShown(make, google, clock, content):
    """
    Nothing that somebody wrote, nor who, is shown where the app's configuration withholds it.
    """
    provider = make(alert_body="New message")

    send(provider, clock, appOf(provider, content=content).allowed(NOTIFICATION), **SHOWING)

    (alert,) = shown(google)
    assert ("New message", "New message") == (alert["title"], alert["body"])
    assert [] == [word for word in ("romeo", "Wherefore", "paris") if word in json.dumps(google.messages)]


@pytest.mark.parametrize(
    "notification",
    [
        Notification(),
        Notification(priority=Priority.HIGH),
        said(body=None),
        said(sender=None),
        said(body=""),
        Notification(Kind.CALL, Priority.HIGH, NOTIFICATION.summary),
        Notification(Kind.CLEAR, summary=Summary(0)),
        Notification(priority=Priority.HIGH, encrypted=Encrypted("aXY=", "cGF5bG9hZA=="), summary=NOTIFICATION.summary),
    ],
)
def test_MIM44_nothingToShow(provider, google, clock, notification):
    """
    MIM-44: without sender or body nothing is shown; unlike MongooseIM, who sends nothing then, the device is woken.
    Calls and what is encrypted are for the app.
    """
    send(provider, clock, notification, **SHOWING)

    (message,) = google.messages
    assert "notification" not in message["android"]
    assert "push-1" == message["data"]["push-id"]


def test_MIM44_textForWhatIsNotTold(make, google, clock):
    """
    MIM-44: an app may have a text for messages that matter and of which little is told: nothing of what was written.
    """
    provider = make(alert_title="Chat", alert_body="Something is waiting")

    for notification in (
        said(sender=None, body=None),
        said(body=None),
        said(sender=None),
        said(body=None, priority=Priority.NORMAL),
        Notification(Kind.CALL, Priority.HIGH),
    ):
        send(provider, clock, notification, **SHOWING)

    title = {"title": "Chat", "body": "Something is waiting", "notification_count": 3}
    sender = {"title": "romeo@montague.example", "tag": "romeo@montague.example"}
    assert [title, title | sender, title, None, None] == shown(google)


@pytest.mark.parametrize(
    ("count", "badge"), [(None, None), (0, None), (-4, None), (1, 1), (2**31 - 1, 2**31 - 1), (2**40, 2**31 - 1)]
)
def test_MIM43_badge(provider, google, clock, count, badge):
    """
    MIM-43: the badge is a number that FCM takes.
    """
    send(provider, clock, said(count=count), **SHOWING)

    (alert,) = shown(google)
    assert badge == alert.get("notification_count")


def test_E10_alertsFit(provider, google, clock):
    """
    E10: what is shown counts with the data: a long text is shortened, and what is too large even so is left out.
    """
    send(provider, clock, said(body="ü" * 5000), **SHOWING)
    send(provider, clock, said(sender="x" * 3500, body="\U0001f98a" * 800), **SHOWING)

    long, large = google.messages
    assert "ü" * 799 + "…" == long["android"]["notification"]["body"]
    assert "notification" not in large["android"]
    assert {"push-id": "push-1", "message-count": "3", "last-message-sender": "x" * 3500} == large["data"]


def test_alertsThatAreMostlyWishes(make, google, clock):
    """
    However long the wishes are that can be wished, a push fits.
    """
    provider = make(alert_title="ü" * 200, alert_body="\U0001f98a" * 200)
    wishes = {"sound": "\U0001f98a" * 255, "click_action": "\U0001f98a" * 255}

    send(provider, clock, said(body=None, sender="x" * 4000), **SHOWING, **wishes)

    (alert,) = shown(google)
    assert ("ü" * 200, "\U0001f98a" * 200) == (alert["title"], alert["body"])
    assert len(json.dumps(google.messages[0], ensure_ascii=False).encode()) < 4500


@pytest.mark.parametrize("keys", [{"alerts": "loud"}, {"alert_body": ""}, {"alert_title": "x" * 201}])
def test_alertsThatCannotBe(make, keys):
    """
    An app whose alerts could not be is refused at the start.
    """
    with pytest.raises(ConfigurationError, match=rf"apps\.chatninja\.{next(iter(keys)).replace('_', '-')}"):
        make(**keys)
