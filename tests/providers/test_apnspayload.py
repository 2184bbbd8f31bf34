"""
What iOS is told, and what the app.
"""

import itertools
import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushsvc.config import ConfigurationError
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from pushsvc.providers.apnspayload import LIMITS
from pushsvc.providers.payload import fieldsOf
from tests.providers.apnssupport import PUSH_ID, optionsOf
from tests.providers.contract import NOTIFICATION, SUMMARY

CALL = Notification(Kind.CALL, Priority.HIGH, SUMMARY)
texts = st.text(st.characters(exclude_categories=[]), max_size=12) | st.sampled_from(["x" * 5000, "ü" * 2100])
notifications = st.builds(
    Notification,
    st.sampled_from(Kind),
    st.sampled_from(Priority),
    st.none()
    | st.builds(
        Summary,
        st.none() | st.integers(0, 2**31 - 1),
        st.none() | st.integers(0, 2**31 - 1),
        st.none() | texts,
        st.none() | texts,
        st.none() | texts,
    ),
    st.none() | st.builds(Encrypted, texts, texts, st.none() | st.just("voip")),
)
shapes = st.builds(
    optionsOf,
    alert_title=st.none() | texts.filter(lambda text: len(text) < 100),
    loc_key=st.none() | st.just("NEW_MESSAGE"),
    loc_args=st.just([]) | st.just(["last-message-sender", "message-count"]),
    show_message=st.booleans(),
    without_body=st.sampled_from(["background", "alert"]),
    sound=st.sampled_from(["default", ""]),
    mutable_content=st.booleans(),
    badge=st.booleans(),
    additional_data=st.just({}) | st.just({"server": {"name": "example"}, "message-count": "none"}),
)


def aps(notification, pushType="alert", **said):
    return json.loads(optionsOf(**said).payload(pushType, notification, PUSH_ID))["aps"]


@given(shapes, notifications, st.booleans(), st.dictionaries(texts.map(lambda uri: f"{{{uri}}}x"), texts, max_size=3))
def test_always(shape, notification, voip, unknown):
    """
    Whatever is to be told and however an app wants it, the payload is JSON, not too long, true to its push type, and
    has numbers where numbers belong.
    """
    notification = replace(notification, more=unknown)
    pushType = "voip" if voip else shape.pushType(notification)
    encoded = shape.payload(pushType, notification, PUSH_ID)
    payload = json.loads(encoded.decode("utf-8"))

    assert len(encoded) <= LIMITS[pushType]
    said = payload["aps"]
    shown = {"alert", "sound", "badge"} & set(said)
    assert (pushType == "alert") == bool(shown)
    assert pushType != "background" or said == {"content-available": 1}
    assert pushType != "voip" or said == {}
    for name in ("content-available", "mutable-content", "badge"):
        assert name not in said or int is type(said[name])
    assert PUSH_ID == payload["push-id"]
    assert notification.kind.value == payload.get("kind", "message")


@given(shapes, notifications)
def test_E10_nothingInVain(shape, notification):
    """
    E10: what fits is told whole; of what does not, something has gone, and the counts are the last to go.
    """
    pushType = shape.pushType(notification)
    payload = json.loads(shape.payload(pushType, notification, PUSH_ID))
    counts = {name: value for name, value in fieldsOf(notification).items() if isinstance(value, int)}

    told = {name for name in fieldsOf(notification) if name in payload}
    if told != set(fieldsOf(notification)):
        assert not {"last-message-body", "encrypted-payload"} & told or "encrypted-payload" in told
    if notification.encrypted is None:
        assert counts == {name: payload[name] for name in counts}


@pytest.mark.parametrize(
    ("summary", "left"),
    [
        (
            Summary(3, lastMessageSender="romeo@example.org", lastMessageBody="ü" * 2048),
            {"message-count": 3, "last-message-sender": "romeo@example.org"},
        ),
        (Summary(3, lastMessageSender="x" * 4096, lastMessageBody="Hi"), {"message-count": 3}),
        (Summary(3, lastMessageBody="x" * 3800), {"message-count": 3, "last-message-body": "x" * 3800}),
    ],
)
def test_E10_sizes(summary, left):
    """
    E10: first the body is left out, then the senders; what fits is not cut.
    """
    payload = json.loads(optionsOf().payload("alert", Notification(summary=summary), PUSH_ID))
    del payload["aps"], payload["push-id"]

    assert left == payload


@pytest.mark.parametrize(("pushType", "limit"), [("alert", 4096), ("background", 4096), ("voip", 5120)])
def test_E10_limits(pushType, limit):
    """
    E10: the limit is APNs', to the byte.
    """

    def payload(length):
        return optionsOf().payload(pushType, Notification(summary=Summary(lastMessageBody="x" * length)), PUSH_ID)

    room = limit - len(payload(0))

    assert limit == len(payload(room))
    assert b"last-message-body" not in payload(room + 1)


def test_E10_voipHasMore():
    """
    E10: PushKit takes more.
    """
    notification = Notification(Kind.CALL, encrypted=Encrypted("aXY=", "x" * 4600, "voip"))

    assert b"x" * 4600 in optionsOf().payload("voip", notification, PUSH_ID)
    assert b"x" * 4600 not in optionsOf().payload("alert", notification, PUSH_ID)


@given(shapes, notifications)
def test_everSmaller(shape, notification):
    """
    What is tried after APNs finds a push too large has less in it each time, and the same push type.
    """
    pushType = shape.pushType(notification)
    payloads = [json.loads(each) for each in shape.payloads(pushType, notification, PUSH_ID)]

    told = [set(payload) for payload in payloads]
    assert all(later <= earlier for earlier, later in itertools.pairwise(told))
    assert 1 == len({"content-available" in payload["aps"] for payload in payloads})
    assert not told[-1] & {"last-message-body", "last-message-sender", "encrypted-payload"}


@pytest.mark.parametrize(
    ("said", "key"),
    [
        ({"alert_body": ""}, "alert-body"),
        ({"alert_body": "", "call_loc_key": "RING"}, "alert-body"),
        ({"call_body": ""}, "call-body"),
        ({"call_body": "", "loc_key": "NEW"}, "call-body"),
    ],
    ids=str,
)
def test_alertsThatShowNothing(said, key):
    """
    An alert that would show nothing is refused before the first push.
    """
    with pytest.raises(ValueError, match=f"^{key}: is empty"):
        optionsOf(**said).checkShape()


@pytest.mark.parametrize(
    "said", [{"alert_title": "Chat"}, {"title_loc_key": "CHAT"}, {"loc_key": "A", "call_loc_key": "B"}]
)
def test_alertsWithoutABody(said):
    """
    One that shows something else is not.
    """
    optionsOf(alert_body="", call_body="", **said).checkShape()


def test_E12_encrypted():
    """
    E12: an end-to-end encrypted payload is handed on as it came, for the service extension to read.
    """
    notification = Notification(encrypted=Encrypted("aXY=", "cGF5bG9hZA==", "voip"))

    payload = json.loads(optionsOf().payload("alert", notification, PUSH_ID))

    assert 1 == payload["aps"]["mutable-content"]
    assert ("aXY=", "cGF5bG9hZA==", "voip") == tuple(payload[f"encrypted-{name}"] for name in ("iv", "payload", "type"))


def test_MP67_background():
    """
    MP-67: what wakes the app in the background says so under ``aps``, and the summary beside it.
    """
    payload = json.loads(optionsOf().payload("background", Notification(summary=Summary(3, 1)), PUSH_ID))

    assert {
        "aps": {"content-available": 1},
        "push-id": PUSH_ID,
        "message-count": 3,
        "pending-subscription-count": 1,
    } == payload


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {"body": "New message"}),
        ({"alert_title": "Chat", "alert_body": "Ding"}, {"title": "Chat", "body": "Ding"}),
        ({"alert_title": "Chat", "title_loc_key": "CHAT"}, {"title-loc-key": "CHAT", "body": "New message"}),
        ({"loc_key": "NEW"}, {"loc-key": "NEW"}),
        (
            {"loc_key": "NEW", "loc_args": ["message-count", "last-message-sender"]},
            {"loc-key": "NEW", "loc-args": ["3", "romeo@montague.example/orchard"]},
        ),
        ({"show_message": True}, {"title": "romeo@montague.example", "body": "Wherefore art thou?"}),
        ({"call_body": "Ring", "call_loc_key": "RING"}, {"body": "New message"}),
    ],
    ids=str,
)
def test_E2_texts(said, expected):
    """
    E2, E15: the texts are the operator's, fixed or localised; or the message itself.
    """
    assert expected == aps(NOTIFICATION, **said)["alert"]


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        (Summary(3), {"title": "Chat", "body": "New message"}),
        (Summary(lastMessageSender="romeo@example.org"), {"title": "Chat", "body": "New message"}),
        (Summary(lastMessageBody="Hi"), {"title": "Chat", "body": "Hi"}),
        (Summary(lastMessageBody="x" * 4096), {"title": "Chat", "body": "New message"}),
        (None, {"title": "Chat", "body": "New message"}),
    ],
)
def test_E2_messageNotTold(summary, expected):
    """
    E2: where the server does not tell the message, or it does not fit, the texts stand in for it.
    """
    notification = Notification(priority=Priority.HIGH, summary=summary)

    assert expected == aps(notification, show_message=True, alert_title="Chat")["alert"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {"body": "Incoming call"}),
        ({"call_loc_key": "RING"}, {"loc-key": "RING"}),
        ({"call_body": "X"}, {"body": "X"}),
    ],
    ids=str,
)
def test_E18_calls(said, expected):
    """
    E18: a call to a device without PushKit has a text of its own.
    """
    assert expected == aps(CALL, show_message=True, **said)["alert"]


@pytest.mark.parametrize(
    ("said", "added", "absent"),
    [
        ({}, {"sound": "default", "mutable-content": 1}, {"category", "badge", "content-available"}),
        ({"sound": "ding.caf", "category": "CHAT"}, {"sound": "ding.caf", "category": "CHAT"}, {"badge"}),
        ({"sound": "", "mutable_content": False}, {}, {"sound", "mutable-content"}),
        ({"badge": True}, {"badge": 3}, set()),
    ],
    ids=str,
)
def test_E5_alerts(said, added, absent):
    """
    E4, E5, D12: an alert has a sound and goes through the service extension unless told otherwise; it bears a badge and
    a category when told so.
    """
    found = aps(NOTIFICATION, **said)

    assert added == {name: found[name] for name in added}
    assert not absent & set(found)


def test_E4_noCountNoBadge():
    """
    E4: where the server does not count, the badge stays as it is.
    """
    assert "badge" not in aps(Notification(summary=Summary(lastMessageBody="Hi")), badge=True)


def test_E16_nothingLeft():
    """
    E16: when all is read, the badge goes, and the app may take its notifications away; nothing is shown or heard.
    """
    clear = Notification(Kind.CLEAR, Priority.HIGH, Summary(0))

    assert "alert" == optionsOf(badge=True).pushType(clear)
    assert {"badge": 0, "content-available": 1} == aps(clear, badge=True)
    assert "background" == optionsOf().pushType(clear)


def test_withoutBody():
    """
    An operator may want an alert where the server does not say whether a message is important; never for what it calls
    unimportant.
    """
    shape = optionsOf(without_body="alert")

    assert "alert" == shape.pushType(Notification())
    assert "background" == shape.pushType(Notification(priority=Priority.LOW))


def test_E11_additionalData():
    """
    E11: static data goes into every push, and gives way to what the push says.
    """
    shape = optionsOf(additional_data={"server": {"tier": 1}, "message-count": 99})

    for pushType in LIMITS:
        payload = json.loads(shape.payload(pushType, Notification(summary=SUMMARY), PUSH_ID))
        assert ({"tier": 1}, 3) == (payload["server"], payload["message-count"])


@pytest.mark.parametrize(
    "said",
    [
        {"loc_args": ["last-message-boddy"]},
        {"without_body": "voip"},
        {"badge": "always"},
        {"additional_data": "x"},
        {"environment": "staging"},
    ],
    ids=str,
)
def test_optionsThatCannotBe(said):
    """
    An option that cannot be is refused with its name.
    """
    with pytest.raises(ConfigurationError, match=rf"apps\.chatninja\.{next(iter(said)).replace('_', '-')}"):
        optionsOf(**said)


@pytest.mark.parametrize("uri", ['a":1,"aps":{"alert":"mine"},"push-id":"x","b', 'a"b', "a\\b", "a\nb"])
def test_namesOfOthers(uri):
    """
    What an element is called that nobody here knows is a name, and nothing else, whatever its namespace is.
    """
    name = f"{{{uri}}}x"

    payload = json.loads(optionsOf().payload("background", Notification(more={name: "<x/>"}), PUSH_ID))

    assert {name: "<x/>", "push-id": PUSH_ID, "aps": {"content-available": 1}} == payload
