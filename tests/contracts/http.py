"""
What every `IHTTP` promises. Whoever uses this class has fixtures ``http``: an `IHTTP` that trusts the CA of
fixture ``ca``, and ``serve``: starts a `Server` that does what it is told to each request.
"""

import socket
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from zope.interface.verify import verifyObject

from pushsvc.exchange import AnswerTooLarge, ConnectionBroke, NotConnected, NotTrusted, Request, TimedOut
from pushsvc.ipushsvc import IHTTP

# Bytes of an answer that are taken.
LONGEST = 65536


@dataclass
class Told:
    """
    What a server does to a request: answer, unless it is mute or cuts the connection.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    mute: bool = False
    cuts: bool = False


@dataclass
class Came:
    """
    What came to a server; header names in lower case.
    """

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


class Server:
    """
    Whoever is asked: over whichever version of HTTP.

    :ivar url: ends with a slash.
    """

    url: str

    def came(self) -> list[Came]:
        """
        The requests, in their order.
        """
        raise NotImplementedError  # for whoever keeps the contract to say

    def connections(self) -> int:
        """
        How many there ever were.
        """
        raise NotImplementedError  # for whoever keeps the contract to say


def post(server: Server, **more: Any) -> Request:
    """
    A request with everything.
    """
    return Request(
        "POST", f"{server.url}a%2Fb?c=d", {"X-Push": "1"}, more.pop("body", b"body"), more.pop("deadline", 10.0)
    )


class HTTPContract:
    """
    Statements about HTTP.
    """

    def test_interface(self, http: Any) -> None:
        """
        It has what the interface asks for.
        """
        assert verifyObject(IHTTP, http)

    @ensureDeferred
    async def test_requestAndAnswer(self, http: Any, serve: Any) -> None:
        """
        A request arrives as it was asked, and the answer comes back as it was given.
        """
        server = await serve(Told(404, {"Retry-After": "7"}, b"no!"))

        response = await http.request(post(server))

        assert (404, b"no!", "7") == (response.status, response.body, response.headers["retry-after"])
        (came,) = server.came()
        assert ("POST", "/a%2Fb?c=d", b"body") == (came.method, came.path, came.body)
        assert ("1", "4") == (came.headers["x-push"], came.headers["content-length"])
        assert "accept-encoding" not in came.headers

    @ensureDeferred
    async def test_emptyBody(self, http: Any, serve: Any) -> None:
        """
        Nothing to say is said as nothing.
        """
        server = await serve(Told(204))

        response = await http.request(post(server, body=b""))

        assert (204, b"") == (response.status, response.body)
        assert ["0"] == [came.headers.get("content-length") for came in server.came()]

    @ensureDeferred
    async def test_connectionsAreKept(self, http: Any, serve: Any) -> None:
        """
        Pushes one after the other take one connection.
        """
        server = await serve(Told())

        for _ in range(5):
            await http.request(post(server))

        assert (5, 1) == (len(server.came()), server.connections())

    @ensureDeferred
    async def test_deadline(self, http: Any, serve: Any) -> None:
        """
        When the deadline passes the other side may have got the request.
        """
        server = await serve(Told(mute=True))

        with pytest.raises(TimedOut) as raised:
            await http.request(post(server, deadline=1.5))

        assert raised.value.maybeSent

    @ensureDeferred
    async def test_brokenConnection(self, http: Any, serve: Any) -> None:
        """
        So it may when the connection breaks.
        """
        server = await serve(Told(cuts=True))

        with pytest.raises(ConnectionBroke) as raised:
            await http.request(post(server))

        assert raised.value.maybeSent
        assert 1 == len(server.came())

    @ensureDeferred
    async def test_nobodyThere(self, http: Any) -> None:
        """
        When nobody listens it is certain that nothing was sent.
        """
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            with pytest.raises(NotConnected) as raised:
                await http.request(Request("POST", f"https://localhost:{unused.getsockname()[1]}/"))

        assert not raised.value.maybeSent

    @ensureDeferred
    async def test_notTrusted(self, http: Any, serve: Any, ca: Any) -> None:
        """
        Whoever cannot prove to be whom we want is told nothing.
        """
        server = await serve(Told(), issued=ca.issue("elsewhere.example"))

        with pytest.raises(NotTrusted) as raised:
            await http.request(post(server))

        assert not raised.value.maybeSent
        assert [] == server.came()

    @ensureDeferred
    async def test_answersAreBounded(self, http: Any, serve: Any) -> None:
        """
        Nobody makes us hold more than we take.
        """
        largest = await serve(Told(body=b"x" * LONGEST))
        larger = await serve(Told(body=b"x" * (LONGEST + 1)))

        assert LONGEST == len((await http.request(post(largest))).body)
        with pytest.raises(AnswerTooLarge) as raised:
            await http.request(post(larger))

        assert raised.value.maybeSent
        assert (200, b"") == (raised.value.response.status, raised.value.response.body)

    @ensureDeferred
    async def test_redirectsAreNotFollowed(self, http: Any, serve: Any) -> None:
        """
        Credentials go where they were meant to go, wherever an answer points.
        """
        server = await serve(Told(307, {"Location": "/there"}))

        assert 307 == (await http.request(post(server))).status
        assert 1 == len(server.came())

    @ensureDeferred
    async def test_cookiesAreNotKept(self, http: Any, serve: Any) -> None:
        """
        No push network gets to mark us.
        """
        server = await serve(Told(200, {"Set-Cookie": "a=b; Path=/"}))

        for _ in range(2):
            await http.request(post(server))

        assert not any("cookie" in came.headers for came in server.came())

    @ensureDeferred
    async def test_whatIsSaidOfTroubleHoldsNothingSecret(self, http: Any, serve: Any) -> None:
        """
        Neither URL nor headers nor body get into the text of what goes wrong.
        """
        server = await serve(Told(cuts=True))
        request = Request("POST", f"{server.url}token-1", {"Authorization": "bearer token-2"}, b"token-3")

        with pytest.raises(ConnectionBroke) as raised:
            await http.request(request)

        assert "token" not in repr(raised.value) + str(raised.value)
