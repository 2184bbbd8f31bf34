"""
How connections come about, how many there are, and how they end.
"""

from dataclasses import replace

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from twisted.internet import reactor
from twisted.internet.defer import ensureDeferred
from twisted.internet.testing import MemoryReactorClock

from pushsvc.exchange import (
    ClientCertificate,
    ConnectionBroke,
    NotAdmitted,
    NotConnected,
    NotSpoken,
    NotTaken,
    NotTrusted,
    Request,
    Response,
    Route,
    TimedOut,
)
from pushsvc.httpclient.http2.client import makeHTTP2
from pushsvc.httpclient.http2.tuning import Tuning
from tests.httpclient.http2.conftest import PATIENT, asked, outcomes, push, until
from tests.servers.rig.ports import freePort
from tests.standins.certificates import CA
from tests.standins.http import ScriptedHTTP
from tests.standins.http2 import MAX_STREAMS, answers, isMute


def shown(issued):
    """
    A certificate to show.
    """
    return ClientCertificate(
        load_pem_private_key(issued.key.read_bytes(), None),
        tuple(x509.load_pem_x509_certificates(issued.certificate.read_bytes())),
    )


def unusedURL():
    """
    A URL at which nobody listens.
    """
    return f"https://localhost:{freePort()}/"


# TLS


@pytest_twisted.ensureDeferred
async def test_notTrusted(http, serve, ca, tmp_path):
    """
    Whoever cannot prove to be who we want is told nothing.
    """
    for issued in (
        ca.issue("elsewhere.example"),
        ca.issue("localhost", expired=True),
        CA(tmp_path, "Somebody").issue("localhost"),
    ):
        server = await serve(issued=issued)

        with pytest.raises(NotTrusted) as raised:
            await http.request(push(server.url))

        assert not raised.value.maybeSent
        assert not server.heard


@pytest_twisted.ensureDeferred
async def test_thePlatformsRootsAreNotEverybody(serve):
    """
    Without a file of roots of its own, a client trusts the platform's and nobody else.
    """
    server = await serve()
    http = makeHTTP2(reactor)

    with pytest.raises(NotTrusted):
        await http.request(push(server.url))
    await http.close()


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("speaks", [(), (b"http/1.1",)])
async def test_HTTP2IsNotSpoken(http, serve, speaks):
    """
    Whoever does not negotiate HTTP/2, whether it knows ALPN or not, is not spoken to.
    """
    server = await serve(speaks=speaks)

    with pytest.raises(NotSpoken) as raised:
        await http.request(push(server.url))

    assert not raised.value.maybeSent
    assert not server.heard


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("speaks", [(), (b"http/1.1",)])
async def test_otherwise(make, serve, speaks):
    """
    Where there is a client for what is older it is asked instead, and from then on at once.
    """
    older = ScriptedHTTP(Response(200), Response(201))
    http = make(otherwise=older)
    server = await serve(speaks=speaks)

    assert 200 == (await http.request(push(server.url, 1, deadline=100.0))).status
    connections = len(server.connections)
    assert 201 == (await http.request(push(server.url, 2))).status

    assert connections == len(server.connections)
    assert ["id-1", "id-2"] == [request.headers["apns-id"] for request in older.requests]
    assert 10.0 < older.requests[0].deadline <= 100.0


@pytest_twisted.ensureDeferred
async def test_withoutTLS(make):
    """
    Without TLS only the older client can ask.
    """
    older = ScriptedHTTP(Response(200))
    request = Request("GET", "http://localhost:1/")

    assert 200 == (await make(otherwise=older).request(request)).status
    with pytest.raises(NotSpoken):
        await make().request(request)


@pytest_twisted.ensureDeferred
async def test_clientCertificate(http, serve, ca):
    """
    A certificate is shown where a route has one, and connections that show it are shared with nobody else.
    """
    server = await serve(ca=ca)
    first, second = (Route(shown(ca.issue(name, client=True))) for name in ("one.example", "two.example"))

    for route in (first, second, first):
        assert 200 == (await http.request(push(server.url, route=route))).status

    peers = [connection.transport.getPeerCertificate().to_cryptography() for connection in server.connections]
    assert ["CN=one.example", "CN=two.example"] == [peer.subject.rfc4514_string() for peer in peers]
    with pytest.raises(NotAdmitted, match="certificate required") as raised:
        await http.request(push(server.url))
    assert not raised.value.maybeSent


@pytest_twisted.ensureDeferred
async def test_certificateOfSomebodyElse(http, serve, ca, tmp_path):
    """
    A certificate that the other side does not take is told from a network that is down.
    """
    server = await serve(ca=CA(tmp_path, "Another"))

    with pytest.raises(NotAdmitted, match="unknown ca") as raised:
        await http.request(push(server.url, route=Route(shown(ca.issue("one.example", client=True)))))

    assert not raised.value.maybeSent
    assert not server.heard


@pytest_twisted.ensureDeferred
async def test_certificatesAreNotShownToTheOlderClient(make, serve, ca):
    """
    A request that needs a certificate is not asked by a client that has none.
    """
    older = ScriptedHTTP()
    server = await serve(speaks=())

    with pytest.raises(NotSpoken):
        await make(otherwise=older).request(push(server.url, route=Route(shown(ca.issue("one.example", client=True)))))

    assert [] == older.requests


def test_rootsThatCannotBeRead(tmp_path):
    """
    A file of roots that is missing is told at once and not at the first push.
    """
    with pytest.raises(ValueError, match=r"missing\.pem"):
        makeHTTP2(reactor, tmp_path / "missing.pem")


# Nobody there


@pytest_twisted.ensureDeferred
async def test_nobodyThere(make):
    """
    Where nobody listens it is certain that nothing was sent. Until it is tried again requests fail at once.
    """
    http = make(tuning=replace(PATIENT, backoff=30.0))
    url = unusedURL()

    results = await outcomes([asked(http, push(url, n)) for n in range(3)])
    start = reactor.seconds()
    results += await outcomes([asked(http, push(url, 3))])

    assert all(isinstance(result, NotConnected) and not result.maybeSent for result in results)
    assert reactor.seconds() - start < 10


@pytest_twisted.ensureDeferred
async def test_backAgain(make, serve, certificate):
    """
    Once the time is up it is tried again.
    """
    http = make(tuning=replace(PATIENT, backoff=0.05))
    server = await serve()
    server.atConnection = lambda connection: connection.cut()
    for n in range(4):
        (result,) = await outcomes([asked(http, push(server.url, n))])
        assert isinstance(result, NotConnected)

    server.atConnection = None
    statuses = []

    async def ask():
        statuses.extend(await outcomes([asked(http, push(server.url, 9))]))

    while 200 not in statuses:
        await ask()
        pause = reactor.seconds() + 0.02
        await until(lambda end=pause: reactor.seconds() > end)
    assert 200 == statuses[-1]


def test_connectingTakesTooLong(ca):
    """
    A host that does not answer at all costs a request no more than connecting may take.
    """
    clock = MemoryReactorClock()
    http = makeHTTP2(clock, ca.certificate, tuning=Tuning(connectWithin=7.0))
    ends = []
    asked(http, Request("POST", "https://192.0.2.1/", deadline=60.0)).addErrback(ends.append)

    for _ in range(80):
        clock.advance(0.1)

    assert isinstance(ends[0].value, NotConnected)


# How many


@pytest_twisted.ensureDeferred
async def test_grows(make, serve):
    """
    When all connections are at their limit another one is made, up to what is set; the rest waits.
    """
    http = make(tuning=replace(PATIENT, connections=3))
    server = await serve(isMute, settings={MAX_STREAMS: 2})

    asking = [asked(http, push(server.url, n)) for n in range(8)]

    await until(lambda: 6 == len(server.heard))
    assert 3 == len(server.connections)
    server.act = answers()
    for heard in list(server.heard):
        heard.answer()
    assert [200] * 8 == await outcomes(asking)
    assert {1} == set(server.processed.values())


@pytest_twisted.ensureDeferred
async def test_shrinks(make, serve):
    """
    Connections on which nothing happens are closed in the end, with a word of farewell; the next request makes one.
    """
    http = make(tuning=replace(PATIENT, idle=0.1))
    server = await serve(settings={MAX_STREAMS: 1})
    assert [200] * 5 == await outcomes([asked(http, push(server.url, n)) for n in range(5)])

    await until(lambda: not server.open)

    assert all(connection.goneAway for connection in server.connections)
    await until(lambda: not http._pools)
    assert 200 == (await http.request(push(server.url, 9))).status


@pytest_twisted.ensureDeferred
async def test_keeps(make, serve):
    """
    As many connections as are to be kept are there from the first request on, stay when nothing happens, and are
    replaced when they end.
    """
    http = make(tuning=replace(PATIENT, idle=0.05))
    server = await serve()
    await http.request(push(server.url, 1, route=Route(keep=2)))
    await until(lambda: 2 == len(server.connections))
    now = reactor.seconds()
    await until(lambda: reactor.seconds() > now + 0.2)
    assert 2 == len(server.open)

    server.connections[0].cut()

    await until(lambda: 3 == len(server.connections) and 2 == len(server.open))


@pytest_twisted.ensureDeferred
async def test_neverAConnectionPerPush(http, serve):
    """
    A thousand pushes one after the other take one connection.
    """
    server = await serve()

    for n in range(1000):
        await http.request(push(server.url, n))

    assert 1 == len(server.connections)


@pytest_twisted.ensureDeferred
async def test_tooManyWait(make, serve):
    """
    No more wait than is set: the others are told at once.
    """
    http = make(tuning=replace(PATIENT, waiting=5, connections=1))
    server = await serve(settings={MAX_STREAMS: 0})

    results = await outcomes([asked(http, push(server.url, n, deadline=0.3)) for n in range(8)])

    assert [TimedOut] * 5 + [NotTaken] * 3 == [type(result) for result in results]
    assert not any(result.maybeSent for result in results)


# The end


@pytest_twisted.ensureDeferred
async def test_close(make, serve):
    """
    Answers on their way still arrive; what waits is told; nothing more is asked.
    """
    http = make(tuning=replace(PATIENT, connections=1))
    held = []
    server = await serve(held.append, settings={MAX_STREAMS: 2})
    asking = [asked(http, push(server.url, n)) for n in range(3)]
    await until(lambda: 2 == len(held))

    closing = ensureDeferred(http.close())
    (late,) = await outcomes([asked(http, push(server.url, 9))])
    for heard in held:
        heard.answer()
    results = await outcomes(asking)
    await closing

    assert [200, 200] == results[:2]
    assert isinstance(results[2], NotConnected)
    assert isinstance(late, NotConnected)
    await until(lambda: not server.open)
    assert server.connections[0].goneAway


@pytest_twisted.ensureDeferred
async def test_closeDoesNotWaitForEver(make, serve):
    """
    Answers that do not come in a while do not come.
    """
    http = make(tuning=replace(PATIENT, farewell=0.2))
    server = await serve(isMute)
    asking = [asked(http, push(server.url, n)) for n in range(3)]
    await until(lambda: 3 == len(server.heard))

    await ensureDeferred(http.close())

    results = await outcomes(asking)
    assert all(isinstance(result, ConnectionBroke) and result.maybeSent for result in results)


@pytest_twisted.ensureDeferred
async def test_closeWhileConnecting(make, serve):
    """
    A connection that is being made is given up.
    """
    http = make()
    server = await serve()
    asking = [asked(http, push(server.url))]

    await ensureDeferred(http.close())

    (result,) = await outcomes(asking)
    assert isinstance(result, NotConnected)
    assert not server.heard
