"""
Ubuntu Touch's provider keeps the contract against a stand-in for UBports' push server.
"""

from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor

from pushsvc import errors
from tests.providers.contract import NOTIFICATION
from tests.providers.networks.contract import NetworkContract
from tests.providers.ubuntusupport import device, makeUbuntu
from tests.standins.ubports import UBports, refusal, tokenOf

ANSWERS = {
    errors.Throttled: {"status": 429, "headers": {"Retry-After": "3"}},
    errors.ProviderDown: refusal(503, "unavailable", "Message store unavailable"),
    errors.ProviderRefused: {"status": 403, "text": "<html>403</html>"},
    errors.PayloadTooLarge: refusal(400, "invalid-request", "Data too large"),
    errors.BadRequest: refusal(400, "invalid-request", "Invalid expiration date"),
}
ANOTHER = tokenOf("another.application", "secret-device")


@pytest.fixture
def network():
    return UBports()


@pytest.fixture
def provider(http, url, patience):
    return makeUbuntu(http, reactor, patience, endpoint=url)


class TestUbuntu(NetworkContract):
    """
    Ubuntu Touch keeps the contract.
    """

    answers = ANSWERS
    otherwise = {errors.DeviceGone: lambda network, target: device(ANOTHER)}
    never = (errors.Refused,)

    @pytest.fixture
    def target(self):
        return device()

    @pytest.fixture
    def arrived(self, network):
        return lambda: [push["data"]["push-id"] for push in network.arrived]


@pytest_twisted.ensureDeferred
async def test_MP71_tooManyPending(provider, network):
    """
    MP-71: what waits on the server makes room when there is too much of it.
    """
    network.most = 1
    pushIds = [str(uuid4()), str(uuid4())]

    for pushId in pushIds:
        assert await provider.send(device(key=pushId), NOTIFICATION, pushId, reactor.seconds() + 60)

    assert [200, 413, 200] == [request["status"] for request in network.requests]
    assert pushIds[1:] == [push["data"]["push-id"] for push in network.arrived]
