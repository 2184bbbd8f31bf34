"""
The pages, over HTTP.
"""

import pytest
import treq
from pytest_twisted import blockon, ensureDeferred
from treq.client import HTTPClient
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import CannotListenError
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


class Browser:
    """
    Asks for pages.
    """

    def __init__(self, port):
        from twisted.internet import reactor

        self._base = f"http://127.0.0.1:{port}"
        self._client = HTTPClient(Agent(reactor))

    async def ask(self, path, method="GET"):
        """
        Status, content type and page.
        """
        response = await self._client.request(method, self._base + path)
        page = await treq.text_content(response)
        return response.code, response.headers.getRawHeaders("content-type")[0], page


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
