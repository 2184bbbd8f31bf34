"""
Whatever happens, in whatever order: every request ends exactly once, nothing is processed twice, what ended as
certainly not sent was not processed, and once it is over the next requests are answered.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

from h2.errors import ErrorCodes
from hypothesis import HealthCheck, Phase, event, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock

from pushsvc.exchange import ExchangeFailed, NotConnected, Response
from pushsvc.httpclient.http2.asking import Asking
from pushsvc.httpclient.http2.backoff import Backoff
from pushsvc.httpclient.http2.engine import MakeEngine
from pushsvc.httpclient.http2.h2engine import H2Engine
from pushsvc.httpclient.http2.ownengine import OwnEngine
from pushsvc.httpclient.http2.pool import Pool
from pushsvc.httpclient.http2.tuning import Tuning
from tests.httpclient.http2.memory import Network
from tests.standins.http2 import Heard, StandIn, answers, isMute
from tests.support import resultOf

TUNING = Tuning(connections=3, waiting=30, pingAfter=5.0, pingWithin=2.0, connectWithin=10.0)
LONGEST = 30.0
# Deadlines after which there has to be an answer, once all trouble is over.
SOON = 4


class World:
    """
    A pool, a stand-in that holds every request, and what became of each.
    """

    def __init__(self, makeEngine: MakeEngine, keep: int, idle: float) -> None:
        self.clock = Clock()
        self.server = StandIn(isMute)
        tuning = replace(TUNING, idle=idle)
        self.network = Network(self.clock, self.server, tuning, makeEngine)
        backoff = Backoff(self.clock, 0.5, 8.0, lambda: 0.5)
        self.pool = Pool("standin", self.network.connect, self.clock, tuning, keep, backoff, lambda: None)
        self.asked: list[Asking] = []
        self.outcomes: list[list[Any]] = []
        self.floods: list[Heard] = []

    # What a pool is asked

    def ask(self, a: int, b: int) -> None:
        name = b"id-%d" % len(self.asked)
        body = b"x" * (0, 10, 300, 5000, 40_000)[a % 5]
        headers = [(b":method", b"POST"), (b":scheme", b"https"), (b":authority", b"h"), (b":path", b"/" + name)]
        headers += [(b"apns-id", name), (b"apns-topic", b"t"), (b"content-length", b"%d" % len(body))]
        asking = Asking(headers, body)
        self.asked.append(asking)
        ends: list[Any] = []
        self.outcomes.append(ends)
        self.pool.ask(asking, (2.0, 10.0, LONGEST, LONGEST)[b % 4])
        asking.answer.addBoth(ends.append)

    def cancel(self, a: int, b: int) -> None:
        if self.asked:
            asking = self.asked[a % len(self.asked)]
            if not asking.answer.called:
                asking.answer.cancel()
                self.pool.withdraw(asking)

    def recovers(self) -> bool:
        """
        Whether, when everything works again that is new, a request is answered before long. Windows stay closed that
        were closed, limits stay, and transports that took nothing do not begin to.
        """
        self.network.fails = None
        self.server.acknowledges = True
        self.server.act = answers()
        until = self.clock.seconds() + SOON * LONGEST
        while self.clock.seconds() < until:
            self.ask(1, 2)
            ends = self.outcomes[-1]
            while not ends:
                self.clock.advance(0.5)
                self.network.settle()
            if isinstance(ends[0], Response):
                return True
            self.clock.advance(0.5)
        return False

    # What the path does

    def turn(self, a: int, b: int) -> None:
        self.clock.advance(0)

    def wait(self, a: int, b: int) -> None:
        self.clock.advance((0.01, 0.2, 0.6, 1.0, 6.0)[a % 5])

    def up(self, a: int, b: int) -> None:
        for link in self.network.up[a % 3 :]:
            link.toServer((1, 20, 5000, 1_000_000)[b % 4])

    def down(self, a: int, b: int) -> None:
        for link in self.network.up[a % 3 :]:
            link.toClient((1, 20, 5000, 1_000_000)[b % 4])

    def settle(self, a: int, b: int) -> None:
        self.network.settle()

    def cut(self, a: int, b: int) -> None:
        if self.network.up and b % 2:
            self.network.up[a % len(self.network.up)].cut()

    def fails(self, a: int, b: int) -> None:
        self.network.fails = None if a % 3 else NotConnected("nobody there")

    def pause(self, a: int, b: int) -> None:
        for link in self.network.up[a % 2 :]:
            if link.ours.producer is not None:
                link.ours.producer.pauseProducing() if b % 2 else link.ours.producer.resumeProducing()

    # What the other side does

    def _held(self, a: int, whole: bool = True) -> Heard | None:
        open = [
            heard
            for heard in self.server.heard
            if not (heard.answered or heard.disowned or heard.connection.ended)
            and heard.stream not in heard.connection.resets
            and heard.whole >= whole
        ]
        return open[a % len(open)] if open else None

    def answer(self, a: int, b: int) -> None:
        heard = self._held(a, whole=b % 4 != 0)
        if heard is not None:
            heard.answer((200, 410)[b % 2], b"y" * (0, 10, 5000)[b % 3])

    def dribble(self, a: int, b: int) -> None:
        heard = self._held(a)
        if heard is not None:
            heard.begin(103)
            heard.begin(200)
            heard.say(b"z" * (b % 50))
            if b % 3:
                heard.connection.act(lambda h2: h2.send_headers(heard.stream, [("trailer", "1")], end_stream=True))

    def answerAll(self, a: int, b: int) -> None:
        while (heard := self._held(0)) is not None:
            heard.answer()

    def flood(self, a: int, b: int) -> None:
        heard = self._held(a)
        if heard is not None:
            heard.begin(200)
            heard.say(b"x" * 60_000)
            self.floods.append(heard)
        for heard in self.floods:
            heard.say(b"x" * 5000)

    def reset(self, a: int, b: int) -> None:
        heard = self._held(a, whole=False)
        if heard is not None:
            heard.reset((ErrorCodes.INTERNAL_ERROR, ErrorCodes.CANCEL, ErrorCodes.NO_ERROR)[b % 3])

    def refuse(self, a: int, b: int) -> None:
        heard = self._held(a, whole=False)
        if heard is not None:
            heard.refuse()

    def _connection(self, a: int) -> Any:
        open = self.server.open
        return open[a % len(open)] if open else None

    def change(self, a: int, b: int) -> None:
        connection = self._connection(a)
        if connection is not None:
            name, values = (
                ("MAX_CONCURRENT_STREAMS", (0, 1, 2, 5, 100)),
                ("INITIAL_WINDOW_SIZE", (0, 1, 10, 1000, 65535)),
                ("MAX_FRAME_SIZE", (16384, 20000)),
                ("HEADER_TABLE_SIZE", (0, 100, 4096, 65536)),
            )[b % 4]
            connection.change(**{name: values[b // 4 % len(values)]})

    def open(self, a: int, b: int) -> None:
        connection = self._connection(a)
        if connection is not None:
            size = (1, 100, 70_000)[b % 3]
            connection.act(lambda h2: h2.increment_flow_control_window(size))
            for stream in connection.streams:
                connection.act(lambda h2, stream=stream: h2.increment_flow_control_window(size, stream))

    def hoard(self, a: int, b: int) -> None:
        self.server.acknowledges = a % 2 == 0

    def ping(self, a: int, b: int) -> None:
        connection = self._connection(a)
        if connection is not None:
            connection.act(lambda h2: h2.ping(b"12345678"))

    def goAway(self, a: int, b: int) -> None:
        connection = self._connection(a)
        if connection is not None:
            # What it has answered, or has begun to, it has seen.
            least = max((stream for stream, heard in connection.streams.items() if heard.answered), default=0)
            most = max(connection.streams, default=0)
            last = (least, most, (least + most) // 2 | 1, 2**31 - 1)[b % 4]
            connection.goAway(max(least, min(connection.last, last)), b % 3)

    def nonsense(self, a: int, b: int) -> None:
        connection = self._connection(a)
        if connection is not None and b % 4 == 0:
            connection.transport.write(b"nonsense" * 5)


OPS = (
    *["ask"] * 6,
    *["settle"] * 3,
    *["turn", "wait", "up", "down"] * 2,
    *["answer"] * 3,
    *["flood"] * 3,
    *["change"] * 3,
    *["open"] * 2,
    *["cancel", "cut", "fails", "pause", "dribble", "answerAll", "reset", "refuse", "hoard", "ping"],
    *["goAway", "goAway", "nonsense"],
)
STEPS = st.lists(st.tuples(st.sampled_from(OPS), st.integers(0, 19), st.integers(0, 19)), min_size=25, max_size=120)


PHASES = (Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink)


THOROUGH = settings(max_examples=200, deadline=None, phases=PHASES, suppress_health_check=[HealthCheck.too_slow])
WHATEVER = given(st.integers(0, 2), st.sampled_from([40.0, 4000.0]), STEPS)


# Not parametrised: pytest-twisted runs what hypothesis wraps only once.
@THOROUGH
@WHATEVER
def test_everyRequestEndsExactlyOnce(keep, idle, steps):
    """
    Requests, cancellations, deadlines, changed settings, windows, pings, resets, refusals, farewells, nonsense, broken
    connections and connections that do not come about: in any order, every request ends once, none is processed twice,
    none is processed of which it was said that it was not sent, and none of it matters for long.
    """
    endsOnce(World(OwnEngine, keep, idle), steps)


@THOROUGH
@WHATEVER
def test_everyRequestEndsExactlyOnceWithTheOtherEngine(keep, idle, steps):
    """
    So it is with h2.
    """
    endsOnce(World(H2Engine, keep, idle), steps)


def endsOnce(world: World, steps: list[tuple[str, int, int]]) -> None:
    world.ask(1, 3)
    world.settle(0, 0)

    for name, a, b in steps:
        getattr(world, name)(a, b)
    assert world.recovers()
    for _ in range(20):
        world.network.settle()
        world.clock.advance(LONGEST / 10)

    assert [1] * len(world.asked) == [len(ends) for ends in world.outcomes]
    assert [] == world.server.violations
    processed = world.server.processed
    answered = Counter(heard.id for heard in world.server.heard if heard.answered)
    for number, (end,) in enumerate(world.outcomes):
        name = f"id-{number}"
        assert processed[name] <= 1
        if isinstance(end, Response):
            event("answered")
            assert 1 == answered[name]
            continue
        error = end.value
        event(f"{type(error).__name__} {getattr(error, 'maybeSent', '')}")
        assert isinstance(error, (ExchangeFailed, CancelledError))
        if isinstance(error, ExchangeFailed) and not error.maybeSent:
            assert 0 == processed[name]

    closing = world.pool.close()
    for _ in range(5):
        world.network.settle()
        world.clock.advance(2.0)
    resultOf(closing)
    assert [] == world.network.up
    assert [] == world.clock.getDelayedCalls()
