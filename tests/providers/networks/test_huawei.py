"""
Huawei keeps the contract against a stand-in, by all three of its versions.
"""

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc import errors
from tests.providers.contract import targetOf
from tests.providers.huaweisupport import makeHuawei, tableOf
from tests.providers.networks.contract import AccessTokenContract, NetworkContract, push
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


@pytest.fixture(scope="module")
def account(tmp_path_factory):
    return writeHuaweiAccount(tmp_path_factory.mktemp("account") / "service-account.json")


@pytest.fixture
def network():
    return HuaweiStandIn()


@pytest.fixture
def version():
    return "v1"


@pytest.fixture
def provider(version, http, url, account, patience):
    return makeHuawei(tableOf(version, account, url), http, reactor, patience)


@pytest.fixture
def target():
    return targetOf("secret-token")


class _Huawei:
    answers = ANSWERS

    @pytest.fixture
    def arrived(self, network):
        return lambda: [push["data"]["push-id"] for push in network.pushes]


@pytest.mark.parametrize("version", ["v1", "v2"])
class TestByTheClientsSecret(_Huawei, AccessTokenContract):
    """
    The versions that ask for an access token keep the contract.
    """


@pytest.mark.parametrize("version", ["v3"])
class TestByAServiceAccount(_Huawei, NetworkContract):
    """
    So does the one under a token that we sign ourselves.
    """


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
async def test_burst(provider, network, target):
    """
    A burst of pushes asks for one access token at most, and every push arrives once.
    """
    await gatherResults([ensureDeferred(push(provider, target)) for _ in range(20)])

    assert len(network.asked("/token")) <= 1
    assert 1 == len({request["headers"]["authorization"] for request in network.asked("messages:send")})
    assert 20 == len(network.pushes)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("version", ["v1", "v2", "v3"])
async def test_tokenExpires(provider, network, target):
    """
    What meets a token of ours that has run out is repeated under a new one, and only one is asked for.
    """
    assert await push(provider, target)
    network.tokensExpire()

    await gatherResults([ensureDeferred(push(provider, target)) for _ in range(5)])

    assert len(network.asked("/token")) in (0, 2)
    assert 6 == len(network.pushes)
