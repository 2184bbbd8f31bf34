"""
Connections of HTTP/1.1 to servers that mean no good.
"""

import socket
import ssl
from contextlib import ExitStack
from threading import Thread

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.task import deferLater

from pushsvc.exchange import ConnectionBroke, Request
from pushsvc.httpclient import pool
from pushsvc.httpclient.client import LONGEST_ANSWER, makeHTTP
from pushsvc.httpclient.pool import LONGEST_EXCHANGE, Pool
from tests.httpclient.servers import OK, Script, listenTLS, says
from tests.standins.certificates import CA

CLOSING = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok"


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def certificate(ca):
    return ca.issue("localhost")


@pytest_twisted.async_yield_fixture
async def http(ca):
    http = makeHTTP(reactor, ca.certificate)
    yield http
    await http.close()


@pytest_twisted.async_yield_fixture
async def serve(certificate):
    ports = []

    async def serve(*acts):
        script = Script(*acts)
        ports.append(await listenTLS(reactor, script, certificate))
        return script, f"https://localhost:{ports[-1].getHost().port}/"

    yield serve
    for port in ports:
        await port.stopListening()


@pytest.fixture
def clinging(certificate):
    """
    A server that answers, and never ends a connection, nor lets us end it by the rules of TLS: where it is.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.certificate, certificate.key)
    with ExitStack() as held:
        listening = held.enter_context(socket.create_server(("127.0.0.1", 0)))

        def answer(answers):
            while True:
                try:
                    taken = held.enter_context(context.wrap_socket(listening.accept()[0], server_side=True))
                except OSError:
                    return
                heard = b""
                while b"\r\n\r\nbody" not in heard:
                    heard += taken.recv(4096)
                taken.sendall(answers)

        def begin(answers):
            Thread(target=answer, args=(answers,), daemon=True).start()
            return f"https://localhost:{listening.getsockname()[1]}/"

        yield begin
        # Wakes who waits for somebody to come.
        listening.shutdown(socket.SHUT_RDWR)


def post(url):
    return Request("POST", url, {}, b"body", 5.0)


def connections():
    return [reader for reader in reactor.getReaders() if type(reader).__name__ == "Client"]


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(("answer", "idle"), [(CLOSING, 90), (OK, 0.1)])
async def test_whoDoesNotLetGoIsLeft(ca, clinging, monkeypatch, answer, idle):
    """
    A connection that we close is closed soon, whether the other side plays its part in that or not.
    """
    monkeypatch.setattr(pool, "FAREWELL", 0.3)
    monkeypatch.setattr(Pool, "cachedConnectionTimeout", idle)
    http = makeHTTP(reactor, ca.certificate)
    before = connections()

    assert 200 == (await http.request(post(clinging(answer)))).status

    (ours,) = [connection for connection in connections() if connection not in before]
    limit = reactor.seconds() + 30
    while ours in connections():
        assert reactor.seconds() < limit, "it is not closed"
        await deferLater(reactor, 0.01, lambda: None)
    await http.close()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "piece",
    [b"X: " + b"y" * 1000 + b"\r\n", b"X:y\r\n " + b"z" * 1000 + b"\r\n", b"HTTP/1.1 103 Hints\r\nX: y\r\n\r\n"],
)
async def test_headersAreBounded(http, serve, piece, logEvents):
    """
    Headers have an end, and so has what comes before an answer: nobody fills our memory with them, or our log.
    """
    begin = b"" if piece.startswith(b"HTTP") else b"HTTP/1.1 200 OK\r\n"
    factory, url = await serve(says(begin + piece * (2 * LONGEST_EXCHANGE // len(piece))))

    with pytest.raises(ConnectionBroke):
        await http.request(post(url))

    await factory.ended.addTimeout(5.0, reactor)
    assert [] == [event for event in logEvents if "unexpected" in str(event)]


@pytest_twisted.ensureDeferred
async def test_answersInManyChunks(http, serve):
    """
    An answer may come in small pieces, after others that are none, and is whole; so is the next one.
    """
    before = b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" * 10
    chunks = b"10\r\n" + b"x" * 16 + b"\r\n"
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    _, url = await serve(says(before + head + chunks * (LONGEST_ANSWER // 16) + b"0\r\n\r\n"))

    for _ in range(5):
        assert LONGEST_ANSWER == len((await http.request(post(url))).body)


@pytest_twisted.ensureDeferred
async def test_soManyIdleConnections(ca, serve, monkeypatch):
    """
    However many servers are asked, so many connections are kept: those that were used last. Servers to which there is
    none are forgotten.
    """
    monkeypatch.setattr(pool, "IDLE", 3)
    http = makeHTTP(reactor, ca.certificate)
    served = [await serve(says(OK)) for _ in range(5)]

    for _, url in served:
        await ensureDeferred(http.request(post(url)))
    for script, _ in served[:2]:
        await script.ended.addTimeout(5.0, reactor)

    assert [True, True, False, False, False] == [script.ended.called for script, _ in served]
    assert 3 == len(http._agent._pool._connections)
    await http.request(post(served[4][1]))
    assert [1, 1, 1, 1, 2] == [len(script.requests[0]) for script, _ in served]
    await http.close()
