"""
Webhooks keep the contract, over real TLS sockets against somebody who verifies what comes.
"""

from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor

from pushsvc import errors
from pushsvc.errors import DeviceGone, ProviderDown, ProviderRefused, Refused
from pushsvc.guard import allowing
from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from tests.httpclient.servers import Script, cuts, isMute, listenTLS, says, saysAndCloses
from tests.providers.contract import NOTIFICATION, ProviderContract, targetOf
from tests.providers.test_webhook import SECRET, make
from tests.standins.certificates import CA
from tests.standins.fcm import listen
from tests.standins.webhook import Receiver

ALLOWED = "https://localhost:*"
ANSWERS = {
    errors.Throttled: {"status": 429, "headers": {"Retry-After": "3"}, "text": ""},
    errors.ProviderDown: {"status": 507, "body": {"code": 50701, "http": 507, "error": "no subscriber"}},
    errors.ProviderRefused: {"status": 403, "text": ""},
    errors.PayloadTooLarge: {"status": 413, "text": ""},
}


@pytest.fixture
def clock():
    """
    Real sockets live in real time.
    """
    return reactor


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def certificate(ca):
    return ca.issue("localhost")


@pytest_twisted.async_yield_fixture
async def http(ca):
    """
    As an app gets it.
    """
    guard = allowing((ALLOWED,))
    http = makeHTTP2(reactor, ca.certificate, otherwise=makeHTTP(reactor, ca.certificate, guard=guard), guard=guard)
    yield http
    await http.close()


@pytest.fixture
def receiver():
    return Receiver(SECRET.encode())


@pytest_twisted.async_yield_fixture
async def url(receiver, certificate):
    port = await listen(reactor, receiver, certificate.certificate, certificate.key)
    yield f"https://localhost:{port.getHost().port}/secret?token=a%2fb"
    await port.stopListening()


@pytest.fixture
def provider(http):
    return make(http, reactor, allowed_endpoints=[ALLOWED])


class TestWebhook(ProviderContract):
    """
    Webhooks keep the contract.
    """

    @pytest.fixture
    def target(self, url):
        return targetOf(url)

    @pytest.fixture
    def arrived(self, receiver):
        return lambda: [said["push-id"] for said in receiver.taken]

    @pytest.fixture
    def provoke(self, receiver, target):
        def provoke(error):
            if error is errors.DeviceGone:
                return replace(target, token=target.token.replace("/secret", "/gone/secret"))
            if error is errors.Refused:
                # Where we do not go.
                return replace(target, token=target.token.replace("localhost", "127.0.0.1"))
            if error not in ANSWERS:
                return None
            receiver.script.append(ANSWERS[error])
            return target

        return provoke


def push(provider, url):
    return provider.send(targetOf(url), NOTIFICATION, str(uuid4()), reactor.seconds() + 60)


@pytest_twisted.ensureDeferred
async def test_anotherSecret(http, url, receiver):
    """
    Who does not share our secret takes nothing.
    """
    provider = make(http, reactor, signing_secret="another secret than that", allowed_endpoints=[ALLOWED])

    with pytest.raises(ProviderRefused):
        await push(provider, url)

    assert [] == receiver.taken


@pytest_twisted.ensureDeferred
async def test_whereWeDoNotGo(http, url, receiver):
    """
    A private address is not asked, whatever was registered once.
    """
    with pytest.raises(Refused):
        await push(make(http, reactor), url.replace("localhost", "127.0.0.1"))

    assert [] == receiver.requests


@pytest_twisted.ensureDeferred
async def test_aPageBesideTheAnswer(http, certificate):
    """
    A receiver that shows a page with its answer has answered.
    """
    taken, gone = (f"HTTP/1.1 {said}\r\n\r\n".encode() + b"x" * 100_000 for said in ("200 OK", "404 Not Found"))
    port = await listenTLS(reactor, Script(says(taken), says(gone)), certificate)
    provider = make(http, reactor, allowed_endpoints=[ALLOWED])
    url = f"https://localhost:{port.getHost().port}/"

    try:
        assert await push(provider, url)
        with pytest.raises(DeviceGone):
            await push(provider, url)
    finally:
        await port.stopListening()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "act",
    [
        cuts,
        isMute,
        saysAndCloses(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        says(b"HTTP/1.1 503 No\r\n\r\n" + b"x" * 100_000),
        saysAndCloses(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    ],
)
async def test_garbage(http, certificate, act):
    """
    Whatever is there, it is nobody's fault.
    """
    port = await listenTLS(reactor, Script(act), certificate)
    provider = make(http, reactor, allowed_endpoints=[ALLOWED])
    provider._deadline = 0.5

    try:
        with pytest.raises(ProviderDown):
            await push(provider, f"https://localhost:{port.getHost().port}/")
    finally:
        await port.stopListening()
