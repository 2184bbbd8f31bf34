"""
Apple Push Notification service: what is not taken at once, by whom and why; and what asking beforehand finds.
"""

from dataclasses import replace

import pytest

from pushsvc.errors import BadRequest, ProviderDown, ProviderRefused, Throttled
from pushsvc.exchange import NotAdmitted, NotTrusted, TimedOut
from tests.providers.apnssupport import DEVICE, PUSH_ID, SENT, makeAPNs, makeStandIn, send
from tests.standins.apns import StandInHTTP, refusal
from tests.standins.http import ScriptedHTTP, answer
from tests.support import resultOf

EXPIRED = answer(403, {"reason": "ExpiredProviderToken"})


@pytest.fixture
def apple(clock):
    return makeStandIn(clock)


@pytest.fixture
def provider(apple, clock):
    return makeAPNs(StandInHTTP(apple), clock)


def test_tokenExpired(provider, apple, clock):
    """
    A token that APNs does not take any more is renewed once, and the push repeated.
    """
    send(provider, clock)
    clock.advance(1500)
    apple.script.append(refusal(403, "ExpiredProviderToken"))

    assert send(provider, clock)

    first, refused, taken = [asked["headers"]["authorization"] for asked in apple.requests]
    assert first == refused != taken
    assert [200, 403, 200] == [asked["status"] for asked in apple.requests]


def test_tokenExpiredAtOnce(provider, apple, clock):
    """
    When APNs does not take a token that was just made, another would make it worse: it is the operator's move.
    """
    apple.script.append(refusal(403, "ExpiredProviderToken"))

    with pytest.raises(ProviderRefused, match=r"ExpiredProviderToken.*clock"):
        send(provider, clock)

    assert 1 == len(apple.requests)


def test_tokenExpiredTwice(clock):
    """
    When APNs does not take the new one either, it is the operator's move.
    """
    http = ScriptedHTTP(SENT, EXPIRED, EXPIRED)
    provider = makeAPNs(http, clock)
    send(provider, clock)
    clock.advance(1500)

    with pytest.raises(ProviderRefused, match="ExpiredProviderToken"):
        send(provider, clock)

    assert 3 == len(http.requests)


def test_tooManyTokens(clock):
    """
    When APNs says that our tokens change too often, the one we have is kept, and the push waits.
    """
    http = ScriptedHTTP(answer(429, {"reason": "TooManyProviderTokenUpdates"}), SENT)
    provider = makeAPNs(http, clock)

    with pytest.raises(Throttled, match="TooManyProviderTokenUpdates"):
        send(provider, clock)
    assert send(provider, clock)

    assert 1 == len({request.headers["authorization"] for request in http.requests})


@pytest.mark.parametrize(("status", "reason"), [(400, "IdleTimeout"), (503, "Shutdown"), (503, "ServiceUnavailable")])
def test_repeatedAtOnce(provider, apple, clock, status, reason):
    """
    What is said of the connection is no verdict on the push: it is repeated once, under the same id.
    """
    apple.script.append(refusal(status, reason))

    assert send(provider, clock)
    assert [PUSH_ID, PUSH_ID] == [asked["headers"]["apns-id"] for asked in apple.requests]

    apple.script += [refusal(status, reason, times=2)]
    with pytest.raises(ProviderDown, match=reason):
        send(provider, clock)
    assert 4 == len(apple.requests)


def test_repeatedElsewhere(clock):
    """
    It is repeated by another connection.
    """
    connection = object()
    http = ScriptedHTTP(replace(answer(503, {"reason": "Shutdown"}), by=connection), SENT)

    assert send(makeAPNs(http, clock), clock)

    assert [None, connection] == [request.avoiding for request in http.requests]


def test_noAnswer(clock):
    """
    Silence is nobody's fault, and it is said whether the push may have been taken.
    """
    for maybe in (True, False):
        http = ScriptedHTTP(TimedOut("no answer in time", maybeSent=maybe))

        with pytest.raises(ProviderDown) as raised:
            send(makeAPNs(http, clock), clock)

        assert maybe is raised.value.maybeSent


def test_MP74_notTrusted(clock):
    """
    MP-74: somebody who cannot prove to be Apple is the operator's move.
    """
    with pytest.raises(ProviderRefused, match="certificate"):
        send(makeAPNs(ScriptedHTTP(NotTrusted("the certificate is not trusted")), clock), clock)


def test_certificateNotTaken(clock):
    """
    So is a certificate of ours that Apple does not take, any more.
    """
    refused = NotAdmitted("our certificate is not taken (certificate revoked)")

    with pytest.raises(ProviderRefused, match="certificate revoked"):
        send(makeAPNs(ScriptedHTTP(refused), clock), clock)


def test_bugsAreOurs(clock, logEvents):
    """
    A bug of ours comes out as one, and tells nothing of what it met.
    """

    class Broken(ScriptedHTTP):
        async def request(self, request):
            raise KeyError(request.url, request.body)

    with pytest.raises(BadRequest, match="KeyError in request"):
        send(makeAPNs(Broken(), clock), clock)

    assert "a bug in the provider" in logEvents[-1]["log_format"]
    assert DEVICE not in repr(logEvents)


def test_check(provider, apple):
    """
    Checking asks about a device that there cannot be, in the background and without being kept; nobody is disturbed.
    """
    resultOf(provider.check())

    (asked,) = apple.requests
    assert "BadDeviceToken" == asked["reason"]
    assert ("background", "0") == tuple(asked["headers"][name] for name in ("apns-push-type", "apns-expiration"))
    assert [] == apple.taken


@pytest.mark.parametrize(
    ("last", "error"),
    [
        (answer(403, {"reason": "InvalidProviderToken"}), ProviderRefused),
        (answer(400, {"reason": "TopicDisallowed"}), ProviderRefused),
        (answer(404, "<html>"), ProviderRefused),
        (answer(503, {"reason": "ServiceUnavailable"}), ProviderDown),
        (answer(400, "<html>"), BadRequest),
    ],
)
def test_checkFails(clock, last, error):
    """
    Checking tells credentials that are not taken from a network that is down.
    """
    with pytest.raises(error):
        resultOf(makeAPNs(ScriptedHTTP(last, last), clock).check())


@pytest.mark.parametrize("last", [SENT, answer(410, {"reason": "Unregistered"})])
def test_checkSucceedsAnyway(clock, last):
    """
    Whatever else APNs says of the impossible device, the credentials are right.
    """
    resultOf(makeAPNs(ScriptedHTTP(last), clock).check())
