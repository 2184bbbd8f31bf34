"""
The delivery in front of a storage that takes its time: what is asked for in one turn is done together, and answered
later.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from twisted.internet.defer import Deferred, ensureDeferred

from pushsvc.delivery.lanes import FIRST
from pushsvc.delivery.process import isDead, ownName
from pushsvc.delivery.taking import HANDFUL
from pushsvc.errors import PayloadTooLarge, ProviderDown, Throttled, TryLater
from pushsvc.model import Kind, Notification, Priority, Target, Waiting
from tests.delivery.network import Network, app, says
from tests.support import resultOf


def _place(waiting: Waiting) -> tuple[Any, ...]:
    return waiting.target.key, waiting.notification.kind, waiting.slot


class Unhurried:
    """
    An outbox that does what it was asked for when the test says so, in order.

    :ivar broken: requests that fail with this from now on.
    """

    def __init__(self, outbox: Any) -> None:
        self._outbox = outbox
        self._asked: list[tuple[Callable[[], Any], Deferred[Any]]] = []
        self.broken: dict[str, Exception] = {}
        self.hurried = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        async def ask(*arguments: Any, **more: Any) -> Any:
            if name in self.broken:
                raise self.broken[name]
            if self.hurried:
                return await getattr(self._outbox, name)(*arguments, **more)
            answer: Deferred[Any] = Deferred()
            self._asked.append((lambda: resultOf(getattr(self._outbox, name)(*arguments, **more)), answer))
            return await answer

        return ask

    @property
    def asked(self) -> int:
        return len(self._asked)

    def batch(self) -> None:
        """
        Do everything that was asked for so far, then answer.
        """
        asked, self._asked = self._asked, []
        results = [(answer, work()) for work, answer in asked]
        # Who put something into a place is told what is there in the end.
        latest = {_place(result): result for _, result in results if isinstance(result, Waiting)}
        for answer, result in results:
            answer.callback(latest[_place(result)] if isinstance(result, Waiting) else result)

    def all(self) -> None:
        """
        Until nothing is asked for any more.
        """
        while self._asked:
            self.batch()


@pytest.fixture
def slow(house):
    """
    The house with an unhurried outbox, and a delivery that has started.
    """
    resultOf(house.delivery.stopService())
    outbox = house.storage.outbox = Unhurried(house.storage.outbox)
    house.delivery = house.another("host/1/first")
    outbox.all()
    return house


def accept(house, notification, target=None):
    """
    Accept; the storage has not answered yet.
    """
    return ensureDeferred(house.delivery.accept(target or Target("node", "app", "token"), notification))


def test_twoInOneBatchAreOnePush(slow):
    """
    Two publishes for one place, stored together, are one push: the newer.
    """
    accept(slow, says("one"))
    accept(slow, says("two"))
    slow.storage.outbox.all()

    assert ["two"] == slow.network.bodies
    assert 0 == slow.storage.outbox.asked


def test_newerContentMeetsAFinish(slow):
    """
    What is stored together with the end of the push before it is sent, once.
    """
    answer = Deferred()
    slow.network.answers = [answer]
    accept(slow, says("one"))
    slow.storage.outbox.all()
    answer.callback(True)
    accept(slow, says("two"))
    slow.storage.outbox.all()

    assert ["one", "two"] == slow.network.bodies


def test_newerContentMeetsAFinishFromTheOtherSide(slow):
    """
    It makes no difference which of the two the storage is asked for first.
    """
    answer = Deferred()
    slow.network.answers = [answer]
    accept(slow, says("one"))
    slow.storage.outbox.all()
    accept(slow, says("two"))
    answer.callback(True)
    slow.storage.outbox.all()

    assert ["one", "two"] == slow.network.bodies


def test_newerContentMeetsAPostpone(slow, clock):
    """
    What is stored together with a postponement waits as long: the network asked us to.
    """
    answer = Deferred()
    slow.network.answers = [answer]
    accept(slow, says("one"))
    slow.storage.outbox.all()
    accept(slow, says("two"))
    answer.errback(Throttled("quota", retryAfter=3600))
    slow.storage.outbox.all()
    assert ["one"] == slow.network.bodies

    for _ in range(3600):
        clock.advance(1)
        slow.storage.outbox.all()
    assert ["one", "two"] == slow.network.bodies


def test_twoLanesInOnePlace(slow):
    """
    Two publishes for one place on different lanes, stored together, go by the newer one's lane, and neither lane is
    stuck after that.
    """
    other = Network(laneName="other")
    slow.apps["other"] = app(other, "other")
    accept(slow, says("one"), Target("node", "app", "token"))
    accept(slow, says("two"), Target("node", "other", "token"))
    slow.storage.outbox.all()
    assert ([], ["two"]) == (slow.network.bodies, other.bodies)

    accept(slow, says("three"), Target("node", "app", "token"))
    slow.storage.outbox.all()
    assert ["three"] == slow.network.bodies


def test_twoLanesInOnePlaceAreCountedWhereTheyGo(slow):
    """
    What two publishes for one place on different lanes lead to counts on the lane that it goes by, and nowhere else.
    """
    other = Network([Deferred()], laneName="other")
    slow.apps["other"] = app(other, "other")
    accept(slow, says("one"), Target("node", "app", "token"))
    accept(slow, says("two"), Target("node", "other", "token"))
    slow.storage.outbox.all()

    assert ["two"] == other.bodies
    assert (FIRST, FIRST - 1) == tuple(slow.delivery._lanes.room(lane) for lane in ("lane", "other"))


def test_whatComesInFlightGoesByItsOwnLane(slow, clock):
    """
    What arrives for a place of which something is being sent on another lane has to wait for a turn on its own.
    """
    answer, answerOfOther = Deferred(), Deferred()
    slow.network.answers = [answer]
    other = Network([answerOfOther], laneName="other")
    slow.apps["other"] = app(other, "other", maxInFlight=1)
    accept(slow, says("busy"), Target("busy", "other", "busy"))
    accept(slow, says("one"), Target("node", "app", "token"))
    slow.storage.outbox.all()
    accept(slow, says("two"), Target("node", "other", "token"))
    slow.storage.outbox.all()
    answer.callback(True)
    slow.storage.outbox.all()
    clock.advance(0)
    slow.storage.outbox.all()
    assert ["busy"] == other.bodies

    answerOfOther.callback(True)
    for _ in range(3):
        slow.storage.outbox.all()
        clock.advance(0)
    assert ["busy", "two"] == other.bodies


def test_anAlarmDuringAClaimIsHeard(slow, clock):
    """
    A turn that becomes free while the outbox is being asked is used at once, not at the next round.
    """
    slow.apps["app"] = replace(slow.apps["app"], maxInFlight=1)
    answer = Deferred()
    slow.network.answers = [answer]
    accept(slow, says("one"), Target("node1", "app", "token1"))
    slow.storage.outbox.all()
    accept(slow, says("two"), Target("node2", "app", "token2"))
    slow.storage.outbox.all()
    # A claim that leaves out the full lane is under way when the lane empties.
    other = Network(laneName="other")
    slow.apps["other"] = app(other, "other")
    slow.delivery._taking.wakeAt(clock.seconds())
    clock.advance(0)
    answer.callback(True)
    for _ in range(5):
        slow.storage.outbox.batch()
        clock.advance(0)

    assert ["one", "two"] == slow.network.bodies


def test_whoWaitsGoesFirst(slow, clock):
    """
    What had to wait for its lane goes before what comes later.
    """
    slow.apps["app"] = replace(slow.apps["app"], maxInFlight=1)
    answers = [Deferred() for _ in range(3)]
    slow.network.answers = list(answers)
    for number in range(2):
        accept(slow, says(str(number)), Target(f"node{number}", "app", f"token{number}"))
        slow.storage.outbox.all()
    answers[0].callback(True)
    accept(slow, says("late"), Target("late", "app", "late"))
    for _ in range(5):
        slow.storage.outbox.all()
        clock.advance(0)

    assert ["0", "1"] == slow.network.bodies


@pytest.mark.parametrize("broken", ["expire", "owners"])
def test_aRoundThatFailsIsNotTheLast(slow, clock, broken, loggedFailures):
    """
    Whatever goes wrong in one round, the next one comes.
    """
    slow.storage.outbox.hurried = True
    slow.storage.outbox.broken[broken] = RuntimeError("juliet@example.net")
    clock.advance(60)
    assert "juliet" not in loggedFailures[0].getTraceback()
    loggedFailures.clear()

    del slow.storage.outbox.broken[broken]
    resultOf(slow.another(f"{'/'.join(ownName().split('/')[:2])}/dead").stopService())
    slow.network.answers = [ProviderDown("down")]
    accept(slow, says("hello"))
    clock.advance(60)
    assert ["hello", "hello"] == slow.network.bodies


def test_aStopBeginsNothing(slow):
    """
    What the storage accepts while the service stops stays there: nothing begins that nobody waits for.
    """
    accepting = accept(slow, says("late"))
    stopping = slow.delivery.stopService()
    slow.storage.outbox.all()

    resultOf(accepting)
    resultOf(stopping)
    assert [] == slow.network.bodies
    slow.storage.outbox.hurried = True
    slow.another("host/2/second")
    slow.clock.advance(0)
    assert ["late"] == slow.network.bodies


def test_manyShrinkingsDoNotOutliveTheLease(house, clock):
    """
    A notification that takes several attempts in a row is given back before another process may take it over.
    """
    answers = [Deferred() for _ in range(3)]
    house.network.answers = list(answers)
    house.accept(says("hello"))
    house.registered()
    other = house.another("elsewhere/1/other")

    for answer in answers[:2]:
        clock.advance(55)
        answer.errback(PayloadTooLarge())
    assert 2 == len(house.network.sent)
    clock.advance(0)
    resultOf(other.stopService())

    assert 3 == len(house.network.sent)
    assert "hello" == house.network.bodies[2]


def test_theProcessIsNamedWhenItStarts(house):
    """
    A process names itself when it starts, not before: twistd forks in between.
    """
    named = []
    house.delivery._naming = lambda: named.append("now") or "host/1/now"
    resultOf(house.delivery.stopService())
    assert [] == named

    house.delivery.startService()

    assert ["now"] == named


def test_whoIsDead():
    """
    A process is dead when its number is nobody's any more, or the asking one's; of other machines, containers and
    boots there is no knowing.
    """
    own = ownName()
    where, pid, _ = own.split("/")

    assert not isDead(own, own)
    assert isDead(f"{where}/{pid}/before", own)
    assert isDead(f"{where}/{2**22 + 1}/other", own)
    assert not isDead(f"{where}/1/init", own)
    assert not isDead(f"elsewhere/{pid}/other", own)
    assert not isDead("nonsense", own)


def test_aTurnThatBecomesFreeDuringAClaimIsUsed(slow, clock):
    """
    A lane that empties while the outbox is asked for what is on other lanes is served at once.
    """
    slow.apps["app"] = replace(slow.apps["app"], maxInFlight=1)
    answer = Deferred()
    slow.network.answers = [answer]
    accept(slow, says("one"), Target("node1", "app", "token1"))
    slow.storage.outbox.all()
    # Somebody else's notification is due. The lane is still full when the outbox is asked, and empty when it answers.
    resultOf(slow.storage.outbox._outbox.put(_foreign(clock), 0))
    answer.callback(True)
    slow.delivery._taking.wakeAt(clock.seconds())
    clock.advance(0)
    for _ in range(6):
        slow.storage.outbox.batch()
        clock.advance(0)

    assert ["one", "two"] == slow.network.bodies


def test_newcomersWaitBehindWhatIsMoreThanAHandful(slow, clock):
    """
    While more waits in the outbox than is taken at once, what comes later waits behind it, though the lane has room.
    """
    now = clock.seconds()
    for number in range(HANDFUL + 1):
        old = Waiting(Target(f"old{number}", "app", "t"), says(str(number)), f"id{number}", "lane", now + 1000, now)
        resultOf(slow.storage.outbox._outbox.put(old, 0))
    slow.delivery._taking.wakeAt(now)
    clock.advance(0)
    slow.storage.outbox.batch()
    accept(slow, says("late"), Target("late", "app", "late"))
    for _ in range(6):
        slow.storage.outbox.all()
        clock.advance(0)

    assert HANDFUL + 2 == len(slow.network.sent)
    assert "late" == slow.network.bodies[-1]


def test_aTurnGivenBackIsTold(slow, clock):
    """
    When a publish that had a turn could not be stored, the turn goes to who waits for it.
    """
    slow.apps["app"] = replace(slow.apps["app"], maxInFlight=1)
    failing = accept(slow, says("one"), Target("node1", "app", "token1"))
    waiting = accept(slow, says("two"), Target("node2", "app", "token2"))
    (_, answer), *rest = slow.storage.outbox._asked
    slow.storage.outbox._asked = rest
    slow.storage.outbox.all()
    resultOf(waiting)

    answer.errback(TryLater())
    with pytest.raises(TryLater):
        resultOf(failing)
    for _ in range(4):
        clock.advance(0)
        slow.storage.outbox.all()
    assert ["two"] == slow.network.bodies


def test_aCallDoesNotRingLate(house, clock):
    """
    A call that could not be told within a minute is not told any more.
    """
    house.network.answers = [ProviderDown("down", retryAfter=61)]
    house.accept(Notification(Kind.CALL, Priority.HIGH))

    clock.advance(200)

    assert 1 == len(house.network.sent)
    assert house.waiting is None


def _foreign(clock):
    now = clock.seconds()
    return Waiting(Target("node2", "app", "token2"), says("two"), "id", "lane", now + 1000, now)
