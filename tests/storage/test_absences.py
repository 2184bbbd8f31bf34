"""
Nodes that are not there.
"""

import pytest
from twisted.internet.task import Clock

from pushsvc.storage.absences import AGE, Absences
from pushsvc.storage.memory import MemoryStorage
from tests.contracts.registrations import registration
from tests.support import resultOf


class Counting:
    """
    Registrations that count how often they are looked through.
    """

    def __init__(self, registrations):
        self._registrations = registrations
        self.looks = []

    async def byNode(self, node):
        self.looks.append(node)
        return await self._registrations.byNode(node)

    async def register(self, proposed):
        return await self._registrations.register(proposed)


@pytest.fixture
def counting(clock: Clock):
    storage = MemoryStorage(clock)
    storage.open()
    return Counting(storage.registrations)


def test_whatIsNotThereIsNotLookedForAgain(counting, clock):
    """
    Whoever goes on publishing to a node that is not there costs the database one look in half a minute.
    """
    known = Absences(counting, clock)

    for _ in range(100):
        assert resultOf(known.byNode("gone")) is None
    assert ["gone"] == counting.looks

    clock.advance(AGE)
    assert resultOf(known.byNode("gone")) is None
    assert ["gone"] * 2 == counting.looks


def test_whatIsThereIsAlwaysLookedFor(counting, clock):
    """
    What is there may change at any time: it is not remembered.
    """
    known = Absences(counting, clock)
    resultOf(known.register(registration()))

    assert registration() == resultOf(known.byNode("node1")) == resultOf(known.byNode("node1"))
    assert ["node1"] * 2 == counting.looks


def test_whatIsRegisteredIsThereAtOnce(counting, clock):
    """
    A node that was not there is found as soon as it is registered.
    """
    known = Absences(counting, clock)
    assert resultOf(known.byNode("node1")) is None

    resultOf(known.register(registration()))

    assert registration() == resultOf(known.byNode("node1"))


def test_whatAnotherProcessRegistersIsThereSoon(counting, clock):
    """
    A node that another process registers is found after half a minute at the latest.
    """
    known = Absences(counting, clock)
    assert resultOf(known.byNode("node1")) is None

    resultOf(Absences(counting, clock).register(registration()))
    clock.advance(AGE)

    assert registration() == resultOf(known.byNode("node1"))


def test_whoeverInventsNodesFillsNoMemory(counting, clock):
    """
    However many nodes are asked for, no more than so many are remembered.
    """
    known = Absences(counting, clock, most=10)

    for number in range(1000):
        resultOf(known.byNode(f"invented{number}"))

    assert 20 >= len(known._young) + len(known._old)
    resultOf(known.byNode("invented999"))
    assert 1000 == len(counting.looks)


def test_whetherTheDatabaseAnswersIsAskedOfTheDatabase(counting, clock):
    """
    No node has no name: whoever asks for it asks the database each time.
    """
    known = Absences(counting, clock)

    for _ in range(3):
        assert resultOf(known.byNode("")) is None

    assert [""] * 3 == counting.looks
