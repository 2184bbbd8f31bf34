"""
FCM over HTTP/2: access tokens and messages, against a stand-in that speaks nothing older.
"""

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc.errors import ProviderDown
from pushsvc.httpclient.http2.client import makeHTTP2
from pushsvc.model import Notification, Target
from tests.providers.fcmsupport import makeFCM
from tests.standins.certificates import publicKeyOf, writeServiceAccount
from tests.standins.fcm import GoogleStandIn, bodyOf, fcmError
from tests.standins.http import ScriptedHTTP
from tests.standins.http2 import StandIn, listen


@pytest_twisted.async_yield_fixture
async def server(certificate):
    """
    What speaks HTTP/2.
    """
    server = StandIn()
    port = await listen(reactor, server, certificate)
    server.url = f"https://localhost:{port.getHost().port}"
    yield server
    await port.stopListening()
    for connection in server.open:
        connection.cut()
    assert [] == server.violations


@pytest.fixture
def account(server, tmp_path):
    """
    A service account whose grants are asked for at the same server.
    """
    return writeServiceAccount(tmp_path / "account.json", f"{server.url}/token")


@pytest.fixture
def google(server, account):
    """
    What answers there.
    """
    google = GoogleStandIn(publicKeyOf(account))

    def act(heard):
        seen, answer = google.heard(heard.headers[":method"], heard.headers[":path"], heard.headers, heard.body)
        seen["status"] = answer.get("status", 200)
        heard.answer(seen["status"], bodyOf(answer))

    server.act = act
    return google


@pytest.fixture
def older():
    """
    The client for HTTP/1.1; whatever it is asked, it fails.
    """
    return ScriptedHTTP()


@pytest_twisted.async_yield_fixture
async def provider(ca, server, google, account, older):
    http = makeHTTP2(reactor, ca.certificate, otherwise=older)
    yield makeFCM(account, http, reactor, server.url)
    await http.close()


def sends(provider, count):
    expires = reactor.seconds() + 60
    targets = [Target(f"node{number}", "chatninja", f"token{number}") for number in range(count)]
    return [ensureDeferred(provider.send(target, Notification(), target.key, expires)) for target in targets]


@pytest_twisted.ensureDeferred
async def test_oneConnection(provider, server, google, older):
    """
    Fifty messages at once, and the grant before them, travel on one HTTP/2 connection; HTTP/1.1 is not asked.
    """
    assert [True] * 50 == await gatherResults(sends(provider, 50))

    assert {f"token{number}" for number in range(50)} == {message["token"] for message in google.messages}
    assert (1, 50, 1) == (len(google.asked("/token")), len(google.messages), len(server.connections))
    assert [] == older.requests


@pytest_twisted.ensureDeferred
async def test_newToken(provider, google):
    """
    An access token that is not taken any more is renewed, and what met it is repeated.
    """
    await provider.check()
    google.tokensExpire()

    assert [True] * 10 == await gatherResults(sends(provider, 10))

    assert 10 == len(google.messages)
    assert 2 == len(google.asked("/token"))


@pytest_twisted.ensureDeferred
async def test_unavailable(provider, server, google):
    """
    What Google says over HTTP/2 is understood as what it says over HTTP/1.1.
    """
    google.script.append(fcmError(503, "UNAVAILABLE", "UNAVAILABLE"))

    (sending,) = sends(provider, 1)
    with pytest.raises(ProviderDown, match="503 UNAVAILABLE"):
        await sending

    assert [True] == await gatherResults(sends(provider, 1))
