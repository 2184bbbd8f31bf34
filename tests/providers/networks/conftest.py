"""
Networks as providers meet them: on a socket, behind TLS, asked by the client that an app has.

A file of tests has a ``network``, which is what listens at ``url``, and a ``provider``; one whose devices name URLs has
a ``guard``, too.
"""

import socket

import pytest
import pytest_twisted
from twisted.internet import reactor

from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from tests.httpclient.servers import Script, listenTLS
from tests.providers.networks.contract import ANOTHER_CA, ANOTHER_HOST, ITS_OWN, NOBODY
from tests.standins.certificates import CA
from tests.standins.fcm import listen


@pytest.fixture
def clock():
    """
    Real sockets live in real time.
    """
    return reactor


@pytest.fixture(scope="session")
def ca(tmp_path_factory):
    """
    Whom we trust.
    """
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="session")
def certificates(ca, tmp_path_factory):
    """
    What may be shown to us.
    """
    return {
        ITS_OWN: ca.issue("localhost"),
        ANOTHER_HOST: ca.issue("elsewhere.example"),
        ANOTHER_CA: CA(tmp_path_factory.mktemp("somebody"), "Somebody").issue("localhost"),
    }


@pytest.fixture
def certificate(request, certificates):
    """
    What the network shows: its own, unless the test says whose.
    """
    return certificates[getattr(request, "param", ITS_OWN)]


@pytest.fixture
def guard():
    """
    Where the app may go: where the operator says.
    """


@pytest_twisted.async_yield_fixture
async def http(ca, guard):
    """
    As an app gets it.
    """
    http = makeHTTP2(reactor, ca.certificate, otherwise=makeHTTP(reactor, ca.certificate, guard), guard=guard)
    yield http
    await http.close()


@pytest.fixture
def serve(network, certificate):
    """
    Has the network listen, over HTTP/1.1 unless it speaks something else.
    """
    return lambda: listen(reactor, network, certificate.certificate, certificate.key)


@pytest_twisted.async_yield_fixture
async def url(request, serve, certificate):
    """
    Where the network is; a test may say that nobody is there, or what is done to each connection there instead.
    """
    instead = getattr(request, "param", None)
    if instead is NOBODY:
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            yield f"https://localhost:{unused.getsockname()[1]}"
        return
    port = await (serve() if instead is None else listenTLS(reactor, Script(instead), certificate))
    yield f"https://localhost:{port.getHost().port}"
    await port.stopListening()


@pytest.fixture
def patience(request):
    """
    Seconds that an answer may take.
    """
    return getattr(request, "param", 5.0)
