"""
Ubuntu Touch's provider keeps the contract, over real TLS sockets against a stand-in for UBports' push server.
"""

from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor

from pushsvc import errors
from pushsvc.errors import ProviderDown, ProviderRefused
from pushsvc.httpclient.client import makeHTTP
from tests.providers.contract import NOTIFICATION, ProviderContract
from tests.providers.test_ubuntu import device, make
from tests.standins.certificates import CA
from tests.standins.fcm import listen
from tests.standins.ubports import UBports, refusal, tokenOf

ANSWERS = {
    errors.Throttled: {"status": 429, "headers": {"Retry-After": "3"}},
    errors.ProviderDown: refusal(503, "unavailable", "Message store unavailable"),
    errors.ProviderRefused: {"status": 403, "text": "<html>403</html>"},
    errors.PayloadTooLarge: refusal(400, "invalid-request", "Data too large"),
    errors.BadRequest: refusal(400, "invalid-request", "Invalid expiration date"),
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


@pytest_twisted.async_yield_fixture
async def http(ca):
    http = makeHTTP(reactor, ca.certificate)
    yield http
    await http.close()


@pytest.fixture
def ubports():
    return UBports()


@pytest_twisted.async_yield_fixture
async def url(ubports, ca):
    issued = ca.issue("localhost")
    port = await listen(reactor, ubports, issued.certificate, issued.key)
    yield f"https://localhost:{port.getHost().port}"
    await port.stopListening()


@pytest.fixture
def provider(http, url):
    return make(http, reactor, endpoint=url)


class TestUbuntu(ProviderContract):
    """
    Ubuntu Touch keeps the contract.
    """

    @pytest.fixture
    def target(self):
        return device()

    @pytest.fixture
    def arrived(self, ubports):
        return lambda: [push["data"]["push-id"] for push in ubports.arrived]

    @pytest.fixture
    def provoke(self, ubports, target):
        def provoke(error):
            if error is errors.DeviceGone:
                return device(tokenOf("another.application", "secret-device"))
            if error not in ANSWERS:
                return None
            ubports.script.append(ANSWERS[error])
            return target

        return provoke


def push(provider):
    return provider.send(device(), NOTIFICATION, str(uuid4()), reactor.seconds() + 60)


@pytest_twisted.ensureDeferred
async def test_MP71_tooManyPending(provider, ubports):
    """
    MP-71: what waits on the server makes room when there is too much of it.
    """
    ubports.most = 1
    pushIds = [str(uuid4()), str(uuid4())]

    for pushId in pushIds:
        assert await provider.send(device(key=pushId), NOTIFICATION, pushId, reactor.seconds() + 60)

    assert [200, 413, 200] == [request["status"] for request in ubports.requests]
    assert pushIds[1:] == [push["data"]["push-id"] for push in ubports.arrived]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trouble", [{"reset": True}, {"reset": "middle"}, {"hang": True}])
async def test_lostAnswers(provider, ubports, trouble):
    """
    An answer that never comes, or not whole, is nobody's fault; the push may have arrived, and the next one finds its
    way.
    """
    provider._deadline = 0.5
    ubports.script.append(trouble)

    with pytest.raises(ProviderDown) as raised:
        await push(provider)

    assert raised.value.maybeSent
    assert await push(provider)


@pytest_twisted.ensureDeferred
async def test_MP74_somebodyElse(http, ubports, ca, tmp_path):
    """
    MP-74: somebody who cannot prove to be the push server gets no push, and the operator is told.
    """
    issued = CA(tmp_path, "Somebody").issue("localhost")
    port = await listen(reactor, ubports, issued.certificate, issued.key)
    provider = make(http, reactor, endpoint=f"https://localhost:{port.getHost().port}")

    try:
        with pytest.raises(ProviderRefused, match="certificate"):
            await push(provider)
    finally:
        await port.stopListening()

    assert [] == ubports.requests
