"""
Whatever happens in whatever order: turns are given back, nothing is sent twice at once, and nothing is lost.
"""

from collections import Counter

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import Clock
from zope.interface import implementer

from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.backoff import Backoff
from pushsvc.delivery.delivery import Delivery
from pushsvc.delivery.limits import Limits
from pushsvc.errors import BadRequest, PayloadTooLarge, ProviderDown, ProviderRefused, Throttled, TryLater
from pushsvc.ipushsvc import IProvider
from pushsvc.model import Kind, Notification, Summary, Target
from pushsvc.storage.memory import MemoryStorage
from tests.delivery.network import app
from tests.support import resultOf

# Longer than everything that any of the examples below takes.
TTL = 10_000_000

KEYS = ("one", "two", "three")
KINDS = (Kind.MESSAGE, Kind.CLEAR)


def trouble(number):
    return [
        ProviderDown("down"),
        ProviderDown("down", maybeSent=True),
        Throttled("slowly", retryAfter=30, lane=True),
        Throttled("slowly", retryAfter=30),
        ProviderRefused("no"),
        PayloadTooLarge("too much"),
        BadRequest("what?"),
        ZeroDivisionError(),
        SystemExit(),
    ][number]


TROUBLES = 9


class Queue:
    """
    An outbox that answers one after the other, when the test wants it to, and not always well.
    """

    def __init__(self, outbox):
        self._outbox = outbox
        self.asked = []

    def __getattr__(self, name):
        async def ask(*arguments):
            answer = Deferred()
            self.asked.append((answer, name, arguments))
            return await answer

        return ask

    def answer(self, how="well"):
        answer, name, arguments = self.asked.pop(0)
        if how == "not done":
            answer.errback(TryLater("storage trouble"))
            return
        outcome = resultOf(getattr(self._outbox, name)(*arguments))
        if how == "done in silence":
            answer.errback(TryLater("storage trouble"))
        else:
            answer.callback(outcome)


@implementer(IProvider)
class Fickle:
    """
    A network that answers when the test wants it to, whomever it likes first.
    """

    def __init__(self):
        self.lanes = {}
        self.asked = []
        # The newest that the network has taken or will not have, by key and kind.
        self.settled = Counter()
        self.twice = []
        # What is sent with less in it still is what it was.
        self._numbers = {}

    def lane(self, target):
        return self.lanes.get(target.key, "app")

    async def send(self, target, notification, pushId, expires):
        place = (target.key, notification.kind)
        if place in [each for _, each in self.asked]:
            self.twice.append(place)
        if notification.summary is not None:
            self._numbers[pushId] = notification.summary.messageCount
        number = self._numbers[pushId]
        answer = Deferred()
        asked = (answer, place)
        self.asked.append(asked)
        try:
            await answer
        except (BadRequest, PayloadTooLarge) as e:
            if isinstance(e, BadRequest) or notification.smaller() is None:
                self.settle(place, number)
            raise
        finally:
            # It is left waiting for ever by whoever gives it up.
            if asked in self.asked:
                self.asked.remove(asked)
        self.settle(place, number)
        return True

    def settle(self, place, number):
        """
        Nobody need be told of this any more, nor of what is older.
        """
        self.settled[place] = max(self.settled[place], number)

    def answer(self, which, how=None):
        answer, _ = self.asked.pop(which % len(self.asked))
        if how is None:
            answer.callback(None)
        else:
            answer.errback(how)


class World:
    """
    A delivery between these two.
    """

    def __init__(self, limits):
        self.clock = Clock()
        self.clock.advance(1_700_000_000)
        storage = MemoryStorage(self.clock)
        storage.open()
        self.network = Fickle()
        self.outbox = Queue(storage.outbox)
        self.held = storage.outbox
        apps = {"app": app(self.network, maxInFlight=2, ttl=TTL)}
        self.attempts = Attempts(apps, None, self.clock, Backoff(randomly=lambda: 0.0))
        self.delivery = Delivery(
            self.outbox, apps, self.attempts, self.clock, lambda: "host/1/first", limits, None, lambda: 0.0
        )
        self.accepted = Counter()
        self.number = 0
        self.delivery.startService()

    def accept(self, key, kind):
        self.number += 1
        number, place = self.number, (key, kind)
        notification = Notification(kind=kind, summary=Summary(messageCount=number))

        async def accept():
            await self.delivery.accept(Target(key, "app", f"token of {key}"), notification)
            self.accepted[place] = max(self.accepted[place], number)

        ensureDeferred(accept()).addErrback(lambda failure: failure.trap(TryLater))

    def forget(self, key):
        # Whoever was to be told knows it.
        for held in self.held._held.get(key, {}).get(Kind.MESSAGE, {}).values():
            self.network.settle((key, Kind.MESSAGE), held.waiting.notification.summary.messageCount)
        self.held.forgetNews(key, Kind.MESSAGE, self.clock.seconds())

    def look(self):
        lanes = self.delivery._lanes
        all_ = list(lanes._lanes.values())
        assert lanes._running == sum(lane.running for lane in all_)
        assert lanes._strangers == sum(lane.running for lane in all_ if lane.isStrange)
        assert all(0 <= lane.running for lane in all_)
        assert not self.network.twice

    def heal(self):
        # Rounds, leases and pauses: all of them pass, and everything is answered well.
        for _ in range(60):
            for _ in range(100):
                if not self.outbox.asked and not self.network.asked:
                    break
                while self.outbox.asked:
                    self.outbox.answer()
                while self.network.asked:
                    self.network.answer(0)
                self.clock.advance(0)
            self.clock.advance(61)
            self.look()


steps = st.one_of(
    st.tuples(st.just("accept"), st.sampled_from(KEYS), st.sampled_from(KINDS)),
    st.tuples(st.just("moves"), st.sampled_from(KEYS), st.sampled_from(["app", "app/other"])),
    st.tuples(st.just("forget"), st.sampled_from(KEYS), st.none()),
    st.tuples(st.just("network"), st.integers(0, 5), st.none()),
    st.tuples(st.just("network"), st.integers(0, 5), st.integers(0, TROUBLES - 1)),
    st.tuples(st.just("outbox"), st.integers(1, 6), st.just("well")),
    st.tuples(st.just("outbox"), st.just(1), st.sampled_from(["not done", "done in silence"])),
    st.tuples(st.just("time"), st.sampled_from([0, 0, 1, 20, 61]), st.none()),
)


@settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(steps, min_size=40, max_size=120),
    st.sampled_from([None, (0.1, 1)]),
)
def test_interleavings(loggedFailures, happening, limit):
    """
    Publishes, answers of the network and of the storage, troubles of both, devices that move to other lanes, users who
    come back, and time that passes: of everything that was accepted, the network gets this or something newer, each
    place once at a time, and when all is well again, all turns are free.
    """
    world = World(Limits(limit, None, None))

    for what, first, second in happening:
        if what == "accept":
            world.accept(first, second)
        elif what == "moves":
            world.network.lanes[first] = second
        elif what == "forget":
            world.forget(first)
        elif what == "network" and world.network.asked:
            world.network.answer(first, None if second is None else trouble(second))
        elif what == "outbox":
            for _ in range(min(first, len(world.outbox.asked))):
                world.outbox.answer(second)
        elif what == "time":
            world.clock.advance(first)
        world.look()
    world.heal()

    for place, number in world.accepted.items():
        assert world.network.settled[place] >= number
    assert not world.delivery._sending._places
    assert not world.delivery._sending._errands
    assert 0 == world.delivery._lanes._running
    assert not list(world.held._all())
    assert 0 == world.delivery.expired
    assert 0 == sum(world.attempts.underWay.values())
    assert {failure.getErrorMessage() for failure in loggedFailures} <= {"ZeroDivisionError", "SystemExit"}
    loggedFailures.clear()
