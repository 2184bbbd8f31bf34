"""
Huawei keeps the contract, over real TLS sockets against a stand-in, by all three of its versions.
"""

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc import errors
from pushsvc.errors import ProviderDown
from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from tests.providers.contract import NOTIFICATION, ProviderContract, targetOf
from tests.providers.huaweisupport import makeHuawei, tableOf
from tests.standins.certificates import CA
from tests.standins.fcm import listen
from tests.standins.huawei import HuaweiStandIn, illegal, says, writeHuaweiAccount

ANSWERS = {
    errors.DeviceGone: says("80300007", "All the tokens are invalid"),
    errors.Throttled: {"status": 503, "text": "<html>"},
    errors.ProviderDown: says("81000001", "Inner Error."),
    errors.ProviderRefused: says("80300002", "No permission to send message to these tmIDs."),
    errors.Refused: illegal("countryNotSupport", "secret-token"),
    errors.PayloadTooLarge: says("80300008", "Push message size is too long."),
    errors.BadRequest: says("80100003", "Illegal payload, secret-token"),
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


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    return writeHuaweiAccount(tmp_path_factory.mktemp("account") / "service-account.json")


@pytest_twisted.async_yield_fixture
async def http(ca):
    http = makeHTTP2(reactor, ca.certificate, otherwise=makeHTTP(reactor, ca.certificate))
    yield http
    await http.close()


@pytest.fixture
def network():
    return HuaweiStandIn()


@pytest_twisted.async_yield_fixture
async def url(network, certificate):
    port = await listen(reactor, network, certificate.certificate, certificate.key)
    yield f"https://localhost:{port.getHost().port}"
    await port.stopListening()


@pytest.fixture(params=["v1", "v2", "v3"])
def provider(request, http, url, account):
    return makeHuawei(tableOf(request.param, account, url), http, reactor, deadline=5.0)


class TestHuawei(ProviderContract):
    """
    Huawei keeps the contract.
    """

    @pytest.fixture
    def target(self):
        return targetOf("secret-token")

    @pytest.fixture
    def arrived(self, network):
        return lambda: [push["data"]["push-id"] for push in network.pushes]

    @pytest.fixture
    def provoke(self, network, target):
        def provoke(error):
            network.script.append(ANSWERS[error])
            return target

        return provoke


def push(provider):
    return provider.send(targetOf("token-1"), NOTIFICATION, "push-1", reactor.seconds() + 60)


@pytest_twisted.ensureDeferred
async def test_burst(provider, network):
    """
    A burst of pushes asks for one access token at most, and every push arrives once.
    """
    await gatherResults([ensureDeferred(push(provider)) for _ in range(20)])

    assert len(network.asked("/token")) <= 1
    assert 1 == len({request["headers"]["authorization"] for request in network.asked("messages:send")})
    assert 20 == len(network.pushes)


@pytest_twisted.ensureDeferred
async def test_tokenExpires(provider, network):
    """
    What meets a token of ours that has run out is repeated under a new one, and only one is asked for.
    """
    assert await push(provider)
    network.tokensExpire()

    await gatherResults([ensureDeferred(push(provider)) for _ in range(5)])

    assert len(network.asked("/token")) in (0, 2)
    assert 6 == len(network.pushes)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trouble", [{"reset": True}, {"reset": "middle"}, {"hang": True}])
async def test_MP69_lostAnswers(provider, network, trouble):
    """
    MP-69: an answer that never comes, or not whole, is nobody's fault; the push may have arrived, and the next one
    finds its way.
    """
    await provider.check()
    provider._deadline = 0.5
    # Twice: a kept connection that is cut is reason enough to try once more at once.
    network.script += [trouble] * (2 if trouble.get("reset") is True else 1)

    with pytest.raises(ProviderDown) as raised:
        await push(provider)

    assert raised.value.maybeSent
    assert await push(provider)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trouble", [{"reset": True}, {"hang": True}, {"status": 503}, {"text": "<html>"}])
async def test_lostToken(http, url, account, network, trouble):
    """
    While there is no access token, nothing of the push has been sent.
    """
    provider = makeHuawei(tableOf("v1", account, url), http, reactor, deadline=0.5)
    network.script.append({"path": "/token", **trouble})

    with pytest.raises(ProviderDown) as raised:
        await push(provider)

    assert not raised.value.maybeSent
    assert [] == network.pushes
    assert await push(provider)
