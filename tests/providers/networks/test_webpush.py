"""
Web Push keeps the contract, over HTTP/1.1 and HTTP/2, against a stand-in for a push service.
"""

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc import errors
from pushsvc.errors import ProviderDown, Refused
from tests.providers.networks.contract import ALLOWED, GUARD, NetworkContract, push, whereWeDoNotGo
from tests.providers.webpushsupport import makeWebPush, targetOf
from tests.standins import fcm, http2
from tests.standins.webpush import Browser, PushService, errno, toBytes, writeKey

ANSWERS = {
    errors.DeviceGone: errno(410, 106),
    errors.Throttled: errno(429, 201, Retry_After="3"),
    errors.ProviderDown: {"status": 502, "text": "<html>502</html>"},
    errors.ProviderRefused: errno(401, 109),
    errors.BadRequest: errno(400, 110),
}


@pytest.fixture
def guard():
    return GUARD


@pytest.fixture
def network():
    return PushService()


@pytest.fixture(params=["HTTP/1.1", "HTTP/2"])
def version(request):
    return request.param


@pytest.fixture
def serve(network, certificate, version):
    """
    Has the push service listen, by one of the versions.
    """

    def act(heard):
        headers = {name.lstrip(":"): value for name, value in heard.headers.items()}
        headers["host"] = headers["authority"]
        seen = {"method": headers["method"], "path": headers["path"], "headers": headers}
        seen["body"] = network.read(heard.body)
        network.requests.append(seen)
        answer = network.script.pop(0) if network.script else network.answer(seen)
        if answer.get("reset") == "middle":
            heard.begin(201)
        if answer.get("reset"):
            # The whole connection: to end one stream is to answer.
            network.script.clear()
            heard.connection.cut()
        elif not answer.get("hang"):
            more = {name.lower(): value for name, value in answer.get("headers", {}).items()}
            heard.answer(answer["status"], fcm.bodyOf(answer), **more)

    if version == "HTTP/1.1":
        return lambda: fcm.listen(reactor, network, certificate.certificate, certificate.key)
    return lambda: http2.listen(reactor, http2.StandIn(act), certificate)


@pytest.fixture
def provider(http, vapid, patience):
    return makeWebPush(http, reactor, patience, vapid_key_file=str(vapid[0]), allowed_endpoints=[ALLOWED])


@pytest.fixture
def browser(url, vapid):
    return Browser(url, vapid[1])


@pytest.fixture
def target(browser):
    return targetOf(browser)


class TestWebPush(NetworkContract):
    """
    Web Push keeps the contract.
    """

    answers = ANSWERS
    otherwise = {errors.Refused: whereWeDoNotGo}
    never = (errors.PayloadTooLarge,)
    distrusted = ProviderDown

    @pytest.fixture
    def arrived(self, network, browser):
        return lambda: [browser.read(seen)["push-id"] for seen in network.taken]


@pytest_twisted.ensureDeferred
async def test_aBurst(provider, network, browser, target):
    """
    Each push of a burst arrives once and can be read, under one token, and all look alike.
    """
    await gatherResults([ensureDeferred(push(provider, target)) for _ in range(20)])

    assert 20 == len({browser.read(seen)["push-id"] for seen in network.taken}) == len(network.taken)
    assert 1 == len({seen["headers"]["authorization"] for seen in network.taken})
    assert {4096} == {len(toBytes(seen["body"])) for seen in network.taken}
    assert 20 == len({toBytes(seen["body"])[:86] for seen in network.taken})


@pytest_twisted.ensureDeferred
async def test_aSubscriptionForAnotherKey(provider, network, url, target, tmp_path):
    """
    A push service that knows us refuses a subscription that was made for somebody else: not gone, no alarm.
    """
    other = Browser(url, writeKey(tmp_path / "other.pem")[1])
    assert await push(provider, target)

    with pytest.raises(Refused):
        await push(provider, targetOf(other))

    assert 1 == len(network.taken)


@pytest_twisted.ensureDeferred
async def test_whoDoesNotAsk(http, network, url):
    """
    Without a key we push to those who do not ask who we are.
    """
    target = targetOf(Browser(url))

    assert await push(makeWebPush(http, reactor, allowed_endpoints=[ALLOWED]), target)

    assert "authorization" not in network.taken[0]["headers"]


@pytest_twisted.ensureDeferred
async def test_whereWeDoNotGo(provider, network, target):
    """
    A private address that got as far as the network, because DNS says one thing now and another one then, is not
    asked, and the device is not forgotten for it.
    """
    with pytest.raises(Refused, match="public"):
        await push(provider, whereWeDoNotGo(network, target))

    assert [] == network.requests


@pytest_twisted.ensureDeferred
async def test_redirectsAreNotFollowed(provider, network, target, url):
    """
    Who says that it is elsewhere is not believed.
    """
    network.script.append({"status": 307, "headers": {"Location": f"{url}/elsewhere"}, "text": ""})

    with pytest.raises(Refused):
        await push(provider, target)

    assert 1 == len(network.requests)
