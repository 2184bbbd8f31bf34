"""
What only shows when every byte and every second is in our hand.
"""

import pytest
from hyperframe.frame import PingFrame

from pushsvc.exchange import ClientCertificate, ConnectionBroke, NotConnected, NotSpoken, Request, Route, TimedOut
from pushsvc.httpclient.http2.asking import Asking
from pushsvc.httpclient.http2.backoff import Backoff
from pushsvc.httpclient.http2.engine import Answered, Data, GoneAway
from pushsvc.httpclient.http2.ownengine import OwnEngine
from pushsvc.httpclient.http2.pool import Pool
from pushsvc.httpclient.http2.requests import headersOf, split
from pushsvc.httpclient.http2.tuning import Tuning
from tests.httpclient.http2.memory import Network
from tests.standins.http2 import StandIn, isMute
from tests.support import resultOf

TUNING = Tuning(connections=2)


@pytest.fixture
def server():
    return StandIn()


@pytest.fixture
def network(clock, server, makeEngine):
    return Network(clock, server, TUNING, makeEngine)


@pytest.fixture
def pool(network, clock):
    backoff = Backoff(clock, TUNING.backoff, TUNING.longestBackoff, lambda: 1.0)
    return Pool("standin", network.connect, clock, TUNING, 0, backoff, lambda: None)


def ask(pool, number=0, deadline=100.0):
    origin, path = split("https://standin/push")
    asking = Asking(headersOf(Request("POST", "", {"apns-id": f"id-{number}"}), origin, path), b"")
    pool.ask(asking, deadline)
    return asking.answer


def error(deferred):
    ends = []
    deferred.addErrback(ends.append)
    return ends[0].value


def test_notWrittenYet(pool, network, server):
    """
    What was not handed to the connection before it breaks goes elsewhere; what was may have been processed.
    """
    server.act = isMute
    written = ask(pool, 1)
    network.settle()
    fresh = ask(pool, 2)

    network.links[0].cut()
    server.act = StandIn().act
    network.settle()

    assert 200 == resultOf(fresh).status
    assert isinstance(error(written), ConnectionBroke)
    assert {"id-1": 1, "id-2": 1} == server.processed


def test_nonsense(pool, network, server, makeEngine):
    """
    Whoever talks nonsense is told so, and left: what may have been processed fails, and what was not written yet goes
    elsewhere, once.
    """
    server.act = isMute
    written = ask(pool, 1)
    network.settle()
    (link,) = network.links
    fresh = ask(pool, 2)
    server.act = StandIn().act

    link.client.dataReceived(b"nonsense" * 5)

    assert isinstance(error(written), ConnectionBroke)
    network.settle()
    assert 200 == resultOf(fresh).status
    assert {"id-1": 1, "id-2": 1} == server.processed
    assert server.connections[0].goneAway is (makeEngine is OwnEngine)
    assert link.down


def test_nonsenseAtOnce(pool, network, server):
    """
    Whoever talks nonsense before we have said anything is told nothing: it would be nonsense, too.
    """
    asking = ask(pool)
    (link,) = network.links

    link.client.dataReceived(link.theirs.written + b"nonsense" * 5)

    assert b"" == link.ours.written
    network.settle()
    assert 200 == resultOf(asking).status
    assert [] == server.violations


def test_refusedAndForbiddenAtOnce(pool, network, server):
    """
    Whoever refuses a request and takes no more from then on is not asked again.
    """
    server.act = isMute
    asking = ask(pool)
    network.settle()
    server.act = StandIn().act

    server.heard[0].refuse()
    server.connections[0].change(MAX_CONCURRENT_STREAMS=0)
    network.settle()

    assert 200 == resultOf(asking).status
    assert 2 == len(server.connections)
    assert [] == server.violations


@pytest.mark.parametrize("takesBack", ["refuse", "goAway"])
def test_answersThatAreTakenBack(pool, network, server, takesBack):
    """
    Whoever says that it has not processed what it has begun to answer is not believed: nothing is asked twice.
    """

    def act(heard):
        heard.begin(200)
        if takesBack == "refuse":
            heard.refuse()
        else:
            heard.connection.goAway(0)

    server.act = act
    answer = ask(pool)
    network.settle()

    failed = error(answer)
    assert isinstance(failed, ConnectionBroke)
    assert failed.maybeSent
    assert 1 == len(server.heard)


def test_oneWritePerTurn(pool, network, clock):
    """
    What is asked in one turn is written in one piece, once the turn is over.
    """
    ask(pool)
    network.settle()
    (link,) = network.links
    for n in range(50):
        ask(pool, n)
    assert b"" == link.ours.written

    clock.advance(0)

    assert len(link.ours.written) > 50 * 20


def test_failFast(pool, network, clock):
    """
    After a connection that did not come about requests fail at once, for a time that doubles.
    """
    network.fails = NotConnected("nobody there")
    waits = []
    for _ in range(10):
        assert isinstance(error(ask(pool)), NotConnected)
        waits.append(pool._connections._prospects.left)
        clock.advance(waits[-1])

    assert [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0, 60.0] == pytest.approx(waits)
    network.fails = None
    answer = ask(pool)
    network.settle()
    assert 200 == resultOf(answer).status
    assert 0.0 == pool._connections._prospects.left


def test_connectionsThatDoNotLast(pool, network, server, clock):
    """
    Connections that end without an answer are an accident once; after that there is a pause.
    """
    server.atHeaders = lambda heard: heard.connection.cut()
    for _ in range(2):
        answer = ask(pool)
        network.settle()
        assert isinstance(error(answer), ConnectionBroke)

    assert isinstance(error(ask(pool)), NotConnected)

    assert 2 == len(network.links)
    clock.advance(1.0)
    server.atHeaders = None
    answer = ask(pool)
    network.settle()
    assert 200 == resultOf(answer).status


def test_idleConnectionsAreSeldomAsked(network, server, clock):
    """
    An idle connection that is kept is asked for a sign of life once an hour.
    """
    pool = Pool("standin", network.connect, clock, TUNING, 1, Backoff(clock, 1.0, 1.0), lambda: None)
    ask(pool)
    network.settle()

    for _ in range(24 * 60):
        clock.advance(60.0)
        network.settle()

    assert 1 == len(server.connections)
    assert 22 <= server.connections[0].pings <= 24


def test_deadIdleConnection(network, server, clock):
    """
    One that gives none is replaced, before it costs a request anything.
    """
    pool = Pool("standin", network.connect, clock, TUNING, 1, Backoff(clock, 1.0, 1.0), lambda: None)
    ask(pool)
    network.settle()
    server.connections[0].freeze()

    for _ in range(62):
        clock.advance(60.0)
        network.settle()

    assert [True, False] == [link.down for link in network.links]


def test_keptConnectionsThatCannotBe(network, clock):
    """
    Where HTTP/2 is not spoken, connections that are to be kept are not tried for ever.
    """
    pool = Pool("standin", network.connect, clock, TUNING, 2, Backoff(clock, 1.0, 1.0), lambda: None)
    network.fails = NotSpoken("an old server")
    assert isinstance(error(ask(pool)), NotSpoken)

    for _ in range(100):
        clock.advance(10.0)

    assert network.failures <= 2
    network.fails = None
    answer = ask(pool)
    network.settle()
    assert 200 == resultOf(answer).status
    assert 2 == len(network.up)


def test_pingsAreNoUse(pool, network, server, clock):
    """
    A connection that is good for nothing but pings is idle.
    """
    ask(pool)
    network.settle()

    for _ in range(12):
        clock.advance(TUNING.idle / 6)
        server.connections[0].act(lambda h2: h2.ping(b"12345678"))
        network.settle()

    assert network.links[0].down


def test_noTimeLeft(pool, network):
    """
    A request whose time is up before it is asked is not asked.
    """
    late = ask(pool, deadline=-1.0)
    network.settle()

    assert isinstance(error(late), TimedOut)


def test_askingWithoutListening(pool, network, server, clock):
    """
    Whoever asks and asks, and does not take the answers, is not remembered without end.
    """
    ask(pool)
    network.settle()
    (link,) = network.links
    link.ours.producer.pauseProducing()

    for _ in range(70_000 // 100):
        server.connections[0].frames(*[PingFrame(0, b"12345678")] * 100)
        link.toClient(1_000_000)
        clock.advance(0)

    assert link.down


def test_farewellThatNeverComes(pool, network, clock):
    """
    A connection whose other side does not close it is ended after a while.
    """
    ask(pool)
    network.settle()
    closing = pool.close()
    clock.advance(0)
    assert not network.links[0].down

    clock.advance(TUNING.farewell)
    clock.advance(0)

    resultOf(closing)
    assert network.links[0].down
    assert [] == clock.getDelayedCalls()


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "path"),
    [
        ("https://a.example", "a.example", 443, b"a.example", b"/"),
        ("HTTPS://A.example:443/x", "a.example", 443, b"a.example", b"/x"),
        ("https://a.example:2197/x?y#z", "a.example", 2197, b"a.example:2197", b"/x?y"),
        ("https://a.example?y", "a.example", 443, b"a.example", b"/?y"),
        ("https://[::1]:8443/", "::1", 8443, b"[::1]:8443", b"/"),
        ("https://bücher.example/ä b%2F", "xn--bcher-kva.example", 443, b"xn--bcher-kva.example", b"/%C3%A4%20b%2F"),
    ],
)
def test_URLs(url, host, port, authority, path):
    """
    Hosts and paths are asked for as they are meant.
    """
    origin, asked = split(url)

    assert (host, port, authority, path) == (origin.host, origin.port, origin.authority, asked)


def test_nothingSecretIsShown():
    """
    No event and no route shows what it holds.
    """
    shown = [
        Answered(1, 200, [(b"x", b"token")]),
        Data(1, b"token"),
        GoneAway(1, 0, b"token"),
        Route(ClientCertificate("token", ("token",))),
        ClientCertificate("token", ("token",)),
    ]

    assert "token" not in repr(shown)
