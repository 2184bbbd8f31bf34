"""
WNS keeps the contract against a stand-in for it and for both of Microsoft's token endpoints.
"""

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc import errors
from tests.providers.contract import targetOf
from tests.providers.networks.contract import ALLOWED, GUARD, AccessTokenContract, push
from tests.providers.wnssupport import PARTNER_CENTER, makeWNS, told
from tests.standins.wns import TENANT, WNS, said

ANSWERS = {
    errors.Throttled: said(200, "channelthrottled", **{"X-WNS-CONTINUE-AFTER": "3"}),
    errors.ProviderDown: said(503, "dropped"),
    errors.PayloadTooLarge: said(413, "dropped"),
    errors.BadRequest: said(400, "dropped"),
}
# Where an app asks for its access token, and with what.
KNOWN = {
    "entra": (f"/{TENANT}/oauth2/v2.0/token", {}),
    "partner center": ("/accesstoken.srf", PARTNER_CENTER),
}


@pytest.fixture
def guard():
    return GUARD


@pytest.fixture
def network():
    return WNS()


@pytest.fixture(params=KNOWN)
def known(request):
    return KNOWN[request.param]


@pytest.fixture
def provider(http, url, known, patience):
    path, credentials = known
    table = {"token-endpoint": url + path, "allowed-endpoints": [ALLOWED], **credentials}
    return makeWNS(http, reactor, patience, **table)


@pytest.fixture
def target(network, url):
    return targetOf(network.channelFor(url, "secret"))


def gone(network, target):
    """
    A channel that has ended.
    """
    network.ended.add(target.token.partition("?")[2])
    return target


def anothers(network, target):
    """
    A channel of another app.
    """
    network.others.add(target.token.partition("?")[2])
    return target


def elsewhere(network, target):
    """
    A channel that is none of WNS.
    """
    return targetOf("https://elsewhere.example/?token=secret")


class TestWNS(AccessTokenContract):
    """
    WNS keeps the contract.
    """

    answers = ANSWERS
    otherwise = {errors.DeviceGone: gone, errors.ProviderRefused: anothers, errors.Refused: elsewhere}

    @pytest.fixture
    def tokenPath(self, known):
        return known[0]

    @pytest.fixture
    def arrived(self, network):
        return lambda: [told(push)["push-id"] for push in network.arrived]


@pytest.fixture
def many(network, url):
    """
    Devices.
    """
    return [targetOf(network.channelFor(url, f"device {number}")) for number in range(20)]


@pytest_twisted.ensureDeferred
async def test_burst(provider, network, many):
    """
    A burst of pushes asks for one access token, and every push arrives once, at its own channel.
    """
    await gatherResults([ensureDeferred(push(provider, device)) for device in many])

    assert 21 == len(network.requests)
    assert {device.token.partition("?")[2] for device in many} == {each["query"] for each in network.arrived}


@pytest_twisted.ensureDeferred
async def test_D22_burstAfterTheEnd(provider, network, target, many):
    """
    D22: when the access token ends before its time, a burst of pushes asks for one new one.
    """
    await push(provider, target)
    network.tokensExpire()

    await gatherResults([ensureDeferred(push(provider, device)) for device in many])

    assert 21 == len(network.arrived)
    assert 2 == sum(request["path"] != "/" for request in network.requests)


@pytest_twisted.ensureDeferred
async def test_theRequest(provider, network, target):
    """
    WNS gets the length of a body and no chunks, and the channel as it was made.
    """
    await push(provider, target)

    sent = network.arrived[0]
    assert str(len(sent["body"])) == sent["headers"]["content-length"]
    assert "transfer-encoding" not in sent["headers"]
    assert "%2f" in sent["query"] and target.token.endswith(sent["query"])
