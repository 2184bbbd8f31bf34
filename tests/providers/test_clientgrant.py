"""
The token that a client id and its secret obtain.

What it shares with Google's is tested there: keeping, renewing, single flight, and every answer without a token.
"""

from urllib.parse import parse_qs

import pytest

from pushsvc.errors import ProviderDown, ProviderRefused
from pushsvc.providers.bearertoken import EARLY, LONGEST
from pushsvc.providers.clientgrant import ClientToken
from tests.providers.fcmsupport import granted
from tests.standins.http import ScriptedHTTP, answer
from tests.support import resultOf

ENDPOINT = "https://login.example/token"
SECRET = "s3cret & more"


def make(http, clock, scope="https://scope.example/.default"):
    return ClientToken(ENDPOINT, "the client", SECRET, scope, http, clock, 7.0)


@pytest.mark.parametrize("scope", ["https://scope.example/.default", None])
def test_grant(clock, scope):
    """
    The client says who it is and what its secret is in a form, and asks for a scope where there is one.
    """
    http = ScriptedHTTP(granted("T1"))

    assert "T1" == resultOf(make(http, clock, scope).token())

    request = http.requests[0]
    wanted = {"grant_type": ["client_credentials"], "client_id": ["the client"], "client_secret": [SECRET]}
    assert ("POST", ENDPOINT, 7.0) == (request.method, request.url, request.deadline)
    assert "application/x-www-form-urlencoded" == request.headers["Content-Type"]
    assert {**wanted, **({"scope": [scope]} if scope else {})} == parse_qs(request.body.decode())


def test_D22_keptForADay(clock):
    """
    D22: a token that is good for a day is asked for once in it, and again before it ends, whether its time is told as a
    number or as text.
    """
    http = ScriptedHTTP(granted("T1", 86400), granted("T2", "86400"), granted("T3"))
    token = make(http, clock)

    tokens = []
    for passed in (0, 86400 - EARLY - 1, 1, 86400 - EARLY - 1, 1):
        clock.advance(passed)
        tokens.append(resultOf(token.token()))

    assert ["T1", "T1", "T2", "T2", "T3"] == tokens


@pytest.mark.parametrize("lasts", ["", "-5", "1e3", "9" * 30, "soon", True, None, [], LONGEST + 1])
def test_noTimeThatMakesSense(clock, lasts):
    """
    A token of which nobody can tell how long it is good is none.
    """
    with pytest.raises(ProviderDown, match="no time that makes sense"):
        resultOf(make(ScriptedHTTP(granted("T1", lasts)), clock).token())


def test_refusedOnce(clock):
    """
    Who learns that the network does not take the token gets another one; who learns it late does not cost a third.
    """
    http = ScriptedHTTP(granted("T1"), granted("T2"))
    token = make(http, clock)
    resultOf(token.token())

    token.refused("T1")
    assert "T2" == resultOf(token.token())
    token.refused("T1")

    assert "T2" == resultOf(token.token())


@pytest.mark.parametrize(
    ("status", "word", "error"),
    [
        (401, "invalid_client", ProviderRefused),
        (400, "invalid_client", ProviderRefused),
        (400, "invalid_scope", ProviderRefused),
        (400, "unauthorized_client", ProviderRefused),
        (400, "invalid_request", ProviderRefused),
        (400, "temporarily_unavailable", ProviderDown),
        (400, "server_error", ProviderDown),
    ],
)
def test_refusals(clock, status, word, error):
    """
    What the token endpoint says of us is for the operator; that it is busy is for nobody.
    """
    said = answer(status, {"error": word, "error_description": f"AADSTS7000215: {SECRET}"})

    with pytest.raises(error, match=f"token endpoint: {status} {word}") as raised:
        resultOf(make(ScriptedHTTP(said), clock).token())

    assert SECRET not in str(raised.value)


def test_tellsNoSecrets(clock):
    """
    Neither the secret nor the token is in a repr.
    """
    http = ScriptedHTTP(granted("T1-very-secret"))
    token = make(http, clock)
    resultOf(token.token())

    for secret in (SECRET, "s3cret", "T1-very-secret"):
        assert secret not in repr(token) + repr(vars(http))
