"""
What an accepted notification may count on.
"""

import asyncio

import pytest
from twisted.internet.defer import Deferred

from pushsvc.delivery.process import ownName
from pushsvc.delivery.sending import LEASE
from pushsvc.errors import (
    BadRequest,
    PayloadTooLarge,
    ProviderDown,
    Refused,
    Throttled,
    TryLater,
)
from pushsvc.model import Encrypted, Kind, Notification, Priority, Target
from tests.delivery.network import Network, app, says
from tests.support import resultOf


def test_whatIsAcceptedReachesTheNetwork(house):
    """
    An accepted notification is handed to its network, and then nothing of it is left.
    """
    house.accept(says("hello"))

    assert ["hello"] == house.network.bodies
    assert house.waiting is None


def test_MP32_theAnswerDoesNotWaitForTheNetwork(house):
    """
    MP-32: accepting ends when the notification is stored, whatever the network takes its time for.
    """
    house.network.answers = [Deferred()]

    house.accept(says("hello"))

    assert house.waiting is not None


def test_X9_anUnconfiguredAppIsTemporary(house):
    """
    X-9: Notifications for an app that was taken out of the configuration are answered with wait: nobody loses push by
    that.
    """
    with pytest.raises(TryLater):
        house.accept(says("hello"), Target("node", "former", "token"))


@pytest.mark.parametrize(
    ("trouble", "delay"),
    [
        (ProviderDown("no answer"), 1),
        (ProviderDown("busy", retryAfter=50), 50),
        (Throttled("quota", retryAfter=70), 70),
        (Throttled("quota"), 1),
        (RuntimeError("a bug"), 1),
        (SystemExit("enough"), 1),
        (asyncio.CancelledError("elsewhere"), 1),
    ],
)
def test_troubleIsTriedAgain(house, clock, trouble, delay, loggedFailures):
    """
    What did not get through is tried again when the network wants it, under the same push id.
    """
    house.network.answers = [trouble]
    house.accept(says("hello"))

    clock.advance(delay - 1)
    assert 1 == len(house.network.sent)
    clock.advance(1)

    assert ["hello", "hello"] == house.network.bodies
    assert 1 == len({sent.pushId for sent in house.network.sent})
    assert house.waiting is None
    loggedFailures.clear()


def test_delaysGrow(house, clock):
    """
    A network that stays down is asked less and less often.
    """
    house.network.answers = [ProviderDown("down")] * 4
    house.accept(says("hello"))

    times = []
    for _ in range(20):
        before = len(house.network.sent)
        clock.advance(1)
        if len(house.network.sent) > before:
            times.append(clock.seconds() - 1_790_000_000)

    assert [1, 3, 7, 15] == [round(time) for time in times]


def test_triesEndWithTheTtl(makeHouse, clock):
    """
    What nobody wants any more is not sent any more.
    """
    house = makeHouse(ttl=60)
    house.network.answers = [ProviderDown("down")] * 100
    house.accept(says("hello"))

    for _ in range(200):
        clock.advance(1)
    attempts = len(house.network.sent)
    for _ in range(2000):
        clock.advance(1)

    assert attempts == len(house.network.sent) == 7
    assert house.waiting is None


def test_whatIsNotWantedAnyLongerIsCounted(makeHouse, clock):
    """
    What is due after nobody wants it any more is dropped, and counted as that.
    """
    house = makeHouse(ttl=30)
    house.network.answers = [ProviderDown("down", retryAfter=40)]
    house.accept(says("hello"))

    clock.advance(40)

    assert 1 == len(house.network.sent)
    assert house.waiting is None
    assert 1 == house.delivery.expired


def test_silenceEnds(house, clock):
    """
    A network that never answers is asked again.
    """
    house.network.answers = [Deferred()]
    house.accept(says("hello"))

    clock.advance(60)
    clock.advance(10)

    assert ["hello", "hello"] == house.network.bodies
    assert {("app", "down"): 1, ("app", "delivered"): 1} == dict(house.attempts.counts)


def test_newerReplacesWaiting(house, clock):
    """
    While a notification waits for its next try, a newer one of its kind takes its place.
    """
    house.network.answers = [ProviderDown("down")]
    house.accept(says("first"))
    house.accept(says("second"))
    house.accept(says("third"))

    clock.advance(10)

    assert ["first", "third"] == house.network.bodies
    assert house.waiting is None


def test_callsDoNotWaitForMessages(house):
    """
    A call is sent at once, though a message for the same device waits.
    """
    house.network.answers = [ProviderDown("down")]
    house.accept(says("hello"))

    house.accept(Notification(Kind.CALL, Priority.HIGH))

    assert [Kind.MESSAGE, Kind.CALL] == [sent.notification.kind for sent in house.network.sent]


def test_whatComesInFlightIsSentNext(house):
    """
    What arrives while an older one of its kind is being sent is sent after it, once, and only the newest.
    """
    answer = Deferred()
    house.network.answers = [answer]
    house.accept(says("first"))
    house.accept(says("second"))
    house.accept(says("third"))
    assert ["first"] == house.network.bodies

    answer.callback(True)

    assert ["first", "third"] == house.network.bodies
    assert house.waiting is None


def test_whatComesInFlightWaitsWithIt(house, clock):
    """
    When sending fails, what arrived meanwhile waits as long as the failed one would have.
    """
    answer = Deferred()
    house.network.answers = [answer]
    house.accept(says("first"))
    house.accept(says("second"))
    answer.errback(ProviderDown("down"))
    assert ["first"] == house.network.bodies

    clock.advance(10)

    assert ["first", "second"] == house.network.bodies
    assert house.waiting is None


def test_encryptedPayloadsAllArrive(house):
    """
    End-to-end encrypted payloads are not interchangeable: each is sent.
    """
    answer = Deferred()
    house.network.answers = [answer]
    for payload in ("one", "two", "three"):
        house.accept(Notification(encrypted=Encrypted("iv", payload)))
    answer.callback(True)

    assert {"one", "two", "three"} == {sent.notification.encrypted.payload for sent in house.network.sent}
    assert house.waiting is None


def test_tooLargeShrinks(house):
    """
    What is too large for the network goes without the body, then without the senders, then empty.
    """
    house.network.answers = [PayloadTooLarge(), PayloadTooLarge(), PayloadTooLarge()]

    house.accept(says("hello"))

    bodies = [sent.notification.summary and sent.notification.summary.lastMessageBody for sent in house.network.sent]
    senders = [sent.notification.summary and sent.notification.summary.lastMessageSender for sent in house.network.sent]
    assert ["hello", None, None, None] == bodies
    assert ["romeo@example.org", "romeo@example.org", None, None] == senders
    assert house.network.sent[-1].notification.summary is None
    assert house.waiting is None


@pytest.mark.parametrize("no", [BadRequest("what?"), Refused("never"), PayloadTooLarge()])
def test_lastingNoIsTheEnd(house, clock, no):
    """
    What can never get through is dropped, and stops nothing else.
    """
    house.network.answers = [no] * 5

    house.accept(Notification())

    assert house.waiting is None
    house.network.answers = []
    house.accept(says("next"))
    assert "next" == house.network.bodies[-1]


def test_theContentRuleHoldsOnDisk(makeHouse, clock):
    """
    What the app's content rule withholds reaches neither network nor disk.
    """
    house = makeHouse(content="counts")
    house.network.answers = [ProviderDown("down")]

    house.accept(says("private"))

    assert [None] == house.network.bodies
    stored = resultOf(house.storage.outbox.claim("other", clock.seconds() + 20, 0, 10))
    assert stored[0].notification.summary.messageCount == 1
    assert "private" not in str([vars(waiting.notification.summary) for waiting in stored])


def test_lanesTakeOnlySoMany(makeHouse):
    """
    No more than max-in-flight requests are under way at once; the rest follow as answers come.
    """
    house = makeHouse(maxInFlight=2)
    answers = [Deferred() for _ in range(5)]
    house.network.answers = list(answers)
    for number in range(5):
        house.accept(says(str(number)), Target(f"node{number}", "app", f"token{number}"))
    assert 2 == len(house.network.sent)

    for answer in answers:
        answer.callback(True)
        house.clock.advance(0)

    assert 5 == len(house.network.sent)
    assert house.waiting is None


def test_aDeadLaneHoldsNobodyUp(clock, makeHouse):
    """
    An app whose network does not answer delays no other app.
    """
    house = makeHouse(maxInFlight=1)
    house.network.answers = [Deferred()]
    other = Network(laneName="other")
    house.apps["other"] = app(other, "other")
    house.accept(says("stuck"))
    house.accept(says("behind"), Target("node2", "app", "token2"))

    house.accept(says("free"), Target("node3", "other", "token3"))

    assert ["free"] == other.bodies


def test_aRestartResumes(house, clock):
    """
    What was accepted before a restart is sent after it, under the same push id.
    """
    house.network.answers = [ProviderDown("down")]
    house.accept(says("hello"))
    resultOf(house.delivery.stopService())

    house.another("host/2/second")
    clock.advance(10)

    assert ["hello", "hello"] == house.network.bodies
    assert 1 == len({sent.pushId for sent in house.network.sent})


def test_aKilledProcessIsNotWaitedFor(house, clock):
    """
    What a process on this machine held when it was killed is sent as soon as another starts.
    """
    house.network.answers = [Deferred()]
    own = ownName()
    host, pid, _ = own.split("/")
    dead = house.another(f"{host}/{pid}/before")
    resultOf(dead.accept(Target("node", "app", "token"), says("hello")))
    house.network.answers = []

    house.another(own)
    clock.advance(0)

    assert ["hello", "hello"] == house.network.bodies
    assert 1 == len({sent.pushId for sent in house.network.sent})


def test_aLivingProcessIsLeftAlone(house, clock):
    """
    What another process is sending is nobody else's, until its lease ends.
    """
    house.network.answers = [Deferred()]
    resultOf(house.another("elsewhere/1/other").accept(Target("node", "app", "token"), says("hello")))
    house.network.answers = []

    house.another("host/3/third")
    clock.advance(LEASE / 4)

    assert ["hello"] == house.network.bodies


def test_aCleanStopFinishesWhatIsInFlight(house):
    """
    A clean stop waits for the answers to what was sent.
    """
    answer = Deferred()
    house.network.answers = [answer]
    house.accept(says("hello"))
    stopped = house.delivery.stopService()
    assert not stopped.called

    answer.callback(True)

    resultOf(stopped)
    assert house.waiting is None


def test_aCleanStopDoesNotWaitForEver(house, clock):
    """
    A network that does not answer does not keep the service from stopping; the notification stays for the next start.
    """
    house.network.answers = [Deferred()]
    house.accept(says("hello"))
    stopped = house.delivery.stopService()

    clock.advance(10)

    resultOf(stopped)
    assert clock.seconds() == house.waiting


def test_whatComesWhileStoppingStaysOnDisk(house, clock):
    """
    What is accepted while the service stops is a promise as well: the next start keeps it.
    """
    resultOf(house.delivery.stopService())

    house.accept(says("late"))

    assert [] == house.network.bodies
    house.another("host/2/second")
    clock.advance(0)
    assert ["late"] == house.network.bodies


def test_storageTroubleIsTryLater(house):
    """
    What cannot be stored is not accepted, and the lane is free for the next.
    """
    resultOf(house.storage.close())

    with pytest.raises(TryLater):
        house.accept(says("hello"))

    house.storage.open()
    house.accept(says("again"))
    assert ["again"] == house.network.bodies


def test_outcomesAreCounted(house):
    """
    Every outcome is counted, by app.
    """
    house.network.answers = [True, False, ProviderDown("down")]
    for number in range(3):
        house.accept(says("x"), Target(f"node{number}", "app", f"token{number}"))

    assert {("app", "delivered"): 1, ("app", "discarded"): 1, ("app", "down"): 1} == dict(house.attempts.counts)
