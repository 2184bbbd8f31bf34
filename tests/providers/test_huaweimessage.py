"""
Huawei Push Kit: what is sent to a device, by each version.
"""

import pytest

from pushsvc.errors import ProviderRefused
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from tests.providers.contract import NOTIFICATION, TOLD
from tests.providers.huaweisupport import ALL, send
from tests.standins.huawei import CLIENT_ID, PROJECT

SECRET = Encrypted("aXY=", "cGF5bG9hZA==", "voip")


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_send(huaweiApp, huawei, clock, version):
    """
    v1 and v2: one data message, to the app or to its project, under a token that the client's secret obtained.
    """
    assert send(huaweiApp(version), clock)

    asked, sent = huawei.requests
    whose = CLIENT_ID if version == "v1" else PROJECT
    assert f"/{version}/{whose}/messages:send" == sent["path"]
    assert ["/oauth2/v3/token"] == [asked["path"]]
    assert [{"to": "token-1", "data": TOLD, "android": {"urgency": "NORMAL", "ttl": "60s"}}] == huawei.pushes


def test_sendAlert(huaweiApp, huawei, clock):
    """
    v3: what is to be shown is a notification of push type 0, to the project of the service account, under a token that
    its key has signed; nobody was asked for that token. Nothing of what people said is shown.
    """
    assert send(huaweiApp(), clock)

    (sent,) = huawei.requests
    assert f"/v3/{PROJECT}/messages:send" == sent["path"]
    assert [
        {
            "to": "token-1",
            "push-type": "0",
            "data": TOLD,
            "options": {"ttl": 60},
            "shown": {
                "category": "IM",
                "title": "New message",
                "body": "Open the app to read it",
                "clickAction": {"actionType": 0, "data": TOLD},
                "foregroundShow": False,
                "appMessageId": "push-1",
            },
        }
    ] == huawei.pushes


@pytest.mark.parametrize(
    ("notification", "more", "pushType"),
    [
        (NOTIFICATION, {}, "0"),
        (Notification(priority=Priority.HIGH), {}, "0"),
        (Notification(encrypted=SECRET), {}, "0"),
        (Notification(summary=Summary(lastMessageBody="Hi")), {}, "0"),
        (Notification(), {}, "6"),
        (Notification(summary=Summary(3)), {}, "6"),
        (Notification(), {"without_body": "alert"}, "0"),
        (Notification(priority=Priority.LOW, summary=Summary(lastMessageBody="Hi")), {}, "6"),
        (Notification(Kind.CLEAR, Priority.HIGH), {"without_body": "alert"}, "6"),
        (Notification(Kind.CALL, Priority.HIGH), {}, "0"),
        (Notification(Kind.CALL), {"in_app_calls": True}, "10"),
    ],
)
def test_pushTypes(huaweiApp, huawei, clock, notification, more, pushType):
    """
    v3: what there is to show is shown; of everything else, and of calls where Huawei lets it, the app learns alone.
    """
    huawei.rights.add("10")

    send(huaweiApp(**more), clock, notification)

    (push,) = huawei.pushes
    assert pushType == push["push-type"]
    assert ("shown" in push) is (pushType == "0")
    assert {"push-id": "push-1"}.items() <= push["data"].items()
    assert (push["options"].get("backgroundMode") == 1) is (pushType == "6")


def test_texts(huaweiApp, huawei, clock):
    """
    v3: an app has its own texts, or shows who wrote what.
    """
    send(huaweiApp(alert_title="Chat", alert_body="Look", call_body="Ring", category="VOIP"), clock)
    send(huaweiApp(alert_title="Chat", call_body="Ring"), clock, Notification(Kind.CALL))
    send(huaweiApp(show_message=True), clock)
    send(huaweiApp(show_message=True), clock, Notification(encrypted=SECRET))
    send(huaweiApp(show_message=True), clock, Notification(summary=Summary(lastMessageBody="x" * 1000)))

    shown = [(push["shown"]["title"], push["shown"]["body"]) for push in huawei.pushes]
    assert [
        ("Chat", "Look"),
        ("Chat", "Ring"),
        ("romeo@montague.example", "Wherefore art thou?"),
        ("New message", "Open the app to read it"),
        ("New message", "x" * 200),
    ] == shown
    assert "VOIP" == huawei.pushes[0]["shown"]["category"]


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("kind", ["call", "clear"])
def test_E16_kinds(huaweiApp, huawei, clock, version, kind):
    """
    E16, E18: what is not a message says what it is.
    """
    send(huaweiApp(version), clock, Notification(Kind(kind), summary=Summary(0)))

    assert {"push-id": "push-1", "kind": kind, "message-count": 0} == huawei.pushes[0]["data"]


@pytest.mark.parametrize("version", ALL)
def test_E12_encrypted(huaweiApp, huawei, clock, version):
    """
    E12: an end-to-end encrypted payload is handed on as it came.
    """
    send(huaweiApp(version), clock, Notification(encrypted=SECRET))

    assert {
        "push-id": "push-1",
        "encrypted-iv": "aXY=",
        "encrypted-payload": "cGF5bG9hZA==",
        "encrypted-type": "voip",
    } == huawei.pushes[0]["data"]


def test_E8_urgency(huaweiApp, huawei, clock):
    """
    E8: data messages of high urgency are for apps that Huawei has granted them to.
    """
    huawei.rights.add("urgent")
    for urgent in (True, False):
        for priority in (Priority.HIGH, Priority.NORMAL):
            send(huaweiApp("v1", urgent=urgent, category="IM"), clock, Notification(priority=priority))

    assert ["HIGH", "NORMAL", "NORMAL", "NORMAL"] == [push["android"]["urgency"] for push in huawei.pushes]
    assert {"IM"} == {push["android"]["category"] for push in huawei.pushes}


def test_E8_rightsThatAreNotGranted(huaweiApp, clock):
    """
    E8: what Huawei has not granted is the operator's move, and no phone's fault.
    """
    with pytest.raises(ProviderRefused, match="80300011"):
        send(huaweiApp("v1", urgent=True), clock)
    with pytest.raises(ProviderRefused, match="80300007 noPushTypeRight"):
        send(huaweiApp("v3", in_app_calls=True), clock, Notification(Kind.CALL))


@pytest.mark.parametrize(("ttl", "said"), [(86400, 86400), (59.9, 59), (0.5, 1), (-5, 1), (1e12, 1_296_000)])
def test_ttl(huaweiApp, huawei, clock, ttl, said):
    """
    Huawei keeps it for as long as anybody wants it, within its own bounds; what has no time left gets a second.
    """
    for version in ALL:
        send(huaweiApp(version), clock, ttl=ttl)

    one, two, three = huawei.pushes
    assert [f"{said}s"] * 2 == [one["android"]["ttl"], two["android"]["ttl"]]
    assert said == three["options"]["ttl"]


def test_ringing(huaweiApp, huawei, clock):
    """
    v3: a phone that was off does not ring for a call of yesterday.
    """
    send(huaweiApp(), clock, Notification(Kind.CALL), ttl=86400)

    assert 60 == huawei.pushes[0]["options"]["ttl"]


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize(
    ("summary", "left"),
    [
        (Summary(3, lastMessageSender="romeo@example.org", lastMessageBody="ü" * 2048), {"last-message-sender"}),
        (Summary(3, lastMessageSender="x" * 4096, lastMessageBody="Hi"), set()),
    ],
)
def test_E10_sizes(huaweiApp, huawei, clock, version, summary, left):
    """
    E10: of what is too large for Huawei goes what fits: first the body is left out, then the senders.
    """
    send(
        huaweiApp(version, **({"show_message": True} if version == "v3" else {})), clock, Notification(summary=summary)
    )

    assert {"push-id", "message-count"} | left == set(huawei.pushes[0]["data"])


@pytest.mark.parametrize("version", ALL)
def test_E10_tokensDoNotCount(huaweiApp, huawei, clock, version):
    """
    E10: the limit is for what goes with the token.
    """
    send(huaweiApp(version), clock, Notification(summary=Summary(lastMessageBody="x" * 3000)), token="t" * 4000)

    assert "x" * 3000 == huawei.pushes[0]["data"]["last-message-body"]


@pytest.mark.parametrize("version", ALL)
@pytest.mark.parametrize("shape", [{}, {"alert_body": "ü" * 100, "in_app_calls": True, "category": "VOIP"}])
def test_C21_payloadSize(huaweiApp, huawei, clock, version, shape):
    """
    C21: an encrypted payload of the size that discovery tells arrives whole.
    """
    huawei.rights.add("10")
    provider = huaweiApp(version, **shape)
    for kind in (Kind.CALL, Kind.MESSAGE):
        payload = Encrypted("A" * 16, "x" * provider.payloadSize, "voip")
        send(provider, clock, Notification(kind, encrypted=payload), 1e9, pushId="00000000-0000-0000-0000-000000000000")

    assert [provider.payloadSize] * 2 == [len(push["data"]["encrypted-payload"]) for push in huawei.pushes]
    assert 3000 < provider.payloadSize
