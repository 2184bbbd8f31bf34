"""
SimplePush's provider keeps the contract against a stand-in for Mozilla's server.
"""

import json

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc import errors
from pushsvc.errors import Refused
from pushsvc.guard import allowing
from pushsvc.httpclient.client import makeHTTP
from tests.providers.contract import targetOf
from tests.providers.mozillasupport import makeMozilla
from tests.providers.networks.contract import ALLOWED, GUARD, NetworkContract, push
from tests.standins.simplepush import SimplePush, refusal

ANSWERS = {
    errors.Throttled: {"status": 429, "headers": {"Retry-After": "3"}},
    errors.ProviderDown: refusal(503, 201),
    errors.Refused: refusal(400, 108),
    errors.PayloadTooLarge: refusal(413, 104),
    errors.BadRequest: refusal(400, 101),
}
PHONE = targetOf("phone")


@pytest.fixture
def guard():
    return GUARD


@pytest.fixture
def network():
    return SimplePush()


@pytest.fixture
def provider(http, url, tmp_path, patience):
    table = {"endpoint": f"{url}/push", "allowed-endpoints": [ALLOWED]}
    return makeMozilla(tmp_path, http, reactor, patience, **table)


def gone(network, target):
    """
    The phone is no more.
    """
    network.gone.add("secret-token")
    return target


class TestMozilla(NetworkContract):
    """
    SimplePush keeps the contract.
    """

    answers = ANSWERS
    otherwise = {errors.DeviceGone: gone}
    never = (errors.ProviderRefused,)

    @pytest.fixture(params=["tail", "URL"])
    def target(self, request, url):
        return targetOf("secret-token" if request.param == "tail" else f"{url}/spush/v1/secret-token")

    @pytest.fixture
    def arrived(self, network):
        return lambda: [json.loads(data)["push-id"] for _, _, data in network.woken]


@pytest_twisted.ensureDeferred
async def test_MP70_everyPushWakes(provider, network):
    """
    MP-70: a phone takes every one of many pushes in one moment, one after the other.
    """
    for _ in range(20):
        await push(provider, PHONE)

    assert (20, 0) == (len(network.woken), len(network.ignored))


@pytest_twisted.ensureDeferred
async def test_burst(provider, network):
    """
    A burst of pushes wakes every phone once.
    """
    phones = [f"phone-{number}" for number in range(20)]

    await gatherResults([ensureDeferred(push(provider, targetOf(phone))) for phone in phones])

    assert phones == sorted((token for token, _, _ in network.woken), key=phones.index)


@pytest_twisted.ensureDeferred
async def test_privateAddress(ca, url, network, tmp_path):
    """
    A server whose name leads to a private address is not asked, whatever its name looked like when a phone registered.
    """
    http = makeHTTP(reactor, ca.certificate, allowing(()))
    provider = makeMozilla(tmp_path, http, reactor)

    try:
        with pytest.raises(Refused):
            await push(provider, targetOf(f"{url}/push/phone"))
    finally:
        await http.close()

    assert [] == network.requests


@pytest_twisted.ensureDeferred
async def test_redirects(provider, network, url):
    """
    Nobody is followed elsewhere.
    """
    network.script.append({"status": 307, "headers": {"Location": f"{url}/push/other"}})

    with pytest.raises(Refused):
        await push(provider, PHONE)

    assert 1 == len(network.requests)
