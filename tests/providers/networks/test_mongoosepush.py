"""
MongoosePush keeps the contract against a stand-in that refuses what is not after the schema.
"""

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.web.server import Site

from pushsvc import errors
from tests.providers.contract import targetOf
from tests.providers.mongoosepushsupport import makeMongoosePush
from tests.providers.networks.contract import NetworkContract, push
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
def network():
    return MongoosePushStandIn()


@pytest.fixture(params=["v3", "v2"])
def version(request):
    return request.param


@pytest.fixture
def provider(http, url, version, patience):
    return makeMongoosePush(http, reactor, url, patience, api_version=version)


class _MongoosePush(NetworkContract):
    @pytest.fixture(params=["apns", "fcm"])
    def target(self, request):
        return targetOf("secret:token/1", service=request.param)

    @pytest.fixture
    def arrived(self, network):
        return lambda: [push["data"]["push-id"] for push in network.pushes]


@pytest.mark.parametrize("version", ["v3"])
class TestMongoosePush(_MongoosePush):
    """
    MongoosePush keeps the contract.
    """

    answers = ANSWERS["v3"]


@pytest.mark.parametrize("version", ["v2"])
class TestMongoosePush2(_MongoosePush):
    """
    So does its older interface.
    """

    answers = ANSWERS["v2"]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("token", ["a:b/c?d#e%2F é", "..;/..", "\U0001f98a"])
async def test_MIM41_deviceIds(provider, network, token):
    """
    MIM-41: a device id arrives as it is, whatever stands in it.
    """
    assert await push(provider, targetOf(token, service="fcm"))

    assert [token] == [push["device_id"] for push in network.pushes]


@pytest_twisted.ensureDeferred
async def test_withoutTLS(http, network):
    """
    In a network of one's own it may be asked without TLS.
    """
    site = Site(network)
    site.noisy = False
    port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(site)
    provider = makeMongoosePush(http, reactor, f"http://127.0.0.1:{port.getHost().port}", deadline=5.0)

    try:
        await provider.check()
        assert await push(provider, targetOf("token-1", service="fcm"))
    finally:
        await port.stopListening()
