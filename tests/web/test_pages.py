"""
The pages, over HTTP.
"""

import pytest
import treq
from pytest_twisted import blockon, ensureDeferred
from treq.client import HTTPClient
from twisted.internet.defer import Deferred, succeed
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.error import CannotListenError
from twisted.internet.protocol import Protocol
from twisted.web.client import Agent

from pushsvc.model import Work
from pushsvc.web.pages import Pages
from pushsvc.web.server import WebServer
from tests.support import resultOf


class Anywhere:
    """
    A server endpoint on a port that is free.
    """

    port = None

    def listen(self, factory):
        from twisted.internet import reactor

        self.port = reactor.listenTCP(0, factory, interface="127.0.0.1")
        return succeed(self.port)


class Listening(Protocol):
    """
    Hears everything.
    """

    def __init__(self):
        self.heard = Deferred()
        self._parts = []

    def dataReceived(self, data):
        self._parts.append(data)

    def connectionLost(self, reason):
        self.heard.callback(b"".join(self._parts))


class Browser:
    """
    Asks for pages.
    """

    def __init__(self, port):
        from twisted.internet import reactor

        self._port = port
        self._base = f"http://127.0.0.1:{port}"
        self._client = HTTPClient(Agent(reactor))

    async def ask(self, path, method="GET"):
        """
        Status, content type and page.
        """
        response = await self._client.request(method, self._base + path)
        page = await treq.text_content(response)
        return response.code, response.headers.getRawHeaders("content-type")[0], page

    async def raw(self, request):
        """
        What is said to these headers, until the connection ends.
        """
        from twisted.internet import reactor

        listening = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", self._port), Listening())
        listening.transport.write(request + b"\r\n\r\n")
        return await listening.heard


@pytest.fixture
def server(pushing):
    from twisted.internet import reactor

    endpoint = Anywhere()
    server = WebServer(endpoint, Pages(pushing.metrics, pushing.readiness).resource, reactor)
    server.startService()
    yield server, Browser(endpoint.port.getHost().port)
    blockon(server.stopService())


@pytest.fixture
def browser(server):
    return server[1]


@ensureDeferred
async def test_metrics(browser):
    """
    /metrics has what Prometheus reads.
    """
    status, type, page = await browser.ask("/metrics")

    assert (200, "text/plain; version=0.0.4; charset=utf-8") == (status, type)
    assert 'pushsvc_pushes_total{app="app",verdict="delivered"} 0.0\n' in page


@ensureDeferred
async def test_health(browser, pushing):
    """
    /health answers as long as the process lives, whatever else is broken.
    """
    await pushing.storage.close()
    pushing.link.why = "not attached"

    assert (200, "alive\n") == (await browser.ask("/health"))[::2]


@ensureDeferred
async def test_ready(browser):
    """
    /ready answers 200 when the storage answers and every link is up.
    """
    assert (200, "ready\n") == (await browser.ask("/ready"))[::2]


@ensureDeferred
async def test_notReady(browser, pushing):
    """
    /ready answers 503 with all reasons: the storage, a link, the end.
    """
    await pushing.storage.close()
    pushing.link.why = "push.example.net is not attached to its server"
    pushing.closing = True

    status, type, page = await browser.ask("/ready")

    assert (503, "text/plain; charset=utf-8") == (status, type)
    assert [
        "the service stops",
        "the storage does not answer: the storage is not open",
        "push.example.net is not attached to its server",
    ] == page.splitlines()


def test_aStorageThatIsSilent(pushing):
    """
    A storage that does not answer in time is a reason not to be ready.
    """

    async def silence(node):
        await Deferred()

    pushing.storage.registrations.byNode = silence
    troubles = []
    Deferred.fromCoroutine(pushing.readiness.troubles()).addCallback(troubles.extend)
    pushing.clock.advance(5)

    assert ["the storage does not answer: no answer in time"] == troubles


def test_aStorageThatKeepsNothing(pushing, monkeypatch):
    """
    A storage that can be read from, but takes nothing, as on a full disk, is a reason not to be ready.
    """
    monkeypatch.setattr(type(pushing.storage), "work", Work(trouble="disk is full"), raising=False)

    assert ["the storage is in trouble: disk is full"] == resultOf(pushing.readiness.troubles())
    assert "pushsvc_storage_up 0.0" in pushing.served


@ensureDeferred
async def test_nothingElse(browser):
    """
    There are no other pages, and nothing can be sent to these.
    """
    assert 404 == (await browser.ask("/"))[0]
    assert 405 == (await browser.ask("/metrics", "POST"))[0]
    assert (200, "") == (await browser.ask("/ready", "HEAD"))[::2]


@ensureDeferred
async def test_visitsAreNotLogged(browser, logEvents):
    """
    Nobody's visit is in the log.
    """
    await browser.ask("/metrics")

    assert [] == [event for event in logEvents if "metrics" in str(event)]


@ensureDeferred
async def test_whereSomebodyListens(server, pushing):
    """
    A port that somebody else has is told at the start.
    """
    from twisted.internet import reactor
    from twisted.internet.endpoints import TCP4ServerEndpoint

    taken = server[0]._endpoint.port.getHost().port
    second = WebServer(TCP4ServerEndpoint(reactor, taken, interface="127.0.0.1"), server[0]._resource, reactor)

    with pytest.raises(CannotListenError):
        second.startService()


def test_stoppedWithoutHavingStarted(pushing):
    """
    A server that never listened stops all the same.
    """
    server = WebServer(Anywhere(), Pages(pushing.metrics, pushing.readiness).resource, None)

    assert resultOf(server.stopService()) is None


@pytest.mark.parametrize(
    "accept",
    [
        b"application/openmetrics-text; version=x.y",
        b"application/openmetrics-text; version=\xff\xfe",
        b"text/plain; version=; escaping, ;;;q=\xe9",
        b",;=",
    ],
)
@ensureDeferred
async def test_whoeverAsks(browser, accept):
    """
    /metrics is answered also to who says in no known way what he takes.
    """
    answer = await browser.raw(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAccept: " + accept)

    assert answer.startswith(b"HTTP/1.1 200 ")
    assert b"pushsvc_pushes_total" in answer


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (b"GET /%ff HTTP/1.1\r\nHost: x", b"404"),
        (b"GET /metrics HTTP/1.1\r\nHost: \xff\xfe", b"404"),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: x", b"404"),
        (b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 0", b"405"),
        (b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"".join(b"A%d: b\r\n" % i for i in range(600)), b"400"),
        (b"POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999", b"413"),
        (b"GET /health HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999", b"413"),
    ],
    ids=lambda value: value[:40],
)
@ensureDeferred
async def test_whatIsNoPage(browser, asked, status, loggedFailures):
    """
    Who asks for what is not there, or sends what nobody wants, is told so; the log is not, and nothing is kept.
    """
    answer = await browser.raw(asked + b"\r\nConnection: close")

    assert answer.startswith(b"HTTP/1.1 " + status)
    assert [] == loggedFailures
