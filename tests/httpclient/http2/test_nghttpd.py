"""
Against nghttpd: HTTP/2 as somebody else understands it. None lost, none doubled, counted by apns-id.

What nghttpd cannot be told to do, only our stand-in does (test_connections, test_connecting): change its settings while
a connection lives, go away (with or without leaving something unprocessed), refuse or reset single streams, keep a
window closed, speak no HTTP/2 (its ALPN knows nothing else).
"""

import os
import re
import shutil
import signal
from collections import Counter
from dataclasses import replace

import pytest
import pytest_twisted

from pushsvc.exchange import ConnectionBroke, NotConnected, NotTrusted, Route, TimedOut
from tests.httpclient.http2.conftest import IMPATIENT, PATIENT, asked, outcomes, push, until
from tests.httpclient.http2.test_connecting import shown
from tests.servers.rig.ports import freePort, isOpen
from tests.servers.rig.process import Process
from tests.standins.certificates import CA
from tests.support import untested

pytestmark = pytest.mark.servers

RECEIVED = re.compile(r"recv \(stream_id=\d+[^)]*\) apns-id: (\S+)")


class Nghttpd:
    """
    One server; echoes what it gets.
    """

    def __init__(self, folder, certificate, *options, port=0):
        self.log = folder / "log"
        self.port = port or freePort()
        self.url = f"https://localhost:{self.port}/3/device/"
        where = [str(self.port), str(certificate.key), str(certificate.certificate)]
        argv = ["nghttpd", "-v", "-a", "127.0.0.1", "-d", str(folder), "--echo-upload", *options, *where]
        self.process = Process(argv, folder, self.log, os.environ)

    def accepts(self):
        """
        Whether it listens.
        """
        return isOpen(self.port)

    def received(self):
        """
        How often each id came.
        """
        return Counter(RECEIVED.findall(self.log.read_text(errors="replace")))


@pytest_twisted.async_yield_fixture
async def start(tmp_path, certificate):
    if shutil.which("nghttpd") is None:
        untested("nghttpd is not installed (Debian: nghttp2-server)")
    started = []

    async def start(*options, issued=certificate, **more):
        server = Nghttpd(tmp_path, issued, *options, **more)
        started.append(server)
        await until(server.accepts)
        return server

    yield start
    for server in started:
        server.process.kill()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize(
    "options",
    [
        (),
        ("-m", "1"),
        ("-m", "7"),
        ("-w", "4"),
        ("-b", "255"),
        ("-c", "0"),
        ("-c", "1048576", "--encoder-header-table-size", "0"),
        ("--trailer", "x-after: 1"),
        ("-W", "16"),
        ("--no-content-length", "-m", "20", "-w", "5", "-b", "40"),
    ],
    ids=lambda options: "".join(options) or "plain",
)
async def test_noneLostNoneDoubled(make, start, options):
    """
    Five hundred pushes at once: each arrives once, and each gets its own answer.
    """
    http = make(tuning=replace(PATIENT, connections=3))
    server = await start(*options)
    asking = [asked(http, push(server.url, n, b"push %d" % n)) for n in range(500)]

    answers = [await each for each in asking]

    assert {200} == {answer.status for answer in answers}
    assert [b"push %d" % n for n in range(500)] == [answer.body for answer in answers]
    assert {f"id-{n}": 1 for n in range(500)} == server.received()


@pytest_twisted.ensureDeferred
async def test_largeBodies(make, start):
    """
    Bodies larger than a frame, and together larger than the window of their connection, arrive whole.
    """
    http = make()
    server = await start("-w", "10")
    bodies = [bytes([65 + n]) * 60_000 for n in range(10)]

    answers = [await each for each in [asked(http, push(server.url, n, body)) for n, body in enumerate(bodies)]]

    assert bodies == [answer.body for answer in answers]


@pytest_twisted.ensureDeferred
async def test_cancelledAmongOthers(make, start):
    """
    Requests that are given up take nothing from the others.
    """
    http = make()
    server = await start("-m", "5")
    asking = [asked(http, push(server.url, n)) for n in range(100)]
    await until(lambda: server.received())

    for each in asking[::3]:
        each.cancel()
    results = await outcomes(asking)

    assert {200} == {result for n, result in enumerate(results) if n % 3}
    received = server.received()
    assert {1} == set(received.values())
    assert {f"id-{n}" for n in range(100) if n % 3} <= set(received)


@pytest_twisted.ensureDeferred
async def test_clientCertificate(make, start, ca):
    """
    A server that asks for a certificate gets it.
    """
    server = await start("-V")
    route = Route(shown(ca.issue("one.example", client=True)))

    response = await make().request(push(server.url, route=route))

    assert 200 == response.status


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("whose", ["another CA's", "another host's", "of yesterday"])
async def test_notTrusted(make, start, ca, tmp_path, whose):
    """
    Who cannot prove to be whom we want is told nothing.
    """
    issued = {
        "another CA's": lambda: CA(tmp_path / "somebody", "Somebody").issue("localhost"),
        "another host's": lambda: ca.issue("elsewhere.example"),
        "of yesterday": lambda: ca.issue("localhost", expired=True),
    }[whose]()
    server = await start(issued=issued)

    with pytest.raises(NotTrusted) as raised:
        await make().request(push(server.url))

    assert not raised.value.maybeSent
    assert not server.received()


@pytest_twisted.ensureDeferred
async def test_timedOut(make, start):
    """
    A request that is not answered in time may have been processed; what is asked after it, by another connection, is.
    """
    http = make(tuning=replace(PATIENT, pingWithin=0.2))
    server = await start()
    await http.request(push(server.url, 1000))
    server.process.send(signal.SIGSTOP)

    (result,) = await outcomes([asked(http, push(server.url, 0, deadline=0.5))])
    server.process.send(signal.SIGCONT)

    assert isinstance(result, TimedOut)
    assert result.maybeSent
    assert [200] * 20 == await outcomes([asked(http, push(server.url, n)) for n in range(1, 21)])
    assert {1} == set(server.received().values())
    await until(lambda: server.log.read_text(errors="replace").count("GOAWAY"))


@pytest_twisted.ensureDeferred
async def test_frozen(make, start):
    """
    A server that stands still is noticed; when it goes on it has got nothing twice.
    """
    http = make(tuning=IMPATIENT)
    server = await start()
    await http.request(push(server.url, 1000))
    server.process.send(signal.SIGSTOP)

    results = await outcomes([asked(http, push(server.url, n)) for n in range(20)])
    server.process.send(signal.SIGCONT)

    assert all(isinstance(result, ConnectionBroke) and result.maybeSent for result in results)
    again = [asked(http, push(server.url, n)) for n in range(20, 40)]
    assert [200] * 20 == await outcomes(again)
    await until(lambda: len(server.received()) >= 21)
    assert {1} == set(server.received().values())


@pytest_twisted.ensureDeferred
async def test_killed(make, start):
    """
    A server that is killed has got each push once at most; when it is back, pushes arrive again.
    """
    http = make(tuning=replace(IMPATIENT, backoff=0.05, longestBackoff=0.1))
    server = await start()
    await http.request(push(server.url, 1000))
    server.process.send(signal.SIGSTOP)
    asking = [asked(http, push(server.url, n)) for n in range(20)]
    (pool,) = http._pools.values()
    await until(lambda: all(session.load == 20 for session in pool._connections.able))

    server.process.kill()
    results = await outcomes(asking)
    server = await start(port=server.port)

    assert all(isinstance(result, (ConnectionBroke, TimedOut, NotConnected)) for result in results)
    statuses = []
    while 200 not in statuses:
        statuses += await outcomes([asked(http, push(server.url, 2000 + len(statuses)))])
    assert {1} == set(server.received().values())
