"""
Connections that are there and good for nothing: they get no more requests, and do not make others for ever.
"""

from dataclasses import replace

import pytest

from pushsvc.exchange import NotConnected, NotTaken, Request, TimedOut
from pushsvc.httpclient.http2.asking import Asking
from pushsvc.httpclient.http2.backoff import Backoff
from pushsvc.httpclient.http2.pool import Pool
from pushsvc.httpclient.http2.requests import headersOf, split
from pushsvc.httpclient.http2.tuning import Tuning
from tests.httpclient.http2.memory import Network
from tests.standins.http2 import MAX_STREAMS, StandIn, answers, isMute

TUNING = Tuning(connections=3)
DEADLINE = 10.0


class House:
    """
    A pool, and what became of what was asked.
    """

    def __init__(self, clock, makeEngine, tuning=TUNING, keep=0, settings=None, isCrowded=bool):
        self.clock = clock
        self.server = StandIn(settings=settings)
        self.network = Network(clock, self.server, tuning, makeEngine)
        self.emptied = 0
        backoff = Backoff(clock, tuning.backoff, tuning.longestBackoff, lambda: 1.0)
        self.pool = Pool("standin", self.network.connect, clock, tuning, keep, backoff, self._empty, isCrowded)

    def _empty(self):
        self.emptied += 1

    @property
    def up(self):
        return self.network.up

    def begin(self, number=0, body=b"", deadline=DEADLINE, avoids=None):
        origin, path = split("https://standin/push")
        request = Request("POST", "", {"apns-id": f"id-{number}"}, body)
        self.asking = Asking(headersOf(request, origin, path), body, avoids)
        self.pool.ask(self.asking, deadline)
        ends = []
        self.asking.answer.addCallbacks(ends.append, lambda failure: ends.append(failure.value))
        return ends

    def ask(self, number=0, **more):
        """
        One request, however long it takes.
        """
        ends = self.begin(number, **more)
        self.network.settle()
        for _ in range(200):
            if ends:
                break
            self.wait(0.5)
        (end,) = ends
        return end

    def results(self, count):
        """
        Of so many requests, one after the other.
        """
        ends = [self.ask(number) for number in range(count)]
        return [getattr(end, "status", type(end)) for end in ends]

    @property
    def ways(self):
        """
        By which connection each request travelled: 0 is the first that there was.
        """
        return [self.server.connections.index(heard.connection) for heard in self.server.heard]

    def wait(self, seconds):
        """
        Let time pass.
        """
        self.clock.advance(seconds)
        self.network.settle()


@pytest.fixture
def make(clock, makeEngine):
    return lambda **more: House(clock, makeEngine, **more)


def dead(server, *numbers):
    """
    Says nothing on these connections, though they answer pings.
    """

    def act(heard):
        if server.connections.index(heard.connection) not in numbers:
            heard.answer()

    return act


# Good for nothing but pings


def test_goodForNothingButPings(make):
    """
    A connection that answers pings and no request costs one request its time, and is replaced.
    """
    house = make(keep=2)
    house.server.act = dead(house.server, 0)

    assert [TimedOut, *[200] * 11] == house.results(12)

    assert 0 not in house.ways[1:]
    assert house.server.connections[0].ended
    assert 2 == len(house.up)


def test_fallenSilent(make):
    """
    So is one that was good for much before.
    """
    house = make(keep=2)
    assert [200] * 40 == house.results(40)

    house.server.act = dead(house.server, 0)

    assert 1 == house.results(12).count(TimedOut)
    assert house.server.connections[0].ended


def test_answersThatAreNotEnded(make):
    """
    One that begins answers and ends none gets two requests, and no third.
    """
    house = make()
    first = house.server.connections
    later = house.clock.callLater
    house.server.act = lambda heard: later(1, heard.begin, 200) if heard.connection is first[0] else heard.answer()

    assert [TimedOut, TimedOut, 200, 200] == house.results(4)


def test_longRequests(make):
    """
    What takes long while others are answered is not its connection's fault, however often.
    """
    house = make()
    house.server.act = lambda heard: None if int(heard.id[3:]) % 2 else heard.answer()
    ends = []
    for number in range(40):
        ends.append(house.begin(number))
        house.wait(1.0)
    house.wait(DEADLINE)

    assert [TimedOut] * 20 == [type(end) for (end,) in ends[1::2]]
    assert 1 == len(house.server.connections)


def test_requestsWithoutTime(make):
    """
    Nor is what had next to no time.
    """
    house = make()
    house.ask()
    house.server.act = isMute
    assert TimedOut is type(house.ask(1, deadline=0.1))
    house.server.act = answers()

    assert 200 == house.ask(2).status

    assert 1 == len(house.server.connections)


def test_inTurn(make):
    """
    Connections that are kept are used in turn, so that none falls silent unnoticed.
    """
    house = make(keep=2)
    house.ask()

    house.results(6)

    assert [1, 0, 1, 0, 1, 0] == house.ways[1:]


def test_spared(make):
    """
    Those that were made for a rush are not used for a trickle: they can be closed.
    """
    house = make(keep=2, settings={MAX_STREAMS: 1})
    for number in range(9):
        house.begin(number)
    house.network.settle()
    assert 3 == len(house.up)

    for number in range(50):
        house.ask(number)
        house.wait(TUNING.idle / 20)

    assert 2 == len(house.up)


# Nothing gets through


def test_closedWindow(make):
    """
    When the window of a connection stays closed, others are made, and the requests go by these.
    """
    house = make()
    house.server.acknowledges = False
    for number in range(4):
        house.begin(number, b"x" * 30_000)
    house.network.settle()

    assert [200] * 4 == house.results(4)

    assert set(house.ways[4:]) == {1}


def test_pausedTransport(make):
    """
    When a connection takes nothing to write, others are made, too.
    """
    house = make()
    house.ask()
    house.network.links[0].ours.producer.pauseProducing()

    assert [200] * 4 == house.results(4)

    assert [1] * 4 == house.ways[1:]


def test_closedWindowsEverywhere(make):
    """
    When it is all of them, and there may be no more, they are replaced in the end.
    """
    house = make()
    house.server.acknowledges = False
    for _ in range(12):
        house.begin(0, b"x" * 30_000)
        house.network.settle()
        house.pool.withdraw(house.asking)
    assert [0, 0, 0] == [session.room for session in house.pool._connections.able]
    house.server.acknowledges = True

    results = house.results(5)

    assert [200] * 2 == results[3:]
    assert not {0, 1, 2} & set(house.ways[-2:])


def test_noStreamsForEver(make):
    """
    So are those that allow no streams and stay so.
    """
    house = make(settings={MAX_STREAMS: 0})
    assert [TimedOut] * 2 == house.results(2)

    house.server.settings = {MAX_STREAMS: 10}

    assert 200 == house.results(3)[-1]


# Connections that do not last


@pytest.mark.parametrize("status", [200, 503])
def test_storm(make, status):
    """
    Where each connection ends after one answer, no thousand of them are made: there is a pause, and it grows.
    """
    house = make(keep=2)

    def act(heard):
        heard.answer(status)
        heard.connection.goAway(heard.stream)

    house.server.act = act
    results = []
    for number in range(300):
        results.append(house.ask(number))
        house.wait(0.1)

    assert len(house.server.connections) < 20
    refused = [end for end in results if isinstance(end, NotConnected)]
    assert len(refused) > 200 and "do not last" in str(refused[-1])


def test_afterTheStorm(make):
    """
    Once they last, all is as it was.
    """
    house = make()
    house.server.act = lambda heard: (heard.answer(), heard.connection.cut())
    house.results(5)
    house.server.act = answers()
    house.wait(TUNING.longestBackoff)

    assert [200] * 20 == house.results(20)
    house.server.connections[-1].cut()
    house.wait(0)

    assert 200 == house.ask().status


def test_idleConnectionsMayEnd(make):
    """
    A server that soon ends what is idle makes nobody wait.
    """
    house = make()
    for number in range(30):
        assert 200 == house.ask(number).status
        house.wait(3.0)
        house.server.open[0].goAway(99)
        house.wait(20.0)

    assert 30 == len(house.server.connections)


def test_toldOnce(make, logEvents):
    """
    That connections fail is told to the operator once, and once more that they work again.
    """
    house = make()
    house.network.fails = NotConnected("no connection (ConnectionRefusedError)")
    for number in range(50):
        house.ask(number)
        house.wait(5.0)
    house.network.fails = None
    house.wait(TUNING.longestBackoff)
    house.results(20)

    told = [(event["log_level"].name, event["log_format"].format(**event)) for event in logEvents]
    assert [
        ("warn", "standin: no connection (ConnectionRefusedError)"),
        ("info", "standin: connections work again"),
    ] == told


def test_whyItWentAway(make, logEvents):
    """
    The word that APNs gives when it goes away reaches the operator, and whoever asked in vain.
    """
    house = make()
    house.server.act = lambda heard: heard.connection.goAway(0, 0, b'{"reason":"BadCertificate","x":"secret"}')

    results = [house.ask(number) for number in range(2)]

    assert all(isinstance(end, (NotConnected, NotTaken)) for end in results)
    assert all("BadCertificate" in str(end) for end in results)
    assert any("BadCertificate" in event["why"] for event in logEvents if "why" in event)
    assert "secret" not in repr(logEvents)


# Elsewhere


def test_unavailable(make):
    """
    A connection that has said 503 gets nothing new while there is another.
    """
    house = make(keep=2)
    house.ask()
    house.server.act = lambda heard: heard.answer(503 if heard.connection is house.server.connections[1] else 200)

    assert [503, *[200] * 5] == house.results(6)


def test_unavailableTwice(make):
    """
    When it says so twice in a row it is given up.
    """
    house = make()
    assert [200] * 20 == house.results(20)
    house.server.act = lambda heard: heard.answer(503 if heard.connection is house.server.connections[0] else 200)

    assert [503, 503, 200, 200] == house.results(4)


def test_avoiding(make):
    """
    A request that is to avoid a connection waits for another; the requests after it do not wait for it.
    """
    house = make()
    first = house.ask()
    house.server.atConnection = lambda connection: setattr(connection, "held", True)

    elsewhere, anywhere = house.begin(1, avoids=first.by), house.begin(2)
    house.network.settle()
    assert (0, 1) == (len(elsewhere), len(anywhere))
    house.server.connections[1].release()
    house.network.settle()

    assert 200 == elsewhere[0].status
    assert [0, 0, 1] == house.ways


def test_avoidingInVain(make):
    """
    Where there can be no other it goes by the same.
    """
    house = make()
    first = house.ask()
    house.network.fails = NotConnected("nobody there")

    assert 200 == house.ask(1, avoids=first.by).status
    assert 200 == house.ask(2, avoids=first.by).status

    lonely = make(tuning=replace(TUNING, connections=1))
    assert 200 == lonely.ask(1, avoids=lonely.ask().by).status


# Those that wait


def test_order(make):
    """
    What is put back keeps its order, and goes before what came later.
    """
    house = make(tuning=replace(TUNING, connections=1), settings={MAX_STREAMS: 5})
    house.server.act = isMute
    for number in range(10):
        house.begin(number)
    house.network.settle()
    house.server.settings = {MAX_STREAMS: 1}
    house.server.act = lambda heard: heard.answer()

    house.server.connections[0].goAway(0)
    for _ in range(20):
        house.wait(0)

    assert [f"id-{number}" for number in range(10)] == [heard.id for heard in house.server.heard[5:]]


def test_idleWhileOthersWait(make):
    """
    A connection that is idle because it allows nothing is not closed while requests wait for it.
    """
    house = make(tuning=replace(TUNING, connections=1, idle=30.0))
    house.ask()
    house.server.connections[0].change(MAX_CONCURRENT_STREAMS=0)
    house.network.settle()
    waiting = house.begin(1, deadline=100.0)
    house.wait(40.0)

    house.server.connections[0].change(MAX_CONCURRENT_STREAMS=5)
    house.network.settle()

    assert 200 == waiting[0].status


def test_beforeTheNonsense(make):
    """
    Answers that come in one piece with nonsense count.
    """
    house = make()
    house.server.act = lambda heard: (heard.answer(), heard.connection.transport.write(b"nonsense" * 5))

    assert 200 == house.ask().status

    house.wait(0)
    assert house.network.links[0].down


# Nobody asks any more


@pytest.mark.parametrize("isCrowded", [True, False])
def test_unused(make, isCrowded):
    """
    Connections that are kept are closed, and their pool is forgotten, when nothing has been asked for long and there
    are many others; where there are few, they stay.
    """
    house = make(keep=2, isCrowded=lambda: isCrowded)
    house.ask()
    for _ in range(6):
        house.wait(TUNING.unused / 2)

    assert (0 if isCrowded else 2) == len(house.up)
    assert isCrowded == bool(house.emptied)


def test_unusedAndFailing(make):
    """
    Nor is it tried for ever to replace those that are not needed any more.
    """
    house = make(keep=2, isCrowded=lambda: True)
    house.ask()
    house.network.fails = NotConnected("revoked")
    for link in house.up:
        link.cut()
    for _ in range(60):
        house.wait(TUNING.longestBackoff)

    assert house.emptied
    assert [] == house.clock.getDelayedCalls()


def test_usedAgain(make):
    """
    What is used again is kept again.
    """
    house = make(keep=2, isCrowded=lambda: True)
    house.ask()
    for _ in range(10):
        house.wait(TUNING.unused / 9)
    assert not house.up

    assert 200 == house.ask(1).status

    assert 2 == len(house.up)
    assert not house.emptied
