"""
MongoosePush keeps the contract, over real TLS sockets against a stand-in that refuses what is not after the schema.
"""

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.web.server import Site

from pushsvc import errors
from pushsvc.errors import ProviderDown
from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from tests.providers.contract import NOTIFICATION, ProviderContract, targetOf
from tests.providers.mongoosepushsupport import makeMongoosePush
from tests.standins.certificates import CA
from tests.standins.fcm import listen
from tests.standins.mongoosepush import MongoosePushStandIn, complaint, details, reason

ANSWERS = {
    "v3": {
        errors.DeviceGone: reason(410, "unregistered"),
        errors.Throttled: reason(429, "too_many_requests"),
        errors.ProviderDown: reason(503, "unable_to_connect"),
        errors.ProviderRefused: reason(400, "no_matching_pool"),
        errors.Refused: reason(400, "invalid_request"),
        errors.PayloadTooLarge: reason(413, "payload_too_large"),
        errors.BadRequest: complaint("/alert/badge"),
    },
    "v2": {
        errors.DeviceGone: details("UNREGISTERED"),
        errors.Throttled: details("QUOTA_EXCEEDED"),
        errors.ProviderDown: details("Please try again later", 503),
        errors.ProviderRefused: details("no_matching_pool"),
        errors.Refused: details("BadDeviceToken"),
        errors.PayloadTooLarge: details("PayloadTooLarge"),
        errors.BadRequest: complaint("/alert/badge"),
    },
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
    http = makeHTTP2(reactor, ca.certificate, otherwise=makeHTTP(reactor, ca.certificate))
    yield http
    await http.close()


@pytest.fixture
def gateway():
    return MongoosePushStandIn()


@pytest_twisted.async_yield_fixture
async def url(gateway, certificate):
    port = await listen(reactor, gateway, certificate.certificate, certificate.key)
    yield f"https://localhost:{port.getHost().port}"
    await port.stopListening()


@pytest.fixture(params=["v3", "v2"])
def version(request):
    return request.param


@pytest.fixture
def provider(http, url, version):
    return makeMongoosePush(http, reactor, url, deadline=5.0, api_version=version)


class TestMongoosePush(ProviderContract):
    """
    MongoosePush keeps the contract, by its older interface too.
    """

    @pytest.fixture(params=["apns", "fcm"])
    def target(self, request):
        return targetOf("secret:token/1", service=request.param)

    @pytest.fixture
    def arrived(self, gateway):
        return lambda: [push["data"]["push-id"] for push in gateway.pushes]

    @pytest.fixture
    def provoke(self, gateway, target, version):
        def provoke(error):
            gateway.script.append(ANSWERS[version][error])
            return target

        return provoke


def push(provider, token="token-1"):
    return provider.send(targetOf(token, service="fcm"), NOTIFICATION, "push-1", reactor.seconds() + 60)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trouble", [{"reset": True}, {"reset": "middle"}, {"hang": True}])
async def test_MP69_lostAnswers(provider, gateway, trouble):
    """
    MP-69: an answer that never comes, or not whole, is nobody's fault; the push may have arrived, and the next one
    finds its way.
    """
    await provider.check()
    provider._deadline = 0.5
    # Twice: a kept connection that is cut is reason enough to try once more at once.
    gateway.script += [trouble] * (2 if trouble.get("reset") is True else 1)

    with pytest.raises(ProviderDown) as raised:
        await push(provider)

    assert raised.value.maybeSent
    assert await push(provider)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("token", ["a:b/c?d#e%2F é", "..;/..", "\U0001f98a"])
async def test_MIM41_deviceIds(provider, gateway, token):
    """
    MIM-41: a device id arrives as it is, whatever stands in it.
    """
    assert await push(provider, token)

    assert [token] == [push["device_id"] for push in gateway.pushes]


@pytest_twisted.ensureDeferred
async def test_withoutTLS(http, gateway):
    """
    In a network of one's own it may be asked without TLS.
    """
    site = Site(gateway)
    site.noisy = False
    port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(site)
    provider = makeMongoosePush(http, reactor, f"http://127.0.0.1:{port.getHost().port}", deadline=5.0)

    try:
        await provider.check()
        assert await push(provider)
    finally:
        await port.stopListening()
