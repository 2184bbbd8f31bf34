"""
How a link comes back.
"""

from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectError
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from pushsvc.links.dialer import LONGEST, PATIENCE, Dialer


class Endpoint:
    """
    Connects when the test says so.
    """

    def __init__(self) -> None:
        self.attempts: list[Deferred[Any]] = []

    def connect(self, factory: Any) -> "Deferred[Any]":
        self.attempts.append(Deferred())
        return self.attempts[-1]


class _Protocol(Protocol):
    def hangUp(self, why: str) -> None:
        self.transport.abortConnection()


class House:
    """
    A dialer, and what it dials.
    """

    def __init__(self, clock: Clock, luck: float) -> None:
        self.clock = clock
        self.endpoint = Endpoint()
        self.complaints: list[Any] = []
        self.dialer = Dialer(self.endpoint, Factory(), clock, self.complaints.append, lambda: luck)

    def connect(self) -> StringTransport:
        """
        The attempt under way succeeds.
        """
        protocol = _Protocol()
        protocol.makeConnection(StringTransport())
        self.endpoint.attempts[-1].callback(protocol)
        assert isinstance(protocol.transport, StringTransport)
        return protocol.transport

    def fail(self) -> None:
        """
        The attempt under way does not.
        """
        self.endpoint.attempts[-1].errback(ConnectError())

    def pause(self) -> int:
        """
        How many seconds pass until the next attempt.
        """
        before = len(self.endpoint.attempts)
        for seconds in range(1, 100):
            self.clock.advance(1)
            if len(self.endpoint.attempts) > before:
                return seconds
        raise AssertionError("there is no next attempt")

    def pass_(self, seconds: int) -> None:
        """
        Time passes, second by second.
        """
        self.clock.pump([1] * seconds)


@pytest.fixture
def house(clock: Clock) -> House:
    """
    No luck: the longest delays.
    """
    return House(clock, luck=1.0)


def test_pausesGrow(house: House) -> None:
    """
    While nobody answers, attempts come after 1, 2, 4 … and at last 60 seconds.
    """
    house.dialer.start()

    pauses = []
    for _ in range(8):
        house.fail()
        pauses.append(house.pause())

    assert [1, 2, 4, 8, 16, 32, 60, 60] == pauses
    assert 8 == len(house.complaints)


def test_pausesAreNotAllTheSame(clock: Clock) -> None:
    """
    Links that were lost together do not come back together.
    """
    house = House(clock, luck=0.0)
    house.dialer.start()

    pauses = []
    for _ in range(5):
        house.fail()
        pauses.append(house.pause())

    assert [1, 1, 2, 4, 8] == pauses


def test_connectionsThatComeToNothingDoNotCount(house: House) -> None:
    """
    A server that takes the connection and refuses the handshake is not asked every second.
    """
    house.dialer.start()

    pauses = []
    for _ in range(5):
        house.connect()
        house.dialer.lost()
        pauses.append(house.pause())

    assert [1, 2, 4, 8, 16] == pauses


def test_aHandshakeStartsOver(house: House) -> None:
    """
    Once a handshake was good, the next pause is a short one.
    """
    house.dialer.start()
    for _ in range(4):
        house.fail()
        house.pause()

    house.connect()
    house.dialer.established()
    house.dialer.lost()

    assert 1 == house.pause()


def test_hopelessCasesWaitLongest(house: House) -> None:
    """
    Whoever lost its place to somebody else waits a minute before it asks again.
    """
    house.dialer.start()
    house.connect()
    house.dialer.established()

    house.dialer.lost(longest=True)

    assert LONGEST == house.pause()


def test_silentPeersAreHungUpOn(house: House) -> None:
    """
    From the first packet to the end of the handshake it may take half a minute.
    """
    house.dialer.start()
    house.pass_(10)
    transport = house.connect()

    house.pass_(int(PATIENCE) - 11)
    assert not transport.disconnected
    house.pass_(1)

    assert transport.disconnected


def test_connectingDoesNotTakeForEver(house: House) -> None:
    """
    An attempt to connect is given up after as long.
    """
    house.dialer.start()

    house.pass_(int(PATIENCE) + 1)

    assert 1 == len(house.complaints)
    assert 2 == len(house.endpoint.attempts)


def test_establishedConnectionsAreLeftAlone(house: House) -> None:
    """
    After the handshake a peer may be silent.
    """
    house.dialer.start()
    transport = house.connect()
    house.dialer.established()

    house.pass_(100)

    assert not transport.disconnected


def test_stoppingWhileItConnects(house: House, clock: Clock) -> None:
    """
    Stopped is stopped: no attempt is under way, none will come, nobody complains.
    """
    house.dialer.start()

    house.dialer.stop()

    assert house.endpoint.attempts[0].called
    assert ([], []) == (house.complaints, clock.getDelayedCalls())


def test_stoppingBetweenAttempts(house: House, clock: Clock) -> None:
    """
    What was lost before or after it was stopped is not made again.
    """
    house.dialer.start()
    house.connect()
    house.dialer.lost()

    house.dialer.stop()
    house.dialer.lost()

    assert [] == clock.getDelayedCalls()
