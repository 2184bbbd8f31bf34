"""
Every client keeps the promises of `IHTTP`, whatever the version of HTTP.
"""

from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor

from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from tests.contracts.http import Came, HTTPContract, Server, Told
from tests.httpclient.servers import Script, cuts, isMute, listenTLS, says
from tests.standins.certificates import CA
from tests.standins.http2 import Heard, StandIn, listen


class Older(Server):
    """
    HTTP/1.1.
    """

    def __init__(self, told: Told) -> None:
        headers = {**told.headers, "Content-Length": str(len(told.body))}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        answer = f"HTTP/1.1 {told.status} X\r\n{head}\r\n".encode() + told.body
        self.factory = Script(isMute if told.mute else cuts if told.cuts else says(answer))

    async def listen(self, issued: Any) -> Any:
        return await listenTLS(reactor, self.factory, issued)

    def came(self) -> list[Came]:
        return [_read(raw) for requests in self.factory.requests for raw in requests]

    def connections(self) -> int:
        # Those on which HTTP/2 was asked for, in vain, do not count.
        return len([requests for requests in self.factory.requests if requests])


def _read(raw: bytes) -> Came:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = dict(line.split(": ", 1) for line in lines)
    return Came(method, path, {name.lower(): value for name, value in headers.items()}, body)


class Newer(Server):
    """
    HTTP/2.
    """

    def __init__(self, told: Told) -> None:
        headers = [(":status", str(told.status)), *((name.lower(), value) for name, value in told.headers.items())]

        def act(heard: Heard) -> None:
            if told.cuts:
                heard.connection.cut()
            elif not told.mute:
                heard.connection.answerInPieces(heard, headers, told.body, 16_000, 0)

        self.factory = StandIn(act)

    async def listen(self, issued: Any) -> Any:
        return await listen(reactor, self.factory, issued)

    def came(self) -> list[Came]:
        return [
            Came(heard.headers[":method"], heard.headers[":path"], heard.headers, heard.body)
            for heard in self.factory.heard
        ]

    def connections(self) -> int:
        return len(self.factory.connections)


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def certificate(ca):
    return ca.issue("localhost", "127.0.0.1")


@pytest.fixture(params=["treq", "http2", "http2, but the server is older"])
def version(request):
    return request.param


@pytest_twisted.async_yield_fixture
async def http(version, ca):
    older = makeHTTP(reactor, ca.certificate)
    http: Any = older if version == "treq" else makeHTTP2(reactor, ca.certificate, otherwise=older)
    yield http
    await http.close()


@pytest_twisted.async_yield_fixture
async def serve(version, certificate):
    ports = []

    async def serve(told: Told, issued: Any = certificate) -> Server:
        server = Newer(told) if version == "http2" else Older(told)
        ports.append(await server.listen(issued))
        server.url = f"https://localhost:{ports[-1].getHost().port}/"
        return server

    yield serve
    for port in ports:
        await port.stopListening()


class TestHTTP(HTTPContract):
    """
    With treq, over HTTP/2, and over HTTP/2 where only HTTP/1.1 is spoken.
    """
