"""
The token under which an app speaks to Google.
"""

from urllib.parse import parse_qs

import jwt
import pytest
from twisted.internet.defer import Deferred, ensureDeferred

from pushsvc.errors import ProviderDown, ProviderRefused, Throttled
from pushsvc.exchange import NotConnected, NotTrusted, TimedOut
from pushsvc.providers.bearertoken import EARLY, PAUSE
from pushsvc.providers.googlegrant import AccessToken
from pushsvc.providers.serviceaccount import readServiceAccount
from tests.providers.fcmsupport import TOKEN_URI, granted
from tests.standins.certificates import publicKeyOf
from tests.standins.http import ScriptedHTTP, answer
from tests.support import resultOf

SCOPE = "https://scope.example"


@pytest.fixture
def make(account, clock):
    return lambda http: AccessToken(readServiceAccount(account), SCOPE, http, clock, 12.0)


def test_grant(account, clock, make):
    """
    The grant is signed with the account's key, names it, and is good for an hour.
    """
    http = ScriptedHTTP(granted("T1"))

    assert "T1" == resultOf(make(http).token())

    request = http.requests[0]
    form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
    claims = jwt.decode(
        form["assertion"],
        publicKeyOf(account),
        algorithms=["RS256"],
        audience=TOKEN_URI,
        options={"verify_exp": False, "verify_iat": False},
    )
    now = int(clock.seconds())
    assert ("POST", TOKEN_URI) == (request.method, request.url)
    assert "application/x-www-form-urlencoded" == request.headers["Content-Type"]
    assert "urn:ietf:params:oauth:grant-type:jwt-bearer" == form["grant_type"]
    assert "0123456789abcdef" == jwt.get_unverified_header(form["assertion"])["kid"]
    assert {
        "iss": "pushsvc@chatninja-1234.iam.gserviceaccount.com",
        "scope": SCOPE,
        "aud": TOKEN_URI,
        "iat": now,
        "exp": now + 3600,
    } == claims


def test_keptWhileItIsGood(clock, make):
    """
    A token is fetched once, and renewed five minutes before its end.
    """
    http = ScriptedHTTP(granted("T1", 3600), granted("T2"))
    token = make(http)

    assert "T1" == resultOf(token.token())
    clock.advance(3600 - EARLY - 1)
    assert "T1" == resultOf(token.token())
    clock.advance(1)
    assert "T2" == resultOf(token.token())


def test_shortLived(clock, make):
    """
    A token that is good for less than that is used for half its time.
    """
    http = ScriptedHTTP(granted("T1", 60), granted("T2", 60))
    token = make(http)

    resultOf(token.token())
    clock.advance(29)
    assert "T1" == resultOf(token.token())
    clock.advance(1)
    assert "T2" == resultOf(token.token())


def test_singleFlight(make):
    """
    However many pushes wait for a token, it is asked for once.
    """
    coming = Deferred()
    http = ScriptedHTTP(coming)
    token = make(http)
    waiting = [ensureDeferred(token.token()) for _ in range(5)]

    coming.callback(granted("T1"))

    assert ["T1"] * 5 == [resultOf(each) for each in waiting]
    assert 1 == len(http.requests)


def test_singleFlightFails(make):
    """
    They all learn that there is none, and the next one asks again.
    """
    coming = Deferred()
    http = ScriptedHTTP(coming, granted("T2"))
    token = make(http)
    waiting = [ensureDeferred(token.token()) for _ in range(3)]

    coming.callback(answer(503))

    for each in waiting:
        with pytest.raises(ProviderDown):
            resultOf(each)
    assert "T2" == resultOf(token.token())


def test_oneGivesUp(make):
    """
    That the one who asked first gives up is nothing to the others.
    """
    coming = Deferred()
    token = make(ScriptedHTTP(coming))
    first, second = ensureDeferred(token.token()), ensureDeferred(token.token())
    first.addErrback(lambda failure: None)

    first.cancel()
    coming.callback(granted("T1"))

    assert "T1" == resultOf(second)


def test_renewalMayFail(clock, make):
    """
    A token that is still good goes on being used while Google cannot be asked for the next, which is tried at leisure.
    """
    http = ScriptedHTTP(granted("T1", 3600), answer(503), answer(503), granted("T3"))
    token = make(http)
    resultOf(token.token())

    clock.advance(3600 - EARLY)
    assert ["T1", "T1"] == [resultOf(token.token()), resultOf(token.token())]
    assert 2 == len(http.requests)
    clock.advance(PAUSE)
    assert "T1" == resultOf(token.token())
    clock.advance(PAUSE)
    assert "T3" == resultOf(token.token())


def test_noneWhenItHasEnded(clock, make):
    """
    A token that has ended is not used any more.
    """
    token = make(ScriptedHTTP(granted("T1", 3600), answer(503)))
    resultOf(token.token())

    clock.advance(3600)

    with pytest.raises(ProviderDown):
        resultOf(token.token())


def test_refused(make):
    """
    Many pushes that learn at once that the token is not taken any more get one new one.
    """
    http = ScriptedHTTP(granted("T1"), granted("T2"))
    token = make(http)
    resultOf(token.token())

    token.refused("T1")
    assert "T2" == resultOf(token.token())
    token.refused("T1")
    assert "T2" == resultOf(token.token())


@pytest.mark.parametrize(
    ("said", "error"),
    [
        (answer(400, {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}), ProviderRefused),
        (answer(400, {"error": "invalid_scope"}), ProviderRefused),
        (answer(400, {"error": "unsupported_grant_type"}), ProviderRefused),
        (answer(401, {"error": "invalid_client"}), ProviderRefused),
        (answer(403, "<html>"), ProviderRefused),
        (answer(404, "<html>"), ProviderRefused),
        (answer(429), Throttled),
        (answer(408), ProviderDown),
        (answer(500, {"error": "internal_failure"}), ProviderDown),
        (answer(503, "<html>"), ProviderDown),
        (answer(302), ProviderDown),
        (answer(200, "<html>"), ProviderDown),
        (answer(200, {}), ProviderDown),
        (answer(200, {"access_token": 5}), ProviderDown),
        (answer(200, {"access_token": ""}), ProviderDown),
        (answer(200, {"access_token": "T1\r\nX-Evil: 1"}), ProviderDown),
        (granted(lasts="soon"), ProviderDown),
        (granted(lasts=0), ProviderDown),
        (granted(lasts=float("nan")), ProviderDown),
        (TimedOut("no answer in time", maybeSent=True), ProviderDown),
        (NotConnected("no connection"), ProviderDown),
        (NotTrusted("the certificate is not trusted"), ProviderRefused),
    ],
)
def test_noToken(make, said, error):
    """
    Whether there is no token because Google does not want us, or because it cannot be asked, makes the difference.
    """
    with pytest.raises(error) as raised:
        resultOf(make(ScriptedHTTP(said)).token())

    assert error is type(raised.value)
    assert str(raised.value).startswith("token endpoint: ")
    assert not getattr(raised.value, "maybeSent", False)


def test_theDescriptionIsNotRepeated(make):
    """
    What the token endpoint says in its own words may quote what we sent.
    """
    said = answer(400, {"error": "invalid_grant", "error_description": "eyJhbGciOi"})

    with pytest.raises(ProviderRefused, match=r"400 invalid_grant .*clock is wrong") as raised:
        resultOf(make(ScriptedHTTP(said)).token())

    assert "eyJ" not in str(raised.value)
