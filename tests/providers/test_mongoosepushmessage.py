"""
MongoosePush: what is sent.
"""

import pytest

from pushsvc.errors import BadRequest
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from tests.providers.contract import TOLD, targetOf
from tests.providers.mongoosepushsupport import FCM, makeMongoosePush, send
from tests.standins.http import httpTo
from tests.support import resultOf

SECRET = Encrypted("aXY=", "cGF5bG9hZA==", "voip")
APNS = {"service": "apns"}


@pytest.fixture(params=["v3", "v2"])
def provider(request, gateway, clock):
    return makeMongoosePush(httpTo(gateway, clock), clock, api_version=request.param)


def said(sender="romeo@montague.example", body="Hi"):
    summary = Summary(3, lastMessageSender=sender, lastMessageBody=body)
    return Notification(priority=Priority.HIGH, summary=summary)


def test_MIM43_D23_alert(provider, gateway, clock):
    """
    MIM-43, D23: who wrote what is an alert: the sender is its title and its tag, the count its badge, a number; what
    the alert does not show goes as data.
    """
    send(provider, clock)

    assert [
        {
            "device_id": "token-1",
            "service": "fcm",
            "priority": "high",
            "time_to_live": 60,
            "alert": {
                "title": "romeo@montague.example/orchard",
                "tag": "romeo@montague.example/orchard",
                "body": "Wherefore art thou?",
                "badge": 3,
            },
            "data": {
                "push-id": "push-1",
                "pending-subscription-count": 1,
                "last-subscription-sender": "paris@verona.example",
            },
        }
    ] == gateway.pushes


def test_MIM43_silent(provider, gateway, clock):
    """
    MIM-43: a device that wants it silent gets data only, with every field of the summary and the count as a number.
    """
    send(provider, clock, **FCM, silent="true")

    (push,) = gateway.pushes
    assert "alert" not in push
    assert TOLD == push["data"]


@pytest.mark.parametrize(
    "notification",
    [
        Notification(),
        Notification(priority=Priority.HIGH),
        said(body=None),
        said(sender=None),
        Notification(Kind.CALL, Priority.HIGH),
        Notification(Kind.CLEAR, summary=Summary(0)),
        Notification(encrypted=SECRET),
    ],
)
@pytest.mark.parametrize("details", [FCM, APNS])
def test_MIM44_nothingToShow(provider, gateway, clock, notification, details):
    """
    MIM-44: without sender or body there is no alert; unlike MongooseIM, who sends nothing then, the device is woken.
    """
    send(provider, clock, notification, **details)

    (push,) = gateway.pushes
    assert "alert" not in push
    assert "push-1" == push["data"]["push-id"]


def test_MIM44_textForWhatIsNotTold(gateway, clock):
    """
    MIM-44: an app may have a text for messages of which little is told; calls and what was read elsewhere have none.
    """
    provider = makeMongoosePush(httpTo(gateway, clock), clock, alert_title="Chat", alert_body="New message")

    for notification in (
        Notification(encrypted=SECRET),
        said(sender=None),
        Notification(Kind.CALL, Priority.HIGH),
        Notification(Kind.CLEAR),
        Notification(),
    ):
        send(provider, clock, notification)

    first, second, *others = gateway.pushes
    assert {"title": "Chat", "body": "New message"} == first["alert"]
    assert "cGF5bG9hZA==" == first["data"]["encrypted-payload"]
    assert {"title": "Chat", "body": "New message", "badge": 3} == second["alert"]
    assert [False] * 3 == ["alert" in push for push in others]


def test_MIM46_types(provider, gateway, clock):
    """
    MIM-46: options are text, and MongoosePush gets the numbers and truths that its schema wants.
    """
    send(
        provider,
        clock,
        ttl=600,
        service="apns",
        mode="dev",
        topic="org.example.chat",
        priority="normal",
        sound="ding.caf",
        click_action="MESSAGE",
        mutable_content="true",
        time_to_live="30",
    )

    (push,) = gateway.pushes
    assert ("dev", "org.example.chat", "normal") == (push["mode"], push["topic"], push["priority"])
    assert (True, 30) == (push["mutable_content"], push["time_to_live"])
    assert ("ding.caf", "MESSAGE") == (push["alert"]["sound"], push["alert"]["click_action"])


def test_MIM46_whatCannotBe(provider, gateway, clock):
    """
    MIM-46: an option that MongoosePush would refuse is left out, and the push is not lost for it.
    """
    send(
        provider,
        clock,
        service="fcm",
        mode="production",
        priority="urgent",
        mutable_content="maybe",
        time_to_live="soon",
        silent="perhaps",
        secret="s3cret",
        topic="a b",
        sound="x" * 1000,
    )

    (push,) = gateway.pushes
    assert {"device_id", "service", "priority", "time_to_live", "alert", "data"} == set(push)


@pytest.mark.parametrize("silent", ["true", "false"])
def test_MGP6_defaultTopic(provider, gateway, clock, silent):
    """
    MGP-6: the app's topic goes with silent pushes as well as with alerts, to APNs only.
    """
    send(provider, clock, **APNS, silent=silent)
    send(provider, clock, **FCM, silent=silent)

    assert ["org.example.chat", None] == [push.get("topic") for push in gateway.pushes]


@pytest.mark.parametrize(
    ("silent", "service", "priority"), [("true", "apns", "normal"), ("true", "fcm", "high"), ("false", "apns", "high")]
)
def test_MGP7_silentOnesOfApple(provider, gateway, clock, silent, service, priority):
    """
    MGP-7: APNs refuses what is in a hurry and silent.
    """
    send(provider, clock, service=service, silent=silent)

    assert priority == gateway.pushes[0]["priority"]


@pytest.mark.parametrize(
    ("notification", "wanted", "priority"),
    [
        (Notification(priority=Priority.HIGH), None, "high"),
        (Notification(priority=Priority.LOW), None, "normal"),
        (Notification(), None, "normal"),
        (Notification(), "high", "high"),
        (Notification(priority=Priority.HIGH), "normal", "normal"),
    ],
)
def test_E8_priority(provider, gateway, clock, notification, wanted, priority):
    """
    E8: as the notification has it, unless the device says otherwise.
    """
    send(provider, clock, notification, **FCM, **({"priority": wanted} if wanted else {}))

    assert priority == gateway.pushes[0]["priority"]


@pytest.mark.parametrize(("ttl", "said"), [(86400, 86400), (59.9, 59), (-5, 0), (1e12, 2419200)])
def test_ttl(provider, gateway, clock, ttl, said):
    """
    The network keeps it for as long as anybody wants it.
    """
    send(provider, clock, ttl=ttl)

    assert said == gateway.pushes[0]["time_to_live"]


def test_MGP8_poolsOfTheOperator(gateway, clock):
    """
    MGP-8, MIM-40, MIM-42: mode and tags, by which MongoosePush chooses its pool, are the operator's to set; tags, his
    alone.
    """
    provider = makeMongoosePush(httpTo(gateway, clock), clock, mode="dev", tags=["ninjas"], mutable_content=True)

    send(provider, clock, **FCM, tags="others")
    send(provider, clock, **FCM, mode="prod", mutable_content="false")

    assert [("dev", ["ninjas"], True), ("prod", ["ninjas"], None)] == [
        (push["mode"], push["tags"], push.get("mutable_content")) for push in gateway.pushes
    ]


@pytest.mark.parametrize("token", ["a:b/c?d#e", "ü%2F é", "a+b&c=d", "..;", "x" * 4096])
def test_MIM41_deviceIds(provider, gateway, clock, token):
    """
    MIM-41: a device id arrives as it is, whatever stands in it.
    """
    send(provider, clock, token=token)

    assert [token] == [push["device_id"] for push in gateway.pushes]


def test_E10_longTexts(provider, gateway, clock):
    """
    E10: of a long text an alert shows the beginning; a sender too long for both networks is left out.
    """
    send(provider, clock, said(body="ü" * 4096))
    send(provider, clock, said(sender="x" * 4000))

    assert "ü" * 799 + "…" == gateway.pushes[0]["alert"]["body"]
    assert {"push-id": "push-1", "message-count": 3} == gateway.pushes[1]["data"]


def test_E10_longData(provider, gateway, clock):
    """
    E10: of data goes what fits.
    """
    send(provider, clock, said(body="ü" * 4096), **FCM, silent="true")
    send(provider, clock, Notification(encrypted=Encrypted("aXY=", "x" * 4096)))

    assert ["last-message-sender" in push["data"] for push in gateway.pushes] == [True, False]
    assert {"push-id": "push-1"} == gateway.pushes[1]["data"]


@pytest.mark.parametrize("shape", [{}, {"alert_body": "ü" * 100}])
def test_C21_payloadSize(gateway, clock, shape):
    """
    C21: an encrypted payload of the size that discovery tells arrives whole.
    """
    provider = makeMongoosePush(httpTo(gateway, clock), clock, **shape)
    for kind in (Kind.CALL, Kind.MESSAGE):
        payload = Encrypted("A" * 16, "x" * provider.payloadSize, "voip")
        pushId = "00000000-0000-0000-0000-000000000000"
        target = targetOf("token-1", service="fcm", sound="x" * 64, click_action="x" * 64)
        resultOf(provider.send(target, Notification(kind, encrypted=payload), pushId, clock.seconds() + 60))

    assert [provider.payloadSize] * 2 == [len(push["data"]["encrypted-payload"]) for push in gateway.pushes]


def test_noService(provider, gateway, clock):
    """
    A device of no service there is can get nothing.
    """
    with pytest.raises(BadRequest):
        send(provider, clock, service="gcm")

    assert [] == gateway.requests
