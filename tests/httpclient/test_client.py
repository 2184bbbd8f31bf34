"""
HTTP over real sockets.
"""

import socket

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred, gatherResults
from zope.interface.verify import verifyObject

from pushsvc.exchange import AnswerTooLarge, ConnectionBroke, NotConnected, NotTrusted, Request, TimedOut
from pushsvc.httpclient.client import LONGEST_ANSWER, makeHTTP
from pushsvc.ipushsvc import IHTTP
from tests.httpclient.servers import OK, Script, cuts, isMute, listenTLS, says, saysAndCloses
from tests.standins.certificates import CA


@pytest.fixture(scope="module")
def ca(tmp_path_factory):
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def certificate(ca):
    return ca.issue("localhost", "127.0.0.1")


@pytest_twisted.async_yield_fixture
async def http(ca):
    http = makeHTTP(reactor, ca.certificate)
    yield http
    await http.close()


@pytest_twisted.async_yield_fixture
async def serve(certificate):
    ports = []

    async def serve(*acts, issued=certificate):
        script = Script(*acts)
        ports.append(await listenTLS(reactor, script, issued))
        return script, f"https://localhost:{ports[-1].getHost().port}/"

    yield serve
    for port in ports:
        await port.stopListening()


def post(url, body=b"body", deadline=10.0):
    return Request("POST", url, {"X-Push": "1"}, body, deadline)


def test_interface(http):
    """
    It is an IHTTP.
    """
    assert verifyObject(IHTTP, http)


@pytest_twisted.ensureDeferred
async def test_requestAndAnswer(http, serve):
    """
    A request arrives as it was asked, with its length, and the answer comes back as it was given.
    """
    script, url = await serve(says(b"HTTP/1.1 404 No\r\nContent-Length: 3\r\nRetry-AFTER: 7\r\n\r\nno!"))

    response = await http.request(post(url + "a%2Fb?c=d"))

    assert (404, b"no!", "7") == (response.status, response.body, response.headers["retry-after"])
    sent = script.requests[0][0]
    assert sent.startswith(b"POST /a%2Fb?c=d HTTP/1.1\r\n")
    assert sent.endswith(b"\r\n\r\nbody")
    assert b"content-length: 4\r\n" in sent.lower()
    assert b"x-push: 1\r\n" in sent.lower()
    assert b"accept-encoding" not in sent.lower()


@pytest_twisted.ensureDeferred
async def test_connectionsAreKept(http, serve):
    """
    The second push takes the connection of the first.
    """
    script, url = await serve(says(OK))

    await http.request(post(url))
    await http.request(post(url))

    assert [2] == [len(requests) for requests in script.requests]


@pytest_twisted.ensureDeferred
async def test_manyAtOnceKeepTheirConnections(http, serve):
    """
    A burst of pushes leaves connections behind that the next burst takes.
    """
    script, url = await serve(says(OK))

    for _ in range(2):
        await gatherResults([ensureDeferred(http.request(post(url))) for _ in range(5)])

    assert [2] * 5 == [len(requests) for requests in script.requests]


@pytest_twisted.ensureDeferred
async def test_staleConnection(http, serve):
    """
    A push that meets a kept connection just as the server ends it is repeated at once on a new one.
    """
    script, url = await serve(says(OK), cuts, says(OK))

    await http.request(post(url))
    response = await http.request(post(url, b"second"))

    assert 200 == response.status
    assert [2, 1] == [len(requests) for requests in script.requests]
    assert script.requests[1][0].endswith(b"second")


@pytest_twisted.ensureDeferred
async def test_onlyOnce(http, serve):
    """
    It is repeated once, not for ever.
    """
    script, url = await serve(says(OK), cuts)

    await http.request(post(url))
    with pytest.raises(ConnectionBroke) as raised:
        await http.request(post(url))

    assert raised.value.maybeSent
    assert [2, 1] == [len(requests) for requests in script.requests]


@pytest_twisted.ensureDeferred
async def test_freshConnectionsAreNoReasonToRepeat(http, serve):
    """
    A connection that breaks under its first push is a server in trouble, not an old connection.
    """
    script, url = await serve(cuts)

    with pytest.raises(ConnectionBroke) as raised:
        await http.request(post(url))

    assert raised.value.maybeSent
    assert 1 == len(script.requests)


@pytest_twisted.ensureDeferred
async def test_nobodyThere(http):
    """
    When nobody listens it is certain that nothing was sent.
    """
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"https://127.0.0.1:{unused.getsockname()[1]}/"

        with pytest.raises(NotConnected) as raised:
            await http.request(post(url))

    assert not raised.value.maybeSent


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "act",
    [
        isMute,
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
    ],
)
async def test_deadline(http, serve, act):
    """
    The deadline is for the whole answer, not for its first line only, and leaves no connection behind.
    """
    script, url = await serve(act)

    with pytest.raises(TimedOut) as raised:
        await http.request(post(url, deadline=1.5))

    assert raised.value.maybeSent
    await script.ended.addTimeout(5, reactor)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf",
        b"HTTP/1.1 200 OK\r\n",
        b"this is not HTTP\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_brokenAnswers(http, serve, answer):
    """
    An answer that ends in the middle, or is none, is a broken connection.
    """
    _, url = await serve(saysAndCloses(answer))

    with pytest.raises(ConnectionBroke) as raised:
        await http.request(post(url))

    assert raised.value.maybeSent


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("head", [b"Content-Length: 1000000\r\n", b"", b"Content-Encoding: gzip\r\n"])
async def test_answersAreBounded(http, serve, head):
    """
    Nobody makes us hold more than we take.
    """
    _, url = await serve(says(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + b"x" * (LONGEST_ANSWER + 1)))

    with pytest.raises(AnswerTooLarge):
        await http.request(post(url))


@pytest_twisted.ensureDeferred
async def test_MP74_X6_certificateOfSomebodyElse(http, serve, ca):
    """
    MP-74, X-6: a certificate for another name is not trusted, and nothing is told to whoever has it.
    """
    script, url = await serve(says(OK), issued=ca.issue("elsewhere.example"))

    with pytest.raises(NotTrusted) as raised:
        await http.request(post(url))

    assert not raised.value.maybeSent
    assert not any(script.requests)


@pytest_twisted.ensureDeferred
async def test_MP74_certificateOfAnotherCA(http, serve, tmp_path):
    """
    MP-74: a certificate that nobody we trust has signed is not trusted.
    """
    script, url = await serve(says(OK), issued=CA(tmp_path, "Somebody").issue("localhost"))

    with pytest.raises(NotTrusted):
        await http.request(post(url))

    assert not any(script.requests)


@pytest_twisted.ensureDeferred
async def test_MP74_expiredCertificate(http, serve, ca):
    """
    MP-74: nor is one that has run out.
    """
    _, url = await serve(says(OK), issued=ca.issue("localhost", expired=True))

    with pytest.raises(NotTrusted):
        await http.request(post(url))


@pytest_twisted.ensureDeferred
async def test_MP74_thePlatformsRootsAreNotEverybody(serve):
    """
    MP-74: without a file of roots of its own, a client trusts the platform's and nobody else.
    """
    _, url = await serve(says(OK))
    http = makeHTTP(reactor)

    with pytest.raises(NotTrusted):
        await http.request(post(url))


@pytest_twisted.ensureDeferred
async def test_redirectsAreNotFollowed(http, serve):
    """
    Credentials go where they were meant to go, wherever an answer points.
    """
    script, url = await serve(says(b"HTTP/1.1 307 There\r\nLocation: /there\r\nContent-Length: 0\r\n\r\n"))

    response = await http.request(post(url))

    assert 307 == response.status
    assert 1 == len(script.requests[0])


@pytest_twisted.ensureDeferred
async def test_cookiesAreNotKept(http, serve):
    """
    No push network gets to mark us.
    """
    cookie = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n"
    script, url = await serve(says(cookie))

    await http.request(post(url))
    await http.request(post(url))

    assert b"cookie" not in script.requests[0][1].lower()


def test_rootsThatCannotBeRead(tmp_path):
    """
    A file of roots that is missing, or none, is told at once and not at the first push.
    """
    nothing = tmp_path / "nothing.pem"
    nothing.write_text("nothing")

    for path in (tmp_path / "missing.pem", nothing):
        with pytest.raises(ValueError, match=path.name):
            makeHTTP(reactor, path)


@pytest.mark.xfail(strict=True, reason="Twisted's TransportProxyProducer offers loseConnection only")
def test_COMPAT_bodiesCanBeAborted():
    """
    The transport that a body's protocol is given can be aborted.
    """
    from twisted.web._newclient import TransportProxyProducer

    assert hasattr(TransportProxyProducer, "abortConnection")
