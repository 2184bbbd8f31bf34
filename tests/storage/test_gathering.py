"""
How long requests wait for one another on their way to the database.
"""

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from pushsvc.storage.sql.gathering import PATIENCE, TEMPO, Gathering
from pushsvc.storage.sql.transactions import Operation, Request

READ = Operation(lambda connection, asked: asked, writes=False)
WRITE = Operation(lambda connection, asked: asked)
PATIENT = Operation(lambda connection, asked: asked, canWait=True)


class Taker:
    """
    Takes what is ready, if it has time.

    :ivar taken: the arguments of each batch.
    """

    def __init__(self, clock: Clock) -> None:
        self.taken: list[str] = []
        self.isBusy = False
        self.gathering = Gathering(clock, self.take)

    def take(self) -> None:
        if not self.isBusy:
            self.taken += ["".join(each.argument for each in part) for part in self.gathering.take()]

    def ask(self, operation: Operation[Any, Any], name: str) -> None:
        answer: Deferred[Any] = Deferred()
        self.gathering.add(Request(operation, name, answer))


@pytest.fixture
def taker(clock: Clock) -> Taker:
    return Taker(clock)


def test_oneTurn(clock: Clock, taker: Taker) -> None:
    """
    What is asked for in one turn goes together when it ends: those who read, then those who write.
    """
    for operation, name in ((WRITE, "a"), (READ, "b"), (WRITE, "c"), (READ, "d")):
        taker.ask(operation, name)
    assert taker.taken == []

    clock.advance(0)

    assert taker.taken == ["bd", "ac"]
    assert len(taker.gathering) == 0


def test_tempo(clock: Clock, taker: Taker) -> None:
    """
    Who writes right after a commit shares the next one, which comes a little later; who reads does not wait.
    """
    taker.ask(WRITE, "a")
    clock.advance(0)

    taker.ask(WRITE, "b")
    taker.ask(READ, "c")
    clock.advance(TEMPO / 4)
    taker.ask(WRITE, "d")
    assert taker.taken == ["a", "c"]
    clock.advance(TEMPO)

    assert taker.taken == ["a", "c", "bd"]


def test_patience(clock: Clock, taker: Taker) -> None:
    """
    Who can wait does so, and no longer.
    """
    taker.ask(PATIENT, "a")
    taker.ask(READ, "b")
    clock.advance(PATIENCE / 2)
    taker.ask(PATIENT, "c")
    assert taker.taken == ["b"]

    clock.advance(PATIENCE / 2)

    assert taker.taken == ["b", "ac"]


def test_comesAlong(clock: Clock, taker: Taker) -> None:
    """
    Who can wait comes along with who cannot, in the order in which they asked.
    """
    taker.ask(PATIENT, "a")
    clock.advance(PATIENCE / 2)

    taker.ask(WRITE, "b")
    taker.ask(PATIENT, "c")
    clock.advance(0)

    assert taker.taken == ["abc"]
    clock.advance(PATIENCE)
    assert clock.getDelayedCalls() == []


def test_whileBusy(clock: Clock, taker: Taker) -> None:
    """
    What became due while nobody had time for it is taken as soon as somebody has.
    """
    taker.isBusy = True
    taker.ask(WRITE, "a")
    taker.ask(READ, "b")
    clock.advance(1)
    taker.ask(PATIENT, "c")

    taker.isBusy = False
    taker.take()

    assert taker.taken == ["b", "ac"]


def test_hurry(clock: Clock, taker: Taker) -> None:
    """
    At the end nobody is waited for.
    """
    taker.ask(PATIENT, "a")

    taker.gathering.hurry()
    clock.advance(0)

    assert taker.taken == ["a"]


def test_clockSetBack(clock: Clock, taker: Taker) -> None:
    """
    When the clock is set back by an hour, nobody waits for an hour.
    """
    taker.ask(WRITE, "a")
    clock.advance(3600)
    assert taker.taken == ["a"]
    clock.rightNow -= 3600

    taker.ask(WRITE, "b")
    clock.advance(TEMPO)

    assert taker.taken == ["a", "b"]
