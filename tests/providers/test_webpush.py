"""
Web Push: what is sent, and what becomes of it.
"""

import json
import re
from uuid import uuid4

import pytest

from pushsvc.errors import ProviderDown, ProviderRefused, Refused
from pushsvc.exchange import NotPermitted, NotTrusted, Response
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary
from pushsvc.providers.takers import MANY
from pushsvc.providers.webpush import SMALL
from tests.providers.webpushsupport import makeWebPush, targetOf
from tests.standins.http import ScriptedHTTP, answer
from tests.standins.webpush import Browser
from tests.support import resultOf

TAKEN = Response(201)
BROWSER = Browser("https://push.example")
TARGET = targetOf(BROWSER)
MESSAGE = Notification(priority=Priority.HIGH, summary=Summary(3, None, "romeo@example.org/x", "Wherefore?"))


def sent(clock, notification=MESSAGE, target=TARGET, expires=60.0, answers=(TAKEN,), **keys):
    """
    What is asked to send a notification.
    """
    http = ScriptedHTTP(*answers)
    resultOf(makeWebPush(http, clock, **keys).send(target, notification, str(uuid4()), clock.seconds() + expires))
    return http.requests


def test_whatIsAsked(clock, vapid):
    """
    RFC 8030: a push is a POST to the endpoint, to the letter; with TTL, urgency, topic, and who we are.
    """
    (request,) = sent(clock, vapid_key_file=str(vapid[0]))

    assert ("POST", BROWSER.endpoint) == (request.method, request.url)
    headers = dict(request.headers)
    assert re.fullmatch(r"[A-Za-z0-9_-]{32}", headers.pop("Topic"))
    assert headers.pop("Authorization").startswith("vapid t=")
    assert {
        "TTL": "60",
        "Urgency": "high",
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
    } == headers


def test_whatTheDeviceReads(clock):
    """
    A push says what the notification does, under the names that all networks use.
    """
    (request,) = sent(clock)

    said = json.loads(BROWSER.decrypted(request.body))
    assert said.pop("push-id")
    assert {"message-count": 3, "last-message-sender": "romeo@example.org/x", "last-message-body": "Wherefore?"} == said


def test_withoutAKey(clock):
    """
    UnifiedPush's servers need not know who we are.
    """
    (request,) = sent(clock)

    assert "Authorization" not in request.headers


@pytest.mark.parametrize(("expires", "ttl"), [(60.9, "60"), (0.0, "0"), (-5.0, "0"), (1e9, "2419200")])
def test_ttl(clock, expires, ttl):
    """
    A push is kept as long as it is worth something, and four weeks at most.
    """
    (request,) = sent(clock, expires=expires)

    assert ttl == request.headers["TTL"]


@pytest.mark.parametrize(
    ("notification", "urgency"),
    [
        (Notification(priority=Priority.HIGH), "high"),
        (Notification(), "normal"),
        (Notification(priority=Priority.LOW), "low"),
        (Notification(Kind.CALL), "high"),
        (Notification(Kind.CLEAR, Priority.HIGH), "low"),
    ],
)
def test_urgency(clock, notification, urgency):
    """
    A phone is not disturbed for what can wait.
    """
    (request,) = sent(clock, notification)

    assert urgency == request.headers["Urgency"]


def test_topics(clock):
    """
    What replaces a push in our outbox replaces it in the push service: the next of its kind for the same device. A
    topic does not tell whose it is.
    """
    message = sent(clock)[0].headers["Topic"]
    again = sent(clock, Notification())[0].headers["Topic"]
    call = sent(clock, Notification(Kind.CALL))[0].headers["Topic"]
    other = sent(clock, target=targetOf(BROWSER, "other"))[0].headers["Topic"]

    assert message == again
    assert 3 == len({message, call, other})
    assert "node" not in message


def test_encryptedOnesDoNotReplaceOneAnother(clock):
    """
    End-to-end encrypted ones have no topic.
    """
    (request,) = sent(clock, Notification(encrypted=Encrypted("aXY=", "cGF5bG9hZA==")))

    assert "Topic" not in request.headers


@pytest.mark.parametrize("size", [4096, 2000, 1024])
def test_lengthsTellNothing(clock, size):
    """
    All pushes of an app have the same size, whatever they say.
    """
    bodies = ["", "x", "ü" * 300, "x" * 100_000]
    notifications = [Notification(summary=Summary(lastMessageBody=body)) for body in bodies]
    notifications += [Notification(), Notification(encrypted=Encrypted("a", "b" * 500))]

    pushes = [sent(clock, notification, padded_size=size)[0] for notification in notifications]

    assert {size} == {len(push.body) for push in pushes}
    assert "last-message-body" not in json.loads(BROWSER.decrypted(pushes[3].body))


@pytest.mark.parametrize("size", [4096, 1024])
def test_asMuchAsFits(clock, size):
    """
    An encrypted payload of the size that is announced fits; one that is longer does not, and the device is woken
    without it.
    """
    most = makeWebPush(ScriptedHTTP(), clock, padded_size=size).payloadSize

    for length, there in ((most, True), (most + 1, False)):
        notification = Notification(Kind.CALL, encrypted=Encrypted("A" * 16, "b" * length, "voip"))
        (request,) = sent(clock, notification, padded_size=size)
        assert there == ("encrypted-payload" in json.loads(BROWSER.decrypted(request.body)))


def test_whoTakesLessGetsLess(clock):
    """
    A gateway that does not take a push of the usual size gets a small one at once: woken is woken.
    """
    usual, small = sent(clock, answers=(Response(413), TAKEN))

    assert (4096, SMALL) == (len(usual.body), len(small.body))
    assert "Wherefore?" == json.loads(BROWSER.decrypted(small.body))["last-message-body"]


def test_whoTakesNothing(clock):
    """
    Who does not take that either is not asked again: with less in it, a push would be no smaller.
    """
    http = ScriptedHTTP(*[Response(413)] * 9)

    with pytest.raises(Refused, match="too large"):
        resultOf(makeWebPush(http, clock).send(TARGET, MESSAGE, str(uuid4()), clock.seconds()))

    assert 2 == len(http.requests)


def test_alarmOnlyWhereOurKeyIsNeverTaken(clock, vapid):
    """
    A push service that has never taken our key refuses our key; one that has refuses the subscription.
    """
    http = ScriptedHTTP(Response(403), TAKEN, Response(403), Response(403))
    provider = makeWebPush(http, clock, vapid_key_file=str(vapid[0]))
    elsewhere = targetOf(Browser("https://other.example"))

    def push(target):
        resultOf(provider.send(target, MESSAGE, str(uuid4()), clock.seconds()))

    with pytest.raises(ProviderRefused):
        push(TARGET)
    push(TARGET)
    with pytest.raises(Refused):
        push(TARGET)
    with pytest.raises(ProviderRefused, match=r"https://other\.example: 403"):
        push(elsewhere)


@pytest.mark.parametrize(
    "said", [Response(401), Response(403), answer(401, {"errno": 109}), answer(400, "UnauthorizedRegistration")]
)
def test_aKeyThatIsTakenNoMore(clock, vapid, said):
    """
    When a push service that has taken our key refuses one subscription after the other, it is our key all the same:
    pushes wait for the operator rather than vanish.
    """
    provider = makeWebPush(ScriptedHTTP(TAKEN, *[said] * (MANY + 1)), clock, vapid_key_file=str(vapid[0]))
    targets = [targetOf(Browser(f"https://push.example/{number}")) for number in range(MANY + 1)]
    met = []

    resultOf(provider.send(TARGET, MESSAGE, str(uuid4()), clock.seconds()))
    for target in targets:
        with pytest.raises((Refused, ProviderRefused)) as raised:
            resultOf(provider.send(target, MESSAGE, str(uuid4()), clock.seconds()))
        met.append(type(raised.value))

    assert [Refused] * MANY + [ProviderRefused] == met


@pytest.mark.parametrize(
    ("failed", "expected"), [(NotPermitted("no connection"), Refused), (NotTrusted("no"), ProviderDown)]
)
def test_whatIsWrongWithAnEndpointIsNoAlarm(clock, failed, expected):
    """
    An endpoint that DNS has moved into our network is refused; one whose certificate has ended is tried again.
    """
    with pytest.raises(expected, match=r"https://push\.example"):
        sent(clock, answers=(failed,))


def test_lanes(clock):
    """
    What goes to one push service shares its fate; the endpoint itself is not told.
    """
    provider = makeWebPush(ScriptedHTTP(), clock)
    others = [targetOf(Browser(origin)) for origin in ("https://push.example", "https://push.example:8443")]

    assert "chatninja/https://push.example" == provider.lane(TARGET) == provider.lane(others[0])
    assert "chatninja/https://push.example:8443" == provider.lane(others[1])
