"""
SimplePush's provider keeps the contract, over real TLS sockets against a stand-in for Mozilla's server.
"""

import json
from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc import errors
from pushsvc.errors import ProviderDown, ProviderRefused, Refused
from pushsvc.guard import allowing
from pushsvc.httpclient.client import makeHTTP
from tests.providers.contract import NOTIFICATION, ProviderContract, targetOf
from tests.providers.mozillasupport import makeMozilla
from tests.standins.certificates import CA
from tests.standins.fcm import listen
from tests.standins.simplepush import SimplePush, refusal

ALLOWED = "https://localhost:*"
ANSWERS = {
    errors.Throttled: {"status": 429, "headers": {"Retry-After": "3"}},
    errors.ProviderDown: refusal(503, 201),
    errors.Refused: refusal(400, 108),
    errors.PayloadTooLarge: refusal(413, 104),
    errors.BadRequest: refusal(400, 101),
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
    As an app whose devices name servers has it: guarded.
    """
    http = makeHTTP(reactor, ca.certificate, allowing((ALLOWED,)))
    yield http
    await http.close()


@pytest.fixture
def simplepush():
    return SimplePush()


@pytest_twisted.async_yield_fixture
async def url(simplepush, ca):
    issued = ca.issue("localhost")
    port = await listen(reactor, simplepush, issued.certificate, issued.key)
    yield f"https://localhost:{port.getHost().port}"
    await port.stopListening()


@pytest.fixture
def provider(http, url, tmp_path):
    table = {"endpoint": f"{url}/push", "allowed-endpoints": [ALLOWED]}
    return makeMozilla(tmp_path, http, reactor, 5.0, **table)


class TestMozilla(ProviderContract):
    """
    SimplePush keeps the contract.
    """

    @pytest.fixture(params=["tail", "URL"])
    def target(self, request, url):
        return targetOf("secret-token" if request.param == "tail" else f"{url}/spush/v1/secret-token")

    @pytest.fixture
    def arrived(self, simplepush):
        return lambda: [json.loads(data)["push-id"] for _, _, data in simplepush.woken]

    @pytest.fixture
    def provoke(self, simplepush, target):
        def provoke(error):
            if error is errors.DeviceGone:
                simplepush.gone.add("secret-token")
            elif error in ANSWERS:
                simplepush.script.append(ANSWERS[error])
            else:
                return None
            return target

        return provoke


def push(provider, token="phone"):
    return provider.send(targetOf(token), NOTIFICATION, str(uuid4()), reactor.seconds() + 60)


@pytest_twisted.ensureDeferred
async def test_MP70_everyPushWakes(provider, simplepush):
    """
    MP-70: a phone takes every one of many pushes in one moment, one after the other.
    """
    for _ in range(20):
        await push(provider)

    assert (20, 0) == (len(simplepush.woken), len(simplepush.ignored))


@pytest_twisted.ensureDeferred
async def test_burst(provider, simplepush):
    """
    A burst of pushes wakes every phone once.
    """
    await gatherResults([ensureDeferred(push(provider, f"phone-{number}")) for number in range(20)])

    assert {f"phone-{number}" for number in range(20)} == {token for token, _, _ in simplepush.woken}
    assert 20 == len(simplepush.woken)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("trouble", [{"reset": True}, {"reset": "middle"}, {"hang": True}])
async def test_lostAnswers(provider, simplepush, trouble):
    """
    An answer that never comes, or not whole, is nobody's fault; the push may have arrived, and the next one finds its
    way.
    """
    provider._deadline = 0.5
    simplepush.script.append(trouble)

    with pytest.raises(ProviderDown) as raised:
        await push(provider)

    assert raised.value.maybeSent
    assert await push(provider)


@pytest_twisted.ensureDeferred
async def test_privateAddress(ca, url, simplepush, tmp_path):
    """
    A server whose name leads to a private address is not asked, whatever its name looked like when a phone registered.
    """
    http = makeHTTP(reactor, ca.certificate, allowing(()))
    provider = makeMozilla(tmp_path, http, reactor)

    try:
        with pytest.raises(Refused):
            await push(provider, f"{url}/push/phone")
    finally:
        await http.close()

    assert [] == simplepush.requests


@pytest_twisted.ensureDeferred
async def test_redirects(provider, simplepush, url):
    """
    Nobody is followed elsewhere.
    """
    simplepush.script.append({"status": 307, "headers": {"Location": f"{url}/push/other"}})

    with pytest.raises(Refused):
        await push(provider)

    assert 1 == len(simplepush.requests)


@pytest_twisted.ensureDeferred
async def test_MP74_somebodyElse(http, simplepush, tmp_path):
    """
    MP-74: somebody who cannot prove to be the app's server gets no push, and the operator is told.
    """
    issued = CA(tmp_path, "Somebody").issue("localhost")
    port = await listen(reactor, simplepush, issued.certificate, issued.key)
    table = {"endpoint": f"https://localhost:{port.getHost().port}/push", "allowed-endpoints": [ALLOWED]}

    try:
        with pytest.raises(ProviderRefused, match="certificate"):
            await push(makeMozilla(tmp_path, http, reactor, **table))
    finally:
        await port.stopListening()

    assert [] == simplepush.requests
