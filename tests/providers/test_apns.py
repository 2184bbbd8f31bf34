"""
Apple Push Notification service: what is sent, to whom, and as whom.
"""


import jwt
import pytest
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.errors import (
    BadRequest,
    DeviceGone,
    PayloadTooLarge,
    ProviderRefused,
    Refused,
)
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IProviderKind
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from pushsvc.providers import apns
from tests.providers.apnssupport import CALL, DEVICE, PUSH_ID, SENT, VOIP, makeAPNs, makeStandIn, send
from tests.providers.contract import NOTIFICATION, targetOf
from tests.standins.apns import StandInHTTP, refusal
from tests.standins.applekeys import KEY_ID, TEAM_ID, TOPIC, publicPEM, signingKey
from tests.standins.http import ScriptedHTTP, answer
from tests.support import resultOf


@pytest.fixture
def apple(clock):
    return makeStandIn(clock)


@pytest.fixture
def provider(apple, clock):
    return makeAPNs(StandInHTTP(apple), clock)


def headersOf(apple):
    return apple.requests[-1]["headers"]


def test_kind():
    """
    The module is a provider kind; those beside it that help it are not.
    """
    assert verifyObject(IProviderKind, apns)
    assert apns is kinds.load("providers", "apns")
    assert ["apns"] == [name for name in kinds.names("providers") if name.startswith("apns")]


def test_D2_send(provider, apple, clock):
    """
    D2, D5: one request, to the device, under a token that our key signed.
    """
    assert send(provider, clock)

    (asked,) = apple.requests
    assert ("POST", f"/3/device/{DEVICE}", 200) == (asked["method"], asked["path"], asked["status"])
    scheme, token = asked["headers"]["authorization"].split(" ")
    assert "bearer" == scheme
    assert KEY_ID == jwt.get_unverified_header(token)["kid"]
    claims = jwt.decode(token, publicPEM(signingKey("first")), algorithms=["ES256"], options={"verify_iat": False})
    assert {"iss": TEAM_ID, "iat": int(clock.seconds())} == claims


def test_E1_payload(provider, apple, clock):
    """
    E1, MP-31: the summary stands beside ``aps`` under XEP-0357's names, its numbers as numbers.
    """
    send(provider, clock)

    assert {
        "aps": {"alert": {"body": "New message"}, "mutable-content": 1, "sound": "default"},
        "push-id": PUSH_ID,
        "message-count": 3,
        "last-message-sender": "romeo@montague.example/orchard",
        "last-message-body": "Wherefore art thou?",
        "pending-subscription-count": 1,
        "last-subscription-sender": "paris@verona.example",
    } == apple.requests[0]["body"]


def test_headers(provider, apple, clock):
    """
    D9, D10, D11: every header that Apple wants to see, the id that of the push, the expiration a date.
    """
    send(provider, clock, ttl=86400.7, pushId=PUSH_ID.upper())

    headers = headersOf(apple)
    del headers["authorization"]
    assert {
        "apns-topic": TOPIC,
        "apns-push-type": "alert",
        "apns-priority": "10",
        "apns-id": PUSH_ID,
        "apns-expiration": str(int(clock.seconds() + 86400)),
        "apns-collapse-id": PUSH_ID,
    } == headers


@pytest.mark.parametrize(("ttl", "expected"), [(-5, 0), (0, 0), (90 * 86400, 30 * 86400), (1e300, 30 * 86400)])
def test_D11_X15_expiration(provider, apple, clock, ttl, expected):
    """
    D11, X-15: what nobody wants any more is tried once and not kept; nothing is kept for longer than APNs keeps it.
    """
    send(provider, clock, ttl=ttl)

    assert str(expected and int(clock.seconds()) + expected) == headersOf(apple)["apns-expiration"]


@pytest.mark.parametrize(
    ("notification", "pushType", "priority"),
    [
        (Notification(priority=Priority.HIGH), "alert", "10"),
        (NOTIFICATION, "alert", "10"),
        (Notification(priority=Priority.NORMAL, summary=Summary(lastMessageBody="Hi")), "alert", "5"),
        (Notification(encrypted=Encrypted("aXY=", "cGF5bG9hZA==")), "alert", "5"),
        (Notification(), "background", "5"),
        (Notification(summary=Summary(3)), "background", "5"),
        (Notification(priority=Priority.LOW, summary=Summary(lastMessageBody="Hi")), "background", "5"),
        (Notification(Kind.CLEAR, Priority.HIGH, Summary(0)), "background", "5"),
        (CALL, "alert", "10"),
        (Notification(Kind.CALL), "alert", "10"),
    ],
)
def test_D7_pushTypes(provider, apple, clock, notification, pushType, priority):
    """
    D7, E3, E7, E8: what is important, has a body or is encrypted is an alert; the rest wakes the app in the background.
    """
    send(provider, clock, notification)

    headers = headersOf(apple)
    assert (pushType, priority, 200) == (
        headers["apns-push-type"],
        headers["apns-priority"],
        apple.requests[0]["status"],
    )


def test_E16_nothingLeft(apple, clock):
    """
    E16: that all is read is in no hurry.
    """
    provider = makeAPNs(StandInHTTP(apple), clock, badge=True)

    send(provider, clock, Notification(Kind.CLEAR, Priority.HIGH, Summary(0)))

    assert ("alert", "5") == tuple(headersOf(apple)[f"apns-{name}"] for name in ("push-type", "priority"))
    assert {"badge": 0, "content-available": 1} == apple.taken[0]["body"]["aps"]


@pytest.mark.parametrize("token", ["../../4/broadcasts?x#", "0" * 63, "zz" * 32, "", "00 00"])
def test_tokensThatAreNone(clock, token):
    """
    What is not hexadecimal, however it came to be stored, does not get into the path of a request.
    """
    http = ScriptedHTTP()

    with pytest.raises(BadRequest):
        resultOf(makeAPNs(http, clock).send(targetOf(token), NOTIFICATION, PUSH_ID, clock.seconds() + 60))

    assert [] == http.requests


def test_tooLarge(provider, apple, clock):
    """
    What APNs finds too large is made smaller, and stays what it was: an alert is no background push without its body.
    """
    apple.script.append(refusal(413, "PayloadTooLarge", times=2))
    notification = Notification(summary=Summary(3, lastMessageSender="romeo@example.org", lastMessageBody="Hi"))

    assert send(provider, clock, notification)

    assert ["alert"] * 3 == [asked["headers"]["apns-push-type"] for asked in apple.requests]
    assert {"aps", "push-id", "message-count"} == set(apple.taken[0]["body"])


def test_tooLargeAnyway(provider, apple, clock):
    """
    When nothing is left to leave out, that is said.
    """
    apple.script.append(refusal(413, "PayloadTooLarge", times=10))

    with pytest.raises(PayloadTooLarge):
        send(provider, clock)

    assert 4 == len(apple.requests)


def test_D10_collapse(apple, clock):
    """
    D10: with ``collapse``, the newer of a kind takes the older's place on the device; Apple learns nothing from it.
    """
    provider = makeAPNs(StandInHTTP(apple), clock, collapse=True)
    others = [Notification(Kind.CLEAR), Notification(encrypted=Encrypted("aXY=", "cGF5bG9hZA=="))]

    for notification in (NOTIFICATION, Notification(), *others):
        send(provider, clock, notification)
    resultOf(provider.send(targetOf(DEVICE), CALL, PUSH_ID, clock.seconds() + 60))

    first, second, clear, encrypted, call = [asked["headers"]["apns-collapse-id"] for asked in apple.requests]
    assert first == second
    assert PUSH_ID == encrypted
    assert 4 == len({first, clear, encrypted, call})
    assert all(len(each) <= 64 and "node" not in each for each in (first, clear, encrypted, call))


@pytest.mark.parametrize(
    ("said", "details", "host"),
    [
        ({}, {}, "api.push.apple.com"),
        ({}, {"environment": "sandbox"}, "api.sandbox.push.apple.com"),
        ({"environment": "sandbox"}, {}, "api.sandbox.push.apple.com"),
        ({"environment": "sandbox"}, {"environment": "production"}, "api.push.apple.com"),
        ({"endpoint": "https://apple.example:2197"}, {"environment": "sandbox"}, "apple.example:2197"),
        ({"endpoint": "https://apple.example/"}, {}, "apple.example"),
    ],
)
def test_D6_X6_environments(clock, said, details, host):
    """
    D6, X-6: a push goes to the device's environment; to the app's, when the device did not say; to the endpoint, when
    there is one.
    """
    http = ScriptedHTTP(SENT)

    send(makeAPNs(http, clock, **said), clock, **details)

    assert f"https://{host}/3/device/{DEVICE}" == http.requests[0].url


@pytest.mark.parametrize("own, other", [("production", "sandbox"), ("sandbox", "production")])
def test_lane(clock, own, other):
    """
    What is wrong with one environment is nothing to the other. That which the operator has named is the app's own lane,
    from which no invented one takes anything.
    """
    provider = makeAPNs(ScriptedHTTP(), clock, environment=own)

    assert "chatninja" == provider.lane(targetOf(DEVICE)) == provider.lane(targetOf(DEVICE, environment=own))
    assert f"chatninja/{other}" == provider.lane(targetOf(DEVICE, environment=other))


def test_laneOfATopicTakenOut(clock):
    """
    What is left of a topic that the operator has taken out is refused on a lane of its own, in the way of nobody else.
    """
    provider = makeAPNs(ScriptedHTTP(), clock, allowed_topics=["org.example.beta"])

    assert "chatninja" == provider.lane(targetOf(DEVICE, topic=TOPIC))
    assert "chatninja" == provider.lane(targetOf(DEVICE, topic="org.example.beta"))
    assert "chatninja/org.example.former" == provider.lane(targetOf(DEVICE, topic="org.example.former"))


def test_speaksFor(clock):
    """
    A registration with a topic is for the app that has it.
    """
    provider = makeAPNs(ScriptedHTTP(), clock, allowed_topics=["org.example.beta"])

    assert provider.speaksFor(Fields({"topic": (TOPIC,)}))
    assert provider.speaksFor(Fields({"topic": ("org.example.beta",)}))
    assert not provider.speaksFor(Fields({"topic": ("org.example.other",)}))
    assert not provider.speaksFor(Fields({"token": (DEVICE,)}))


def test_topics(clock):
    """
    A device that registered with a further topic gets its pushes under that; any other, under the app's.
    """
    apple = makeStandIn(clock, TOPIC, "org.example.beta")
    provider = makeAPNs(StandInHTTP(apple), clock, allowed_topics=["org.example.beta"])

    for topic in ("org.example.beta", None):
        send(provider, clock, **({} if topic is None else {"topic": topic}))
    send(provider, clock, CALL, voip=VOIP, topic="org.example.beta")

    assert ["org.example.beta", TOPIC, "org.example.beta.voip"] == [
        asked["headers"]["apns-topic"] for asked in apple.requests
    ]


@pytest.mark.parametrize("notification", [NOTIFICATION, CALL])
def test_topicTakenOut(clock, notification):
    """
    A device whose topic the operator has taken out of the configuration is not gone, and APNs is not asked: it is the
    operator's move.
    """
    http = ScriptedHTTP()

    with pytest.raises(ProviderRefused, match=r"'org.example.former'"):
        send(makeAPNs(http, clock), clock, notification, topic="org.example.former", voip=VOIP)

    assert [] == http.requests


@pytest.mark.parametrize(
    ("said", "details", "error"),
    [
        ({}, {}, DeviceGone),
        ({"allowed_topics": ["org.example.beta"]}, {}, Refused),
        ({"allowed_topics": ["org.example.beta"]}, {"topic": "org.example.beta"}, DeviceGone),
    ],
)
def test_tokenOfAnotherApp(clock, said, details, error):
    """
    A token that is not for the topic is none of ours; unless the topic was our guess: that is no sign that it is gone.
    """
    http = ScriptedHTTP(answer(400, {"reason": "DeviceTokenNotForTopic"}))

    with pytest.raises(error) as raised:
        send(makeAPNs(http, clock, **said), clock, **details)

    assert error is type(raised.value)
