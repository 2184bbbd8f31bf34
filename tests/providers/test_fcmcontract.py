"""
FCM keeps the contract, over real TLS sockets against a stand-in for Google; and whatever goes wrong on the way to it.
"""

import socket
from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc import errors
from pushsvc.errors import ProviderDown, ProviderRefused
from pushsvc.httpclient.client import makeHTTP
from tests.httpclient.servers import Script, cuts, isMute, listenTLS, says, saysAndCloses
from tests.providers.contract import NOTIFICATION, ProviderContract, targetOf
from tests.providers.fcmsupport import makeFCM
from tests.standins.certificates import CA, publicKeyOf, writeServiceAccount
from tests.standins.fcm import GoogleStandIn, fcmError, listen

ANSWERS = {
    errors.DeviceGone: fcmError(404, "NOT_FOUND", "UNREGISTERED"),
    errors.Throttled: fcmError(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    errors.ProviderDown: {"status": 502, "text": "<html>502</html>"},
    errors.ProviderRefused: fcmError(403, "PERMISSION_DENIED"),
    errors.PayloadTooLarge: fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Android message is too big"),
    errors.BadRequest: fcmError(400, "INVALID_ARGUMENT", fields=("message.data[0].value",)),
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
    http = makeHTTP(reactor, ca.certificate)
    yield http
    await http.close()


@pytest.fixture
def google(account):
    return GoogleStandIn(publicKeyOf(account))


@pytest_twisted.async_yield_fixture
async def url(google, certificate):
    port = await listen(reactor, google, certificate.certificate, certificate.key)
    yield f"https://localhost:{port.getHost().port}"
    await port.stopListening()


@pytest.fixture
def provider(http, url, tmp_path):
    return makeFCM(writeServiceAccount(tmp_path / "account.json", f"{url}/token"), http, reactor, url, deadline=5.0)


class TestFCM(ProviderContract):
    """
    FCM keeps the contract.
    """

    @pytest.fixture
    def target(self):
        return targetOf("secret-token", kind="token")

    @pytest.fixture
    def arrived(self, google):
        return lambda: [message["data"]["push-id"] for message in google.messages]

    @pytest.fixture
    def provoke(self, google, target):
        def provoke(error):
            if error not in ANSWERS:
                return None
            google.script.append(ANSWERS[error])
            return target

        return provoke


def push(provider):
    return provider.send(targetOf("token-1"), NOTIFICATION, str(uuid4()), reactor.seconds() + 60)


@pytest_twisted.ensureDeferred
async def test_burst(provider, google):
    """
    A burst of pushes asks for one access token, and every push arrives once.
    """
    await gatherResults([ensureDeferred(push(provider)) for _ in range(20)])

    assert 1 == len(google.asked("/token"))
    assert 20 == len({message["data"]["push-id"] for message in google.messages}) == len(google.messages)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trouble", [{"reset": True}, {"reset": "middle"}, {"hang": True}])
async def test_MP69_lostAnswers(provider, google, trouble):
    """
    MP-69: an answer that never comes, or not whole, is nobody's fault; the push may have arrived, and the next one
    finds its way.
    """
    provider._deadline = 0.5
    # Twice: a kept connection that is cut is reason enough to try once more at once.
    google.script += [trouble] * (2 if trouble.get("reset") is True else 1)

    with pytest.raises(ProviderDown) as raised:
        await push(provider)

    assert raised.value.maybeSent
    assert await push(provider)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trouble", [{"reset": True}, {"hang": True}, {"status": 503}, {"text": "<html>"}])
async def test_lostToken(provider, google, trouble):
    """
    While there is no access token, nothing of the push has been sent.
    """
    google.script.append({"path": "/token", **trouble})
    provider._accessToken._deadline = 0.5

    with pytest.raises(ProviderDown) as raised:
        await push(provider)

    assert not raised.value.maybeSent
    assert [] == google.messages
    assert await push(provider)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "act",
    [
        cuts,
        isMute,
        saysAndCloses(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        says(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000),
        saysAndCloses(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    ],
)
async def test_garbage(http, certificate, tmp_path, act):
    """
    Whatever is at the other end instead of Google, it is ProviderDown.
    """
    port = await listenTLS(reactor, Script(act), certificate)
    url = f"https://localhost:{port.getHost().port}"
    provider = makeFCM(writeServiceAccount(tmp_path / "account.json", f"{url}/token"), http, reactor, url, 0.5)

    try:
        with pytest.raises(ProviderDown):
            await push(provider)
    finally:
        await port.stopListening()


@pytest_twisted.ensureDeferred
async def test_nobodyThere(http, tmp_path):
    """
    When nobody listens, it is certain that nothing was sent.
    """
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{unused.getsockname()[1]}"
        provider = makeFCM(writeServiceAccount(tmp_path / "account.json", f"{url}/token"), http, reactor, url)

        with pytest.raises(ProviderDown) as raised:
            await push(provider)

    assert not raised.value.maybeSent


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("whose", ["another CA's", "another host's"])
async def test_MP74_somebodyElse(http, google, ca, tmp_path, whose):
    """
    MP-74: somebody who cannot prove to be Google gets neither token nor push, and the operator is told.
    """
    issued = CA(tmp_path, "Somebody").issue("localhost") if whose == "another CA's" else ca.issue("elsewhere.example")
    port = await listen(reactor, google, issued.certificate, issued.key)
    url = f"https://localhost:{port.getHost().port}"
    provider = makeFCM(writeServiceAccount(tmp_path / "account.json", f"{url}/token"), http, reactor, url)

    try:
        with pytest.raises(ProviderRefused, match="certificate"):
            await push(provider)
    finally:
        await port.stopListening()

    assert [] == google.requests
