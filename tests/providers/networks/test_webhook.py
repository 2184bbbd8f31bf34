"""
Webhooks keep the contract against somebody who verifies what comes.
"""

from dataclasses import replace

import pytest
import pytest_twisted
from twisted.internet import reactor

from pushsvc import errors
from pushsvc.errors import DeviceGone, ProviderDown, ProviderRefused, Refused
from tests.httpclient.servers import Script, listenTLS, says
from tests.providers.contract import targetOf
from tests.providers.networks.contract import ALLOWED, GUARD, NetworkContract, push, whereWeDoNotGo
from tests.providers.webhooksupport import SECRET, makeWebhook
from tests.standins.webhook import Receiver

ANSWERS = {
    errors.Throttled: {"status": 429, "headers": {"Retry-After": "3"}, "text": ""},
    errors.ProviderDown: {"status": 507, "body": {"code": 50701, "http": 507, "error": "no subscriber"}},
    errors.ProviderRefused: {"status": 403, "text": ""},
    errors.PayloadTooLarge: {"status": 413, "text": ""},
}


@pytest.fixture
def guard():
    return GUARD


@pytest.fixture
def network():
    return Receiver(SECRET.encode())


@pytest.fixture
def provider(http, patience):
    return makeWebhook(http, reactor, patience, allowed_endpoints=[ALLOWED])


@pytest.fixture
def target(url):
    return targetOf(f"{url}/secret?token=a%2fb")


def gone(network, target):
    """
    What has been taken down.
    """
    return replace(target, token=target.token.replace("/secret", "/gone/secret"))


class TestWebhook(NetworkContract):
    """
    Webhooks keep the contract.
    """

    answers = ANSWERS
    otherwise = {errors.DeviceGone: gone, errors.Refused: whereWeDoNotGo}
    never = (errors.BadRequest,)
    distrusted = ProviderDown

    @pytest.fixture
    def arrived(self, network):
        return lambda: [said["push-id"] for said in network.taken]


@pytest_twisted.ensureDeferred
async def test_anotherSecret(http, target, network):
    """
    Who does not share our secret takes nothing.
    """
    provider = makeWebhook(http, reactor, signing_secret="another secret than that", allowed_endpoints=[ALLOWED])

    with pytest.raises(ProviderRefused):
        await push(provider, target)

    assert [] == network.taken


@pytest_twisted.ensureDeferred
async def test_whereWeDoNotGo(http, target, network):
    """
    A private address is not asked, whatever was registered once.
    """
    with pytest.raises(Refused):
        await push(makeWebhook(http, reactor), whereWeDoNotGo(network, target))

    assert [] == network.requests


@pytest_twisted.ensureDeferred
async def test_aPageBesideTheAnswer(provider, certificate):
    """
    A receiver that shows a page with its answer has answered.
    """
    taken, gone = (f"HTTP/1.1 {said}\r\n\r\n".encode() + b"x" * 100_000 for said in ("200 OK", "404 Not Found"))
    port = await listenTLS(reactor, Script(says(taken), says(gone)), certificate)
    target = targetOf(f"https://localhost:{port.getHost().port}/")

    try:
        assert await push(provider, target)
        with pytest.raises(DeviceGone):
            await push(provider, target)
    finally:
        await port.stopListening()
