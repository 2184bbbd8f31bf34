"""
What a network that is in trouble means to those on its lane, and to everybody else.
"""

from dataclasses import replace
from itertools import pairwise

import pytest
from twisted.internet.defer import Deferred

from pushsvc.delivery import lanes
from pushsvc.delivery.breaker import FIRST, LONGEST, TRIPS
from pushsvc.delivery.taking import ROUND
from pushsvc.errors import BadRequest, DeviceGone, ProviderDown, ProviderRefused, Refused, Throttled
from pushsvc.model import Kind, Notification, Priority, Target, Waiting
from tests.delivery.network import Network, app, says
from tests.support import resultOf


def server(target):
    """
    The lane of devices that name servers: a token is a server and a device.
    """
    return f"app {target.token.partition('/')[0]}"


def device(number, token=None):
    return Target(f"node{number}", "app", token or f"token{number}")


def fill(house, count, start=0):
    for number in range(start, start + count):
        house.accept(says(str(number)), device(number))


def waiting(house):
    return sum(standing.count for standing in resultOf(house.storage.outbox.standings()).values())


@pytest.mark.parametrize(
    "trouble", [ProviderDown("down"), ProviderRefused("expired"), Throttled("quota", 0.5, lane=True)]
)
def test_whoFailsAgainAndAgainIsLeftAlone(house, clock, trouble):
    """
    After a few failures in a row the network is left alone, and what is accepted then waits on disk.
    """
    house.network.answers = [trouble] * 100

    fill(house, 50)

    assert TRIPS >= len(house.network.sent)
    assert 50 == waiting(house)
    assert {"app": 1} == house.delivery.shut


def test_itIsTriedWithOneAtATime(house, clock):
    """
    When the pause is over one notification is sent to see; only when it gets through the others follow.
    """
    house.network.answers = [ProviderDown("down")] * TRIPS
    fill(house, 50)
    probe = Deferred()
    house.network.answers = [probe]
    house.network.sent.clear()

    clock.advance(FIRST)
    assert 1 == len(house.network.sent)
    fill(house, 10, 50)
    clock.advance(1)
    assert 1 == len(house.network.sent)

    probe.callback(True)
    clock.advance(0)
    clock.advance(10)
    assert 60 == len({sent.target.token for sent in house.network.sent})
    assert 0 == waiting(house)
    assert {} == house.delivery.shut


def test_whenItIsWellNothingWaitsAnyLonger(house, clock):
    """
    As soon as a network that was down is well again, all that waited for it is sent, also what was tried in vain.
    """
    house.delivery._lanes._randomly = lambda: 0.7
    fill(house, 50)
    house.network.answers = [ProviderDown("down")] * 100_000
    fill(house, 200)
    for _ in range(1800):
        clock.advance(1)
    house.network.answers = []
    house.network.sent.clear()

    for _ in range(int(1.25 * LONGEST)):
        clock.advance(1)

    assert 200 == len(set(house.network.tokens)) == len(house.network.sent)
    assert 0 == waiting(house)


def test_pausesGrow(house, clock):
    """
    A network that stays down is tried less and less often, but at least once a minute: phones are waiting.
    """
    house.network.answers = [ProviderDown("down")] * 10_000
    fill(house, 200)

    times = []
    for _ in range(600):
        before = len(house.network.sent)
        clock.advance(1)
        times += [clock.seconds()] * (len(house.network.sent) - before)

    between = [later - former for former, later in pairwise(times)]
    assert [2, 4, 8, 16, 32, 60, 60] == between[:7]
    assert max(between) <= LONGEST


def test_theNetworkSaysHowLong(house, clock):
    """
    A network that says of everything that it was too much is left alone for as long as it says, from the first word on.
    """
    house.network.answers = [Throttled("quota of the project", retryAfter=100, lane=True)]
    fill(house, 20)
    assert 1 == len(house.network.sent)

    for _ in range(99):
        clock.advance(1)
    assert 1 == len(house.network.sent)
    for _ in range(10):
        clock.advance(1)

    assert 21 == len(house.network.sent)
    assert 0 == waiting(house)


def test_whatConcernsOneDeviceStopsNobody(house):
    """
    What a network says of single devices is no sign that it is in trouble.
    """
    house.network.answers = [Throttled("device", 60), Refused(), BadRequest(), DeviceGone()] * 10

    fill(house, 50)

    assert 50 == len(house.network.sent)
    assert {} == house.delivery.shut


def test_whatIsSaidOfEachDeviceIsSaidOfAll(house):
    """
    A network that asks for a pause for one device after the other means all of them.
    """
    house.network.answers = [Throttled("which?", 60)] * 1000

    fill(house, 100)

    assert 4 * TRIPS >= len(house.network.sent)
    assert {"app": 1} == house.delivery.shut


def test_whatWasDueWhenItFailedIsPutOff(makeHouse, clock):
    """
    What waited for its turn when a lane failed is not due before the lane is tried again, and is the next to be tried.
    """
    house = makeHouse(maxInFlight=5)
    answers = [Deferred() for _ in range(5)]
    house.network.answers = list(answers)
    fill(house, 50)

    for answer in answers:
        answer.errback(ProviderDown("down"))
    clock.advance(0)

    assert clock.seconds() + FIRST == house.waiting
    house.network.answers = []
    clock.advance(FIRST)
    clock.advance(0)
    clock.advance(5)
    assert 55 == len(house.network.sent)


def test_aDeviceThatIsPausedIsNotTriedWithAnythingElse(house, clock):
    """
    When the network wants to hear nothing of a device for a while, that goes for whatever comes for it meanwhile; but a
    call does not ring later, so it is tried.
    """
    house.network.answers = [Throttled("device", retryAfter=30)]
    house.accept(says("hello"))

    house.accept(Notification(Kind.CLEAR))
    house.accept(Notification(Kind.CALL, Priority.HIGH))
    house.accept(says("hello"), device(2))

    assert [Kind.MESSAGE, Kind.CALL, Kind.MESSAGE] == [sent.notification.kind for sent in house.network.sent]
    clock.advance(31)
    clock.advance(31)
    assert 0 == waiting(house)
    assert 5 == len(house.network.sent)


def test_aSilentLaneTakesNoMoreThanItBeganWith(house, clock):
    """
    A lane from which nobody ever heard takes a few at once; one that answers takes more and more, up to its app's
    max-in-flight.
    """
    answers = [Deferred() for _ in range(2000)]
    house.network.answers = list(answers)
    fill(house, 1000)

    under = []
    for answer in answers[:1000]:
        under.append(house.attempts.underWay["app"])
        answer.callback(True)
        clock.advance(0)

    assert lanes.FIRST == under[0]
    assert 400 < max(under) <= 500
    assert 0 == waiting(house)


def test_aLaneShrinksWithTrouble(house, clock):
    """
    What fails now and then, though not again and again, is sent less of at once.
    """
    fill(house, 1)
    lane = house.delivery._lanes.turn("lane", "app", 500)
    before = lane._limit

    for _ in range(3):
        house.delivery._lanes.failed(lane)
        house.delivery._lanes.succeeded(lane)

    assert before / 2 <= lane._limit + 3 < before + 3
    assert not lane.breaker.isTripped


def test_troubleOfManyAtOnceIsOneTrouble(makeHouse, clock):
    """
    A connection that breaks under hundreds of requests halves what is sent at once: it does not stop it.
    """
    house = makeHouse()
    lanes_ = house.delivery._lanes
    lane = lanes_.turn("lane", "app", 500)
    for _ in range(500):
        lanes_.succeeded(lane)
        lanes_.turn("lane", "app", 500)
    limit, running = lane._limit, lane.running

    for _ in range(running):
        lanes_.failed(lane)
        lanes_.leave(lane)
    lanes_.turn("lane", "app", 500)

    assert limit / 2 == lane._limit


def test_aDeadServerDelaysNoOther(makeHouse, clock):
    """
    Where devices name servers, one that never answers delays nobody who is at another.
    """
    house = makeHouse()
    house.network.laneOf = server
    hanging = [Deferred() for _ in range(lanes.FIRST)]
    house.network.answers = list(hanging)
    for number in range(500):
        house.accept(says("x"), device(number, f"dead/{number}"))
    assert lanes.FIRST == len(house.network.sent)

    for number in range(500, 1000):
        house.accept(says("x"), device(number, f"living/{number}"))

    assert 500 == sum(token.startswith("living") for token in house.network.tokens)
    assert lanes.FIRST == house.attempts.underWay["app"]


def test_manyServersThatNeverAnswer(makeHouse, clock):
    """
    However many servers clients invent, only so many requests wait for them at once, and whoever's server has answered
    before is not delayed by that.
    """
    house = makeHouse()
    network = house.network
    network.laneOf = server
    house.accept(says("x"), device("good", "good.example/1"))
    network.answers = [Deferred() for _ in range(20_000)]
    for number in range(2_000):
        house.accept(says("x"), device(number, f"invented{number}.example/1"))

    assert lanes.STRANGERS == house.attempts.underWay["app"]
    network.answers = []
    for number in range(100):
        house.accept(says("x"), device(f"good{number}", f"good.example/{number}"))
    assert 101 == sum(token.startswith("good") for token in network.tokens)
    assert lanes.REMEMBERED >= len(house.delivery._lanes._lanes)


def test_strangersTakeNothingFromAnApp(makeHouse, clock):
    """
    However many invented servers hang, an app whose network the operator has named is sent for: what is published now,
    and what waited since before we started.
    """
    house = makeHouse()
    house.network.laneOf = server
    house.network.answers = [Deferred() for _ in range(2_000)]
    other = Network(laneName="other")
    house.apps["other"] = app(other, "other")
    now = clock.seconds()
    old = Waiting(Target("old", "other", "old"), says("old"), "id", "other", now + 1000, now + 5)
    resultOf(house.storage.outbox.put(old, 0))
    resultOf(house.delivery.stopService())
    house.delivery = house.another("host/1/second")

    for number in range(2_000):
        house.accept(says("x"), device(number, f"invented{number}.example/1"))
    assert lanes.STRANGERS == house.attempts.underWay["app"]
    clock.advance(5)
    assert ["old"] == other.bodies
    house.accept(says("new"), Target("new", "other", "new"))
    assert ["old", "new"] == other.bodies


def test_inventedServersAreForgotten(makeHouse, clock):
    """
    Only so many lanes are remembered.
    """
    house = makeHouse()
    house.network.laneOf = server

    for number in range(3 * lanes.REMEMBERED):
        house.accept(says("x"), device(number, f"invented{number}.example/1"))

    assert lanes.REMEMBERED >= len(house.delivery._lanes._lanes)
    assert 3 * lanes.REMEMBERED == len(house.network.sent)


def test_whatWaitsForStrangersIsSentInTheEnd(makeHouse, clock):
    """
    What had no turn because too many unknown servers were asked at once is sent when they have answered.
    """
    house = makeHouse()
    house.network.laneOf = server
    answers = [Deferred() for _ in range(600)]
    house.network.answers = list(answers)
    for number in range(600):
        house.accept(says("x"), device(number, f"new{number}.example/1"))

    for answer in answers:
        answer.callback(True)
        clock.advance(0)
    clock.advance(2)

    assert 0 == waiting(house)
    assert 600 == len(set(house.network.tokens)) == len(house.network.tokens)


def test_nothingOfADeadLaneStaysInMemory(house, clock):
    """
    While a network is down nothing of it is in memory but what is being tried.
    """
    house.network.answers = [ProviderDown("down")] * 100_000
    fill(house, 500)

    for _ in range(100):
        clock.advance(1)
        assert 1 >= len(house.delivery._sending._places)

    assert 500 == waiting(house)


def test_aDeadLaneIsNotWalkedPastAgainAndAgain(house, clock):
    """
    What waits for a lane that is left alone is not due: whoever looks for what is due does not find it.
    """
    house.delivery._lanes._randomly = lambda: 0.5
    house.network.answers = [ProviderDown("down")] * 100_000
    fill(house, 500)

    clock.advance(61)
    found = resultOf(house.storage.outbox.claim("other", clock.seconds(), clock.seconds() + 60, 1000))

    assert len(found) < 50


def test_afterARestartNothingWaitsForPausesOfBefore(house, clock):
    """
    What was put off by a process that ended is sent as soon as the next one finds that the network is well.
    """
    house.delivery._lanes._randomly = lambda: 1.0
    house.network.answers = [Throttled("quota", retryAfter=600, lane=True)]
    fill(house, 20)
    resultOf(house.delivery.stopService())

    house.delivery = house.another("host/2/second")
    house.accept(says("new"), device("new"))
    clock.advance(1)

    assert 22 == len(house.network.sent)
    assert 0 == waiting(house)


def test_aBacklogIsTakenLaneByLane(makeHouse, clock):
    """
    What one lane has waiting in thousands does not keep what is on another from its turn.
    """
    house = makeHouse()
    other = Network(laneName="other")
    house.apps["other"] = app(other, "other")
    house.network.answers = [Deferred() for _ in range(5_000)]
    now = clock.seconds()
    for number in range(2_000):
        old = Waiting(device(number), says("x"), f"id{number}", "lane", now + 1000, now - 10)
        resultOf(house.storage.outbox.put(old, 0))
    late = Waiting(Target("late", "other", "late"), says("late"), "id", "other", now + 1000, now)
    resultOf(house.storage.outbox.put(late, 0))

    clock.advance(ROUND)

    assert ["late"] == other.bodies
    assert lanes.FIRST == house.attempts.underWay["app"]


def setBack(house, clock, seconds):
    """
    The clock is set back, and what was delayed moves along.
    """
    clock.rightNow -= seconds
    for call in clock.getDelayedCalls():
        call.delay(-seconds)
    house.delivery.clockSetBack(seconds)


def test_mendedCredentialsSendWhatWaits(house, clock, logEvents):
    """
    When an app's credentials were mended, what waits for it is due at once, whatever pauses there were.
    """
    house.network.answers = [ProviderRefused("expired")] * 1000
    fill(house, 50)
    for _ in range(300):
        clock.advance(1)
    house.network.answers = []
    house.network.sent.clear()

    house.delivery.mended("app")
    clock.advance(0)

    assert 50 == len(set(house.network.tokens)) == len(house.network.sent)
    assert 0 == waiting(house)
    assert [] == list(house.attempts.alarms)


@pytest.mark.parametrize("step", [30, 3600])
def test_whatWaitsDoesNotWaitForAClockThatWasSetBack(house, clock, step):
    """
    When the clock is set back by an hour while things are to be tried again, they are tried again at once instead; so
    it is when it is set back again and again by a little.
    """
    house.network.answers = [ProviderDown("down")] * 1000
    fill(house, 50)
    for _ in range(300):
        clock.advance(1)
    house.network.answers = []
    house.network.sent.clear()

    setBack(house, clock, step / 3)
    setBack(house, clock, step / 3)
    setBack(house, clock, step / 3)
    clock.advance(0)

    assert 50 == len(set(house.network.tokens)) == len(house.network.sent)
    assert 0 == waiting(house)


def test_aClockThatIsSetBackALittleChangesLittle(house, clock):
    """
    When the clock is set back by a second, a network that wants to be left alone is: what waits goes when it was to go,
    or a second later.
    """
    house.network.answers = [Throttled("slower", 600, lane=True)]
    house.accept(says("hi"))

    setBack(house, clock, 1)
    clock.pump([1] * 590)
    before = len(house.network.sent)
    clock.pump([1] * 200)

    assert (1, 2) == (before, len(house.network.sent))


def test_pausesDoNotOutliveAClockThatWasSetBack(house, clock):
    """
    Nor does a device wait for an hour because its network has asked for a minute before the clock was set back.
    """
    house.network.answers = [Throttled("slower", 60)]
    house.accept(says("one"))

    setBack(house, clock, 3600)
    clock.pump([1] * 5)
    house.accept(says("two"))
    clock.pump([1] * 70)

    assert "two" == house.network.bodies[-1]


def test_muchIsHurriedInParts(house, clock):
    """
    A great deal that waited becomes due little by little, and all of it.
    """
    house.network.answers = [Throttled("quota", retryAfter=600, lane=True)]
    fill(house, 1_300)
    house.network.sent.clear()

    house.delivery.mended("app")
    clock.advance(0)
    first = len(house.network.sent)
    for _ in range(5):
        clock.advance(0.1)

    assert 500 <= first < 1_300
    assert 1_300 == len(house.network.sent)


def test_anAppMayBeAllowedLess(makeHouse):
    """
    When an app's max-in-flight is lowered while the service runs, that goes for its lanes.
    """
    house = makeHouse()
    house.network.answers = [Deferred() for _ in range(10)]
    house.accept(says("x"))
    house.apps["app"] = replace(house.apps["app"], maxInFlight=2)

    fill(house, 5)

    assert 2 == house.attempts.underWay["app"]
