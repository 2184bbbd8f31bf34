"""
WNS keeps the contract, over real TLS sockets against a stand-in for it; and whatever goes wrong on the way to it.
"""

from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc import errors
from pushsvc.errors import ProviderDown, ProviderRefused
from pushsvc.guard import allowing
from pushsvc.httpclient.client import makeHTTP
from tests.providers.contract import NOTIFICATION, ProviderContract, targetOf
from tests.providers.test_wns import told
from tests.providers.wnssupport import PARTNER_CENTER, makeWNS
from tests.standins.certificates import CA
from tests.standins.fcm import listen
from tests.standins.wns import TENANT, WNS, said

ALLOWED = "https://localhost:*"
ANSWERS = {
    errors.Throttled: said(200, "channelthrottled", **{"X-WNS-CONTINUE-AFTER": "3"}),
    errors.ProviderDown: said(503, "dropped"),
    errors.PayloadTooLarge: said(413, "dropped"),
    errors.BadRequest: said(400, "dropped"),
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
    """
    As an app with channels has it: guarded.
    """
    http = makeHTTP(reactor, ca.certificate, allowing((ALLOWED,)))
    yield http
    await http.close()


@pytest.fixture
def windows():
    return WNS()


@pytest_twisted.async_yield_fixture
async def url(windows, ca):
    issued = ca.issue("localhost")
    port = await listen(reactor, windows, issued.certificate, issued.key)
    yield f"https://localhost:{port.getHost().port}"
    await port.stopListening()


@pytest.fixture(params=["entra", "partner center"])
def provider(http, url, request):
    endpoint = f"{url}/{TENANT}/oauth2/v2.0/token" if request.param == "entra" else f"{url}/accesstoken.srf"
    credentials = {} if request.param == "entra" else PARTNER_CENTER
    table = {"token-endpoint": endpoint, "allowed-endpoints": [ALLOWED], **credentials}
    return makeWNS(http, reactor, 5.0, **table)


@pytest.fixture
def device(windows, url):
    return targetOf(windows.channelFor(url, "secret"))


class TestWNS(ProviderContract):
    """
    WNS keeps the contract.
    """

    @pytest.fixture
    def target(self, device):
        return device

    @pytest.fixture
    def arrived(self, windows):
        return lambda: [told(push)["push-id"] for push in windows.arrived]

    @pytest.fixture
    def provoke(self, windows, device, url):
        def provoke(error):
            query = device.token.partition("?")[2]
            if error is errors.DeviceGone:
                windows.ended.add(query)
            elif error is errors.ProviderRefused:
                windows.others.add(query)
            elif error is errors.Refused:
                return targetOf("https://elsewhere.example/?token=secret")
            else:
                windows.script.append(ANSWERS[error])
            return device

        return provoke


def push(provider, device):
    return provider.send(device, NOTIFICATION, str(uuid4()), reactor.seconds() + 60)


@pytest_twisted.ensureDeferred
async def test_burst(provider, windows, url):
    """
    A burst of pushes asks for one access token, and every push arrives once, at its own channel.
    """
    devices = [targetOf(windows.channelFor(url, f"device {number}")) for number in range(20)]

    await gatherResults([ensureDeferred(push(provider, device)) for device in devices])

    assert 21 == len(windows.requests)
    assert {device.token.partition("?")[2] for device in devices} == {each["query"] for each in windows.arrived}


@pytest_twisted.ensureDeferred
async def test_D22_burstAfterTheEnd(provider, windows, url, device):
    """
    D22: when the access token ends before its time, a burst of pushes asks for one new one.
    """
    devices = [targetOf(windows.channelFor(url, f"device {number}")) for number in range(20)]
    await push(provider, device)
    windows.tokensExpire()

    await gatherResults([ensureDeferred(push(provider, each)) for each in devices])

    assert 21 == len(windows.arrived)
    assert 2 == sum(request["path"] != "/" for request in windows.requests)


@pytest_twisted.ensureDeferred
async def test_theRequest(provider, windows, device):
    """
    WNS gets the length of a body and no chunks, and the channel as it was made.
    """
    await push(provider, device)

    sent = windows.arrived[0]
    assert str(len(sent["body"])) == sent["headers"]["content-length"]
    assert "transfer-encoding" not in sent["headers"]
    assert "%2f" in sent["query"] and device.token.endswith(sent["query"])


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trouble", [{"reset": True}, {"reset": "middle"}, {"hang": True}])
async def test_lostAnswers(provider, windows, device, trouble):
    """
    An answer that never comes, or not whole, is nobody's fault; the push may have arrived, and the next one finds its
    way.
    """
    provider._deadline = 0.5
    # Twice: a kept connection that is cut is reason enough to try once more at once.
    windows.script += [trouble] * (2 if trouble.get("reset") is True else 1)

    with pytest.raises(ProviderDown) as raised:
        await push(provider, device)

    assert raised.value.maybeSent
    assert await push(provider, device)


@pytest_twisted.ensureDeferred
async def test_MP74_somebodyElse(windows, ca, http, tmp_path):
    """
    MP-74: somebody who cannot prove to be Microsoft gets neither our secret nor a push, and the operator is told.
    """
    issued = CA(tmp_path, "Somebody").issue("localhost")
    port = await listen(reactor, windows, issued.certificate, issued.key)
    url = f"https://localhost:{port.getHost().port}"
    table = {"token-endpoint": f"{url}/accesstoken.srf", "allowed-endpoints": [ALLOWED], **PARTNER_CENTER}

    try:
        with pytest.raises(ProviderRefused, match="certificate"):
            await push(makeWNS(http, reactor, **table), targetOf(windows.channelFor(url, "device")))
    finally:
        await port.stopListening()

    assert [] == windows.requests
