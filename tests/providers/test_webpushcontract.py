"""
Web Push keeps the contract, over real TLS sockets, HTTP/1.1 and HTTP/2, against a stand-in for a push service.
"""

import json
import socket
from dataclasses import replace
from uuid import uuid4

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults

from pushsvc import errors
from pushsvc.errors import ProviderDown, Refused
from pushsvc.guard import allowing
from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from tests.httpclient.servers import Script, cuts, isMute, listenTLS, says, saysAndCloses
from tests.providers.contract import NOTIFICATION, ProviderContract
from tests.providers.webpushsupport import makeWebPush, targetOf
from tests.standins import http2
from tests.standins.certificates import CA
from tests.standins.fcm import bodyOf, listen
from tests.standins.webpush import Browser, PushService, errno, toBytes, writeKey

ANSWERS = {
    errors.DeviceGone: errno(410, 106),
    errors.Throttled: errno(429, 201, Retry_After="3"),
    errors.ProviderDown: {"status": 502, "text": "<html>502</html>"},
    errors.ProviderRefused: errno(401, 109),
    errors.BadRequest: errno(400, 110),
}
ALLOWED = "https://localhost:*"


@pytest.fixture
def clock():
    """
    Real sockets live in real time.
    """
    return reactor


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def certificate(ca):
    return ca.issue("localhost")


@pytest.fixture(params=["HTTP/1.1", "HTTP/2"])
def version(request):
    return request.param


@pytest_twisted.async_yield_fixture
async def http(ca):
    """
    As an app gets it.
    """
    guard = allowing((ALLOWED,))
    http = makeHTTP2(reactor, ca.certificate, otherwise=makeHTTP(reactor, ca.certificate, guard=guard), guard=guard)
    yield http
    await http.close()


@pytest.fixture
def service():
    return PushService()


@pytest_twisted.async_yield_fixture
async def origin(service, certificate, version):
    """
    Where the push service is.
    """
    if version == "HTTP/1.1":
        port = await listen(reactor, service, certificate.certificate, certificate.key)
    else:

        def act(heard):
            headers = {name.lstrip(":"): value for name, value in heard.headers.items()}
            headers["host"] = headers["authority"]
            seen = {"method": headers["method"], "path": headers["path"], "headers": headers}
            seen["body"] = service.read(heard.body)
            service.requests.append(seen)
            answer = service.script.pop(0) if service.script else service.answer(seen)
            heard.answer(
                answer["status"], bodyOf(answer), **{n.lower(): v for n, v in answer.get("headers", {}).items()}
            )

        port = await http2.listen(reactor, http2.StandIn(act), certificate)
    yield f"https://localhost:{port.getHost().port}"
    await port.stopListening()


@pytest.fixture
def vapid(tmp_path):
    return writeKey(tmp_path / "vapid.pem")


@pytest.fixture
def provider(http, vapid):
    return makeWebPush(http, reactor, 5.0, vapid_key_file=str(vapid[0]), allowed_endpoints=[ALLOWED])


@pytest.fixture
def browser(origin, vapid):
    return Browser(origin, vapid[1])


class TestWebPush(ProviderContract):
    """
    Web Push keeps the contract.
    """

    @pytest.fixture
    def target(self, browser):
        return targetOf(browser)

    @pytest.fixture
    def arrived(self, service, browser):
        return lambda: [browser.read(seen)["push-id"] for seen in service.taken]

    @pytest.fixture
    def provoke(self, service, target):
        def provoke(error):
            if error is errors.Refused:
                # Where we do not go.
                return replace(target, token=target.token.replace("localhost", "127.0.0.1"))
            if error not in ANSWERS:
                return None
            service.script.append(ANSWERS[error])
            return target

        return provoke


def push(provider, target):
    return provider.send(target, NOTIFICATION, str(uuid4()), reactor.seconds() + 60)


@pytest_twisted.ensureDeferred
async def test_aBurst(provider, service, browser):
    """
    Each push of a burst arrives once and can be read, under one token, and all look alike.
    """
    await gatherResults([ensureDeferred(push(provider, targetOf(browser))) for _ in range(20)])

    assert 20 == len({browser.read(seen)["push-id"] for seen in service.taken}) == len(service.taken)
    assert 1 == len({seen["headers"]["authorization"] for seen in service.taken})
    assert {4096} == {len(toBytes(seen["body"])) for seen in service.taken}
    assert 20 == len({toBytes(seen["body"])[:86] for seen in service.taken})


@pytest_twisted.ensureDeferred
async def test_aSubscriptionForAnotherKey(provider, service, origin, browser, tmp_path):
    """
    A push service that knows us refuses a subscription that was made for somebody else: not gone, no alarm.
    """
    other = Browser(origin, writeKey(tmp_path / "other.pem")[1])
    assert await push(provider, targetOf(browser))

    with pytest.raises(Refused):
        await push(provider, targetOf(other))

    assert 1 == len(service.taken)


@pytest_twisted.ensureDeferred
async def test_whoDoesNotAsk(http, service, origin):
    """
    Without a key we push to those who do not ask who we are.
    """
    browser = Browser(origin)

    assert await push(makeWebPush(http, reactor, allowed_endpoints=[ALLOWED]), targetOf(browser))

    assert "authorization" not in service.taken[0]["headers"]


@pytest_twisted.ensureDeferred
async def test_whereWeDoNotGo(provider, service, browser):
    """
    A private address that got as far as the network, because DNS says one thing now and another one then, is not
    asked, and the device is not forgotten for it.
    """
    elsewhere = browser.endpoint.replace("localhost", "127.0.0.1")
    browser.endpoint = elsewhere

    with pytest.raises(Refused, match="public"):
        await push(provider, targetOf(browser))

    assert [] == service.requests


@pytest_twisted.ensureDeferred
async def test_redirectsAreNotFollowed(provider, service, browser, origin):
    """
    Who says that it is elsewhere is not believed.
    """
    service.script.append({"status": 307, "headers": {"Location": f"{origin}/elsewhere"}, "text": ""})

    with pytest.raises(Refused):
        await push(provider, targetOf(browser))

    assert 1 == len(service.requests)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "act",
    [
        cuts,
        isMute,
        saysAndCloses(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        says(b"HTTP/1.1 503 No\r\n\r\n" + b"x" * 100_000),
        saysAndCloses(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"),
    ],
)
async def test_garbage(http, certificate, act):
    """
    Whatever is at the other end instead of a push service, it is nobody's fault.
    """
    port = await listenTLS(reactor, Script(act), certificate)
    browser = Browser(f"https://localhost:{port.getHost().port}")
    provider = makeWebPush(http, reactor, 0.5, allowed_endpoints=[ALLOWED])

    try:
        with pytest.raises(ProviderDown):
            await push(provider, targetOf(browser))
    finally:
        await port.stopListening()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("whose", ["nobody's", "another CA's"])
async def test_somebodyElse(http, tmp_path, whose):
    """
    Who is not there, or cannot prove to be whom the device named, gets no push; it is tried again, and no alarm.
    """
    provider = makeWebPush(http, reactor, 5.0, allowed_endpoints=[ALLOWED])
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        number, port = unused.getsockname()[1], None
        if whose != "nobody's":
            script = Script(says(b""))
            port = await listenTLS(reactor, script, CA(tmp_path, "Somebody").issue("localhost"))
            number = port.getHost().port
        try:
            with pytest.raises(ProviderDown) as raised:
                await push(provider, targetOf(Browser(f"https://localhost:{number}")))
        finally:
            if port is not None:
                await port.stopListening()

    assert not raised.value.maybeSent
    assert json.dumps(NOTIFICATION.summary.lastMessageBody) not in str(raised.value)
