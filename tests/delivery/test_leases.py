"""
The delivery in front of a storage that is late, or in trouble: what was sent is not sent again for that.
"""

from typing import Any

import pytest
from twisted.internet.defer import Deferred, ensureDeferred

from pushsvc.delivery.lanes import FIRST
from pushsvc.delivery.sending import LEASE
from pushsvc.errors import ProviderDown
from pushsvc.model import Target, Waiting
from tests.delivery.network import says
from tests.support import resultOf


class Late:
    """
    An outbox that does at once what it is asked for, and whose answers may come later.

    :ivar answers: what one kind of request waits for, when it has been done.
    """

    def __init__(self, outbox: Any) -> None:
        self._outbox = outbox
        self.answers: dict[str, Deferred[None]] = {}

    def __getattr__(self, name: str) -> Any:
        async def ask(*arguments: Any, **more: Any) -> Any:
            result = await getattr(self._outbox, name)(*arguments, **more)
            if name in self.answers:
                await self.answers.pop(name)
            return result

        return ask


def device(number):
    return Target(f"node-{number}", "app", f"token-{number}")


def restarted(house, outbox, process="host/1/first"):
    """
    The house's delivery, with another outbox.
    """
    resultOf(house.delivery.stopService())
    house.storage.outbox = outbox
    house.delivery = house.another(process)


def test_aClaimAnsweredTooLate(house, clock):
    """
    What another process may have taken over by the time that the storage says that it is ours is left to that one.
    """
    outbox = house.storage.outbox
    late = Late(outbox)
    restarted(house, late)
    claimed = late.answers["claim"] = Deferred()
    now = clock.seconds()
    resultOf(outbox.put(Waiting(Target("node", "app", "token"), says("hi"), "id", "lane", now + 900, now), 0.0))
    clock.advance(60)
    clock.advance(LEASE)
    answer = Deferred()
    house.network.answers = [answer]
    house.storage.outbox = outbox
    house.another("elsewhere/2/second")
    clock.advance(0)
    assert ["hi"] == house.network.bodies

    claimed.callback(None)
    answer.callback(True)

    assert ["hi"] == house.network.bodies
    assert house.waiting is None


def test_aClaimForALaneAnsweredTooLate(house, clock):
    """
    Nor is that sent which waited for a turn on its lane.
    """
    outbox = house.storage.outbox
    late = Late(outbox)
    restarted(house, late)
    clock.advance(0)
    turns = [Deferred() for _ in range(FIRST)]
    house.network.answers = list(turns)
    for number in range(FIRST):
        house.accept(says("first"), device(number))
    house.accept(says("hi"), device(FIRST))
    claimed = late.answers["claim"] = Deferred()
    turns[0].callback(True)
    clock.advance(0)
    assert not late.answers
    for turn in turns[1:]:
        turn.callback(True)
    clock.advance(60)
    clock.advance(LEASE)
    house.storage.outbox = outbox
    house.another("elsewhere/2/second")
    clock.pump([1] * 10)
    assert 1 == house.network.bodies.count("hi")

    claimed.callback(None)
    clock.pump([1] * 10)

    assert 1 == house.network.bodies.count("hi")


def test_aPutAnsweredTooLate(house, clock):
    """
    So is what was accepted so slowly; it is accepted nevertheless.
    """
    outbox = house.storage.outbox
    late = Late(outbox)
    restarted(house, late)
    stored = late.answers["put"] = Deferred()
    accepting = ensureDeferred(house.delivery.accept(Target("node", "app", "token"), says("hi")))
    clock.advance(LEASE)
    answer = Deferred()
    house.network.answers = [answer]
    house.storage.outbox = outbox
    house.another("elsewhere/2/second")
    clock.advance(0)

    stored.callback(None)
    answer.callback(True)

    assert resultOf(accepting) is None
    assert ["hi"] == house.network.bodies
    assert house.waiting is None


@pytest.mark.parametrize("wellAfter", [1, 30, 100])
def test_whatWasSentIsNotSentAgain(house, clock, wellAfter):
    """
    A storage that is in trouble when something was sent learns of it as soon as it is well.
    """
    answer = Deferred()
    house.network.answers = [answer]
    house.accept(says("hi"))
    resultOf(house.storage.close())
    answer.callback(True)
    clock.pump([1] * wellAfter)

    house.storage.open()
    clock.pump([1] * (2 * int(LEASE)))

    assert ["hi"] == house.network.bodies
    assert house.waiting is None


def test_whatDidNotGetThroughIsPutOffNevertheless(house, clock):
    """
    Nor does what failed wait until nobody can be sending it any longer.
    """
    answer = Deferred()
    house.network.answers = [answer]
    house.accept(says("hi"))
    resultOf(house.storage.close())
    answer.callback(ProviderDown("down"))
    clock.advance(1)

    house.storage.open()
    clock.pump([1] * 5)

    assert ["hi", "hi"] == house.network.bodies


def test_theStorageIsAskedAgainSoon(house, clock):
    """
    What became due while the storage was in trouble is sent seconds after that has passed.
    """
    house.network.answers = [ProviderDown("down", retryAfter=5)]
    house.accept(says("hi"))
    resultOf(house.storage.close())
    clock.pump([1] * 20)

    house.storage.open()
    clock.pump([1] * 5)

    assert ["hi", "hi"] == house.network.bodies


def test_aStopDoesNotWaitForTheStorage(house, clock):
    """
    A process that stops while the storage is in trouble does not wait for it.
    """
    answer = Deferred()
    house.network.answers = [answer]
    house.accept(says("hi"))
    resultOf(house.storage.close())
    answer.callback(True)

    stopped = house.delivery.stopService()
    clock.pump([1] * 3)

    assert stopped.called


def test_whatArrivesInTimeDoesNotExpire(makeHouse, clock):
    """
    What nobody wants any longer while it is under way, and what arrives all the same, is not counted as dropped.
    """
    house = makeHouse(ttl=10)
    clock.advance(55)
    answer = Deferred()
    house.network.answers = [answer]
    house.accept(says("hi"))
    clock.advance(15)

    answer.callback(True)

    assert 0 == house.delivery.expired
    assert house.waiting is None
