"""
A client, and stand-ins over TLS.
"""

from dataclasses import replace
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred, DeferredList, ensureDeferred

from pushsvc.exchange import Request, Response
from pushsvc.httpclient.http2.client import makeHTTP2
from pushsvc.httpclient.http2.h2engine import H2Engine
from pushsvc.httpclient.http2.ownengine import OwnEngine
from pushsvc.httpclient.http2.tuning import Tuning
from tests.standins.certificates import CA
from tests.standins.http2 import StandIn, listen

ENGINES = (OwnEngine, H2Engine)

# For what is about something else.
PATIENT = Tuning(backoff=0.1, farewell=1.0)
# For what is about paths that are dead.
IMPATIENT = replace(PATIENT, pingAfter=0.3, pingWithin=8.0)


@pytest.fixture(scope="session")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def certificate(ca):
    return ca.issue("localhost", "127.0.0.1")


@pytest.fixture(params=ENGINES, ids=lambda engine: engine.__name__)
def makeEngine(request):
    """
    Each engine that there is.
    """
    return request.param


@pytest_twisted.async_yield_fixture
async def make(ca, makeEngine):
    """
    Makes clients.
    """
    made = []

    def make(**arguments: Any) -> Any:
        made.append(makeHTTP2(reactor, ca.certificate, **{"tuning": PATIENT, "makeEngine": makeEngine, **arguments}))
        return made[-1]

    yield make
    for http in made:
        await http.close()


@pytest.fixture
def http(make):
    return make()


@pytest_twisted.async_yield_fixture
async def serve(certificate):
    """
    Starts stand-ins; each has its URL.
    """
    ports = []

    async def serve(*arguments: Any, issued: Any = certificate, speaks: Any = (b"h2",), ca: Any = None, **more: Any):
        standIn = StandIn(*arguments, **more)
        ports.append(await listen(reactor, standIn, issued, speaks, ca))
        standIn.url = f"https://localhost:{ports[-1].getHost().port}/3/device/"
        standIns.append(standIn)
        return standIn

    standIns: list[StandIn] = []
    yield serve
    for port in ports:
        await port.stopListening()
    for standIn in standIns:
        for connection in standIn.open:
            connection.cut()
        assert [] == standIn.violations


def push(url: str, number: int = 0, body: bytes = b'{"aps":{}}', **more: Any) -> Request:
    """
    A push with an id.
    """
    headers = {"apns-id": f"id-{number}", "apns-topic": "org.example", "Authorization": "bearer secret"}
    return Request("POST", f"{url}{number:064x}", headers, body, **{"deadline": 60.0, **more})


def asked(http: Any, request: Request) -> "Deferred[Response]":
    """
    A request that is under way.
    """
    return ensureDeferred(http.request(request))


async def outcomes(asked: list["Deferred[Response]"]) -> list[Any]:
    """
    What each came to: a status, or what was raised.
    """
    results = await DeferredList(asked, consumeErrors=True)
    return [result.status if good else result.value for good, result in results]


async def until(true: Any, seconds: float = 30.0) -> None:
    """
    Wait for something that will be so soon.
    """
    end = reactor.seconds() + seconds
    while not true():
        assert reactor.seconds() < end, "it never came to that"
        pause: Deferred[None] = Deferred()
        reactor.callLater(0.005, pause.callback, None)
        await pause
