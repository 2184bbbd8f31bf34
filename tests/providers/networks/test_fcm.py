"""
FCM keeps the contract against a stand-in for Google; and whatever is there instead of Google.
"""

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc import errors
from pushsvc.errors import ProviderDown
from tests.httpclient.servers import says
from tests.providers.contract import targetOf
from tests.providers.fcmsupport import makeFCM
from tests.providers.networks.contract import AccessTokenContract, push
from tests.standins.certificates import publicKeyOf, writeServiceAccount
from tests.standins.fcm import GoogleStandIn, fcmError

ANSWERS = {
    errors.DeviceGone: fcmError(404, "NOT_FOUND", "UNREGISTERED"),
    errors.Throttled: fcmError(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"),
    errors.ProviderDown: {"status": 502, "text": "<html>502</html>"},
    errors.ProviderRefused: fcmError(403, "PERMISSION_DENIED"),
    errors.PayloadTooLarge: fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Android message is too big"),
    errors.BadRequest: fcmError(400, "INVALID_ARGUMENT", fields=("message.data[0].value",)),
}


@pytest.fixture
def network(account):
    return GoogleStandIn(publicKeyOf(account))


@pytest.fixture
def provider(http, url, tmp_path, patience):
    return makeFCM(writeServiceAccount(tmp_path / "account.json", f"{url}/token"), http, reactor, url, patience)


@pytest.fixture
def target():
    return targetOf("secret-token", kind="token")


class TestFCM(AccessTokenContract):
    """
    FCM keeps the contract.
    """

    answers = ANSWERS
    never = (errors.Refused,)

    @pytest.fixture
    def arrived(self, network):
        return lambda: [message["data"]["push-id"] for message in network.messages]


@pytest_twisted.ensureDeferred
async def test_burst(provider, network, target):
    """
    A burst of pushes asks for one access token, and every push arrives once.
    """
    await gatherResults([ensureDeferred(push(provider, target)) for _ in range(20)])

    assert 1 == len(network.asked("/token"))
    assert 20 == len({message["data"]["push-id"] for message in network.messages}) == len(network.messages)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "url",
    [
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
        says(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000),
    ],
    ids=["words", "endless"],
    indirect=True,
)
async def test_successesThatAreNone(provider, target):
    """
    Who says yes to everything is not Google.
    """
    with pytest.raises(ProviderDown):
        await push(provider, target)
