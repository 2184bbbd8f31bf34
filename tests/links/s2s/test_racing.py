"""
Who answers first.
"""

import socket
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError, ConnectionRefusedError
from twisted.internet.error import TimeoutError as ConnectTimeout
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from pushsvc.links.s2s.racing import STAGGER, alternating, connect
from pushsvc.links.s2s.resolve import Candidate
from tests.links.s2s.world import Hybrid
from tests.servers.rig.ports import freePort
from tests.support import resultOf

V4, W4 = "192.0.2.1", "192.0.2.2"
V6, W6 = "2001:db8::1", "2001:db8::2"


def candidate(*addresses: str, port: int = 5269) -> Candidate:
    return Candidate("a.example", port, False, addresses)


class Racecourse:
    """
    A race without sockets.
    """

    def __init__(self, *addresses: str, timeout: float = 10) -> None:
        self.reactor: Any = MemoryReactorClock()
        self.made: list[Protocol] = []
        self.outcome: list[Any] = []
        self.race = connect(self.reactor, candidate(*addresses), Factory.forProtocol(self._make), timeout)
        self.race.addBoth(self.outcome.append)

    @property
    def tried(self) -> list[str]:
        return [attempt[0] for attempt in self.reactor.tcpClients]

    @property
    def running(self) -> list[str]:
        return [
            attempt[0]
            for attempt, connector in zip(self.reactor.tcpClients, self.reactor.connectors, strict=True)
            if not connector.stoppedConnecting
        ]

    def refuse(self, index: int) -> None:
        self.reactor.tcpClients[index][2].clientConnectionFailed(
            self.reactor.connectors[index], Failure(ConnectionRefusedError())
        )

    def answer(self, index: int) -> None:
        protocol = self.reactor.tcpClients[index][2].buildProtocol(None)
        protocol.makeConnection(self.reactor.connectors[index])

    def pass_(self, seconds: float) -> None:
        self.reactor.advance(seconds)

    def _make(self) -> Protocol:
        self.made.append(Protocol())
        return self.made[-1]


def test_familiesTakeTurns():
    """
    IPv6 is first, then one of each in turn; within a family, order is kept.
    """
    assert [V6, V4, W6, W4] == alternating([V4, W4, V6, W6])
    assert [V6, V4, W4] == alternating([V4, W4, V6])
    assert [V4] == alternating([V4])
    assert [] == alternating([])


def test_theFirstHasAHeadStart():
    """
    One address is tried at a time, a quarter of a second after another.
    """
    course = Racecourse(V4, V6, W4)
    begun = course.tried
    course.pass_(STAGGER - 0.01)
    early = course.tried
    course.pass_(0.01)
    late = course.tried
    course.pass_(STAGGER)

    assert ([V6], [V6], [V6, V4], [V6, V4, W4]) == (begun, early, late, course.tried)
    assert [] == course.outcome


def test_aRefusalIsNotWaitedFor():
    """
    When an address refuses, the next is tried at once.
    """
    course = Racecourse(V6, V4)

    course.refuse(0)

    assert [V6, V4] == course.tried
    course.answer(1)
    assert course.made == course.outcome
    assert [] == course.reactor.getDelayedCalls()


def test_theLosersAreClosed():
    """
    The first that answers is it; the other attempts end, and no further ones are made.
    """
    course = Racecourse(V6, V4, W4)
    course.pass_(STAGGER)

    course.answer(1)

    assert course.made == course.outcome
    assert 1 == len(course.made)
    assert [V4] == course.running
    assert [] == course.reactor.getDelayedCalls()
    course.pass_(60)
    assert [V6, V4] == course.tried


def test_theSlowFirstMayStillWin():
    """
    That the next one has been started does not end the first.
    """
    course = Racecourse(V6, V4)
    course.pass_(STAGGER * 2)

    course.answer(0)

    assert course.made == course.outcome
    assert [V6] == course.running


def test_whenAllAreDeadItIsSaid():
    """
    Only after the last refusal there is no connection; and nothing is left to do.
    """
    course = Racecourse(V6, V4, W4)
    course.pass_(STAGGER)
    course.refuse(0)
    course.refuse(1)
    assert [] == course.outcome

    course.refuse(2)

    [failure] = course.outcome
    assert failure.check(ConnectionRefusedError)
    assert [] == course.reactor.getDelayedCalls()


def test_theLimitIsForAllOfThem():
    """
    After the time given, all attempts end.
    """
    course = Racecourse(V6, V4, timeout=3)
    course.pass_(2.9)
    assert [] == course.outcome

    course.pass_(0.1)

    [failure] = course.outcome
    assert failure.check(ConnectTimeout)
    assert [] == course.running
    assert [] == course.reactor.getDelayedCalls()


@pytest.mark.parametrize("after", [0, STAGGER])
def test_aRaceCanBeCancelled(after):
    """
    Cancelled, a race ends as such and leaves nothing behind.
    """
    course = Racecourse(V6, V4, W4)
    course.pass_(after)

    course.race.cancel()

    [failure] = course.outcome
    assert failure.check(CancelledError)
    assert [] == course.running
    assert [] == course.reactor.getDelayedCalls()
    assert [] == course.made


def test_withoutAddressesThereIsNoRace():
    """
    A candidate without addresses is a connection that failed.
    """
    with pytest.raises(ConnectError):
        resultOf(connect(Clock(), candidate(), Factory.forProtocol(Protocol), 1))


class Visitor(Protocol):
    """
    Says when it has come, and when it has gone.
    """

    def __init__(self) -> None:
        self.gone: Deferred[None] = Deferred()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.gone.callback(None)


class Door(Factory):
    """
    Where visitors come in.
    """

    noisy = False

    def __init__(self) -> None:
        self.visitors: list[Visitor] = []

    def buildProtocol(self, addr: Any) -> Visitor:
        self.visitors.append(Visitor())
        return self.visitors[-1]


@pytest_twisted.async_yield_fixture
async def door(reactor: Any) -> AsyncIterator[tuple[Door, int]]:
    """
    Open at 127.0.0.1; at other addresses nobody listens on its port.
    """
    factory = Door()
    port = reactor.listenTCP(freePort(), factory, interface="127.0.0.1")
    yield factory, port.getHost().port
    await port.stopListening()


@pytest.fixture
def deaf(door: tuple[Door, int]) -> Iterator[str]:
    """
    An address where connections on the door's port are neither accepted nor refused: its queue is full.
    """
    with socket.socket() as listening, socket.socket() as first, socket.socket() as more:
        listening.bind(("127.0.0.2", door[1]))
        listening.listen(0)
        first.connect(("127.0.0.2", door[1]))
        more.setblocking(False)
        more.connect_ex(("127.0.0.2", door[1]))
        yield "127.0.0.2"


async def come(reactor: Any, port: int, *addresses: str, timeout: float = 60) -> Any:
    """
    Where the connection went, once both ends have closed it.
    """
    factory = Factory.forProtocol(Visitor)
    factory.noisy = False
    protocol = await connect(reactor, candidate(*addresses, port=port), factory, timeout)
    peer = protocol.transport.getPeer().host
    protocol.transport.loseConnection()
    await protocol.gone
    return peer


@pytest.mark.parametrize("dead", ["127.0.0.3", "::1"])
@pytest_twisted.ensureDeferred
async def test_aDeadAddressDoesNotMatter(reactor, door, dead):
    """
    Over real sockets: where one address refuses, or the machine has no such family, the other is connected to.
    """
    factory, port = door

    assert "127.0.0.1" == await come(reactor, port, dead, "127.0.0.1")
    await factory.visitors[0].gone
    assert 1 == len(factory.visitors)


@pytest_twisted.ensureDeferred
async def test_aDeafAddressCostsTheHeadStart(reactor, door, deaf):
    """
    Over real sockets: an address that says nothing holds up by a quarter of a second or so, and not by the limit.
    """
    _, port = door
    begun = reactor.seconds()

    assert "127.0.0.1" == await come(reactor, port, deaf, "127.0.0.1", timeout=120)
    assert STAGGER <= reactor.seconds() - begun < 60


@pytest_twisted.ensureDeferred
async def test_allDead(reactor, door):
    """
    Over real sockets: all addresses refuse.
    """
    with pytest.raises(ConnectError):
        await come(reactor, door[1], "::1", "127.0.0.3", "127.0.0.4")


@pytest_twisted.ensureDeferred
async def test_allDeaf(reactor, door, deaf):
    """
    Over real sockets: no address says anything.
    """
    with pytest.raises(ConnectTimeout):
        await come(reactor, door[1], deaf, timeout=0.5)


@pytest_twisted.ensureDeferred
async def test_ipv6IsPreferred(reactor):
    """
    Over real sockets: where both families answer, it is IPv6.
    """
    four = Door()
    number = freePort()
    port4 = reactor.listenTCP(number, four, interface="127.0.0.1")
    try:
        with socket.socket(socket.AF_INET6) as trial:
            trial.bind(("::1", 0))
    except OSError:
        await port4.stopListening()
        pytest.skip("THIS MACHINE HAS NO IPv6 LOOPBACK: connecting by IPv6 is not tested")
    port6 = reactor.listenTCP(number, Door(), interface="::1")
    try:
        # However long it takes, the head start does not end.
        assert "::1" == await come(Hybrid(Clock()), number, "127.0.0.1", "::1")
        assert [] == four.visitors
    finally:
        await port4.stopListening()
        await port6.stopListening()
