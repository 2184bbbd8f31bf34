"""
Requests and answers over HTTP/2, over TLS.
"""

from dataclasses import replace

import pytest
import pytest_twisted
from twisted.internet.defer import CancelledError
from zope.interface.verify import verifyObject

from pushsvc.exchange import AnswerTooLarge, ConnectionBroke, Request, TimedOut
from pushsvc.httpclient.client import LONGEST_ANSWER
from pushsvc.ipushsvc import IHTTP
from tests.httpclient.http2.conftest import PATIENT, asked, outcomes, push, until
from tests.standins.http2 import FRAME, TABLE, WINDOW, Heard, answers, isMute


def test_interface(http):
    """
    It is an IHTTP.
    """
    assert verifyObject(IHTTP, http)


@pytest_twisted.ensureDeferred
async def test_requestAndAnswer(http, serve):
    """
    A request arrives as it was asked, and the answer comes back as it was given.
    """
    server = await serve(answers(410, b'{"reason":"Unregistered"}', apns_id="id-1"))

    response = await http.request(push(server.url, 1, b"body"))

    assert (410, {"reason": "Unregistered"}, "id-1") == (response.status, response.json(), response.headers["apns-id"])
    (heard,) = server.heard
    assert b"body" == heard.body
    assert ("POST", "https", "4", "bearer secret") == tuple(
        heard.headers[name] for name in (":method", ":scheme", "content-length", "authorization")
    )
    assert server.url == f"https://{heard.headers[':authority']}/3/device/"
    assert heard.headers[":path"].startswith("/3/device/00")


@pytest_twisted.ensureDeferred
async def test_withoutABody(http, serve):
    """
    A request without a body ends with its headers.
    """
    server = await serve()

    response = await http.request(Request("GET", server.url + "?a=b#c", {}, b"", 10.0))

    assert 200 == response.status
    assert "/3/device/?a=b" == server.heard[0].headers[":path"]
    assert "content-length" not in server.heard[0].headers


@pytest_twisted.ensureDeferred
async def test_manyAtOnceShareOneConnection(http, serve):
    """
    A hundred pushes at once, and a hundred after them, take one connection.
    """
    server = await serve()

    for start in (0, 100):
        assert [200] * 100 == await outcomes([asked(http, push(server.url, start + n)) for n in range(100)])

    assert 1 == len(server.connections)
    assert 200 == len(server.processed)
    assert {1} == set(server.processed.values())


@pytest_twisted.ensureDeferred
async def test_largeTables(http, serve):
    """
    Whatever the table that the other side offers for compression, headers arrive as they were.
    """
    for size in (0, 100, 65536):
        server = await serve(settings={TABLE: size})
        assert [200] * 5 == await outcomes([asked(http, push(server.url, n)) for n in range(5)])
        server.connections[0].change(HEADER_TABLE_SIZE=4096)
        server.connections[0].change(HEADER_TABLE_SIZE=0)
        server.connections[0].change(HEADER_TABLE_SIZE=0)
        assert [200] * 5 == await outcomes([asked(http, push(server.url, n)) for n in range(5)])
        assert {"org.example"} == {heard.headers["apns-topic"] for heard in server.heard}


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("window", [1, 16, 65535])
async def test_smallWindows(http, serve, window):
    """
    Bodies keep within the windows of their streams, however small, and arrive whole.
    """
    server = await serve(settings={WINDOW: window})
    bodies = [bytes([65 + n]) * 200 for n in range(10)]

    assert [200] * 10 == await outcomes([asked(http, push(server.url, n, body)) for n, body in enumerate(bodies)])

    assert bodies == [heard.body for heard in sorted(server.heard, key=lambda heard: heard.id)]


@pytest_twisted.ensureDeferred
async def test_theWindowOfTheConnection(make, serve):
    """
    All bodies together keep within the window of their connection; what is held back goes on when it opens.
    """
    http = make(tuning=replace(PATIENT, connections=1))
    server = await serve(settings={WINDOW: 1_000_000})
    server.acknowledges = False
    pushes = [asked(http, push(server.url, n, b"x" * 30_000)) for n in range(5)]
    await until(lambda: 65535 == sum(len(heard.body) for heard in server.heard))

    server.connections[0].act(lambda h2: h2.increment_flow_control_window(150_000))

    assert [200] * 5 == await outcomes(pushes)
    assert {30_000} == {len(heard.body) for heard in server.heard}


@pytest_twisted.ensureDeferred
async def test_windowsOfOpenStreamsChange(http, serve):
    """
    A change of the initial window goes for the streams that are open, even where it takes back what was given.
    """
    server = await serve(settings={WINDOW: 10})
    server.acknowledges = False
    asking = asked(http, push(server.url, 1, b"x" * 100))
    await until(lambda: server.heard and 10 == len(server.heard[0].body))

    server.connections[0].change(INITIAL_WINDOW_SIZE=0)
    server.connections[0].change(INITIAL_WINDOW_SIZE=50)
    await until(lambda: 50 == len(server.heard[0].body))
    server.connections[0].change(INITIAL_WINDOW_SIZE=100)

    assert 200 == (await asking).status


@pytest_twisted.ensureDeferred
async def test_largeFrames(http, serve):
    """
    Frames are as large as the other side takes them.
    """
    server = await serve(settings={FRAME: 40_000, WINDOW: 1_000_000})

    response = await http.request(push(server.url, 1, b"x" * 60_000))

    assert 200 == response.status


@pytest_twisted.ensureDeferred
async def test_longHeaders(http, serve):
    """
    Headers that do not fit into one frame are continued in others.
    """
    server = await serve()
    request = Request("POST", server.url, {"x-long": "ab%" * 20_000}, b"", 10.0)

    response = await http.request(request)

    assert 200 == response.status
    assert "ab%" * 20_000 == server.heard[0].headers["x-long"]


@pytest_twisted.ensureDeferred
async def test_continuationAndPadding(http, serve):
    """
    Answers in many small padded frames are put together.
    """

    def act(heard: Heard) -> None:
        headers = [(":status", "200"), ("x-long", "abc" * 300)]
        heard.connection.answerInPieces(heard, headers, b"0123456789" * 50, 30, 7)

    server = await serve(act)

    for n in range(3):
        response = await http.request(push(server.url, n))
        assert (b"0123456789" * 50, "abc" * 300) == (response.body, response.headers["x-long"])


@pytest_twisted.ensureDeferred
async def test_informationalAnswersAndTrailers(http, serve):
    """
    What comes before an answer, and what comes after it, is not the answer.
    """

    def act(heard: Heard) -> None:
        heard.begin(103, link="</style.css>")
        heard.begin(100)
        heard.begin(201, x="1")
        heard.say(b"created")
        heard.connection.act(lambda h2: h2.send_headers(heard.stream, [("grpc-status", "7")], end_stream=True))

    server = await serve(act)

    response = await http.request(push(server.url))

    assert (201, b"created", {"x": "1"}) == (response.status, response.body, dict(response.headers))


@pytest_twisted.ensureDeferred
async def test_answersAreBounded(http, serve):
    """
    An answer may have 65,536 bytes; for one with more, its stream is given up, and no other.
    """

    def act(heard: Heard) -> None:
        tooLong = heard.id == "id-1"
        body = b"x" * (LONGEST_ANSWER + tooLong)
        heard.connection.answerInPieces(heard, [(":status", "200")], body, 8000, 200, ends=not tooLong)

    server = await serve(act)

    results = await outcomes([asked(http, push(server.url, n)) for n in range(3)])

    assert [200, 200] == [results[0], results[2]]
    assert isinstance(results[1], AnswerTooLarge)
    assert results[1].maybeSent
    await until(lambda: [8] == list(server.connections[0].resets.values()))
    assert 1 == len(server.connections)


@pytest_twisted.ensureDeferred
async def test_answerBeforeTheBodyWasSent(http, serve):
    """
    An answer that comes before all of the body was sent counts, and the rest of the body is not sent.
    """
    server = await serve(isMute, settings={WINDOW: 10})
    server.acknowledges = False
    server.atHeaders = lambda heard: heard.answer(413, b"too large") if heard.id == "id-1" else None

    response = await http.request(push(server.url, 1, b"x" * 1000))

    assert (413, b"too large") == (response.status, response.body)
    await until(lambda: server.connections[0].resets)
    assert len(server.heard[0].body) <= 10
    server.acknowledges, server.act = True, answers()
    assert 200 == (await http.request(push(server.url, 2))).status
    assert 1 == len(server.connections)


@pytest_twisted.ensureDeferred
async def test_answerAndResetBeforeTheBodyWasSent(http, serve):
    """
    So does one whose stream the other side resets without complaint, as it may.
    """

    def act(heard: Heard) -> None:
        heard.answer(413)
        heard.reset(0)

    server = await serve(isMute, settings={WINDOW: 10})
    server.acknowledges, server.atHeaders = False, act

    assert 413 == (await http.request(push(server.url, 1, b"x" * 1000))).status


@pytest_twisted.ensureDeferred
async def test_deadline(http, serve):
    """
    When the deadline passes the stream is given up; the connection and the other requests live on.
    """
    server = await serve(lambda heard: None if heard.id == "id-1" else heard.answer())

    results = await outcomes([asked(http, push(server.url, n, deadline=1.5 if n == 1 else 10.0)) for n in range(3)])

    assert [200, 200] == [results[0], results[2]]
    assert isinstance(results[1], TimedOut)
    assert results[1].maybeSent
    await until(lambda: [8] == list(server.connections[0].resets.values()))
    assert 200 == (await http.request(push(server.url, 9))).status
    assert 1 == len(server.connections)


@pytest_twisted.ensureDeferred
async def test_deadlineInTheMiddleOfTheAnswer(http, serve):
    """
    The deadline is for the whole answer, not for its first line.
    """
    server = await serve(lambda heard: heard.begin(200))

    with pytest.raises(TimedOut) as raised:
        await http.request(push(server.url, deadline=1.5))

    assert raised.value.maybeSent


@pytest_twisted.ensureDeferred
async def test_cancelled(http, serve):
    """
    Whoever cancels gives up the stream.
    """
    server = await serve(isMute)
    asking = asked(http, push(server.url))
    await until(lambda: server.heard)

    asking.cancel()

    with pytest.raises(CancelledError):
        await asking
    await until(lambda: {1: 8} == server.connections[0].resets)


@pytest_twisted.ensureDeferred
async def test_reset(http, serve):
    """
    A stream that the other side gives up may have been processed: it is not asked again.
    """
    server = await serve(lambda heard: heard.reset() if heard.id == "id-1" else heard.answer())

    results = await outcomes([asked(http, push(server.url, n)) for n in range(3)])

    assert [200, 200] == [results[0], results[2]]
    assert isinstance(results[1], ConnectionBroke)
    assert results[1].maybeSent
    assert {1} == set(server.processed.values())


@pytest.mark.parametrize("headers", [{"x": "a\r\nb: c"}, {"x y": "a"}, {"": "a"}, {"x": "\0"}])
@pytest_twisted.ensureDeferred
async def test_headersThatWouldBeMore(http, headers):
    """
    Nobody smuggles a header into a request.
    """
    with pytest.raises(ValueError):
        await http.request(Request("POST", "https://localhost:1/", headers))


@pytest.mark.parametrize("url", ["https://", "https://a:b/", "https://user@host/", "https://host:99999/"])
@pytest_twisted.ensureDeferred
async def test_noURL(http, url):
    """
    What is no URL is not asked for, and not quoted.
    """
    with pytest.raises(ValueError, match="not the URL of a host"):
        await http.request(Request("POST", url))
