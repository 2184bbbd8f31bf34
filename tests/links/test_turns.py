"""
A peer that says much at once, while others wait for their turn.
"""

from typing import Any

import pytest
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.words.protocols.jabber import xmlstream
from twisted.words.protocols.jabber.component import ConnectComponentAuthenticator

from pushsvc.links.limits import Limits
from pushsvc.links.stream import LinkStream
from pushsvc.links.turns import LARGE_MOUTHFUL, MOUTHFUL, Turns

HEADER = b"<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>"
TURN = 0.001


class Peer:
    """
    The other end of a stream that is ready. Whatever stanza of its is handled takes a whole turn.

    :ivar handled: the ids of them, in their order; shared by all peers.
    """

    def __init__(self, clock: Clock, handled: list[str], name: str = "", turns: Turns | None = None) -> None:
        self.handled = handled
        self.transport = StringTransport(lenient=True)
        self.name = name
        self.clock = clock
        self.ends: list[object] = []
        limits = Limits(size=100_000, elements=100)
        self.stream = LinkStream(ConnectComponentAuthenticator("push.example", "sesame"), clock, limits, turns=turns)
        self.stream.receive = self.handle
        self.stream.makeConnection(self.transport)
        self.stream.dataReceived(HEADER)
        self.stream.addObserver(xmlstream.STREAM_END_EVENT, self.ends.append)
        self.stream.peerAuthenticated()

    def say(self, count: int, behind: bytes = b"") -> None:
        """
        Say so many messages at once, each of them longer than what is read before one looks at the clock.
        """
        body = f"<body>{'x' * 600}</body>"
        said = "".join(f"<message id='{self.name}{number}'>{body}</message>" for number in range(count))
        self.stream.dataReceived(said.encode() + behind)

    def handle(self, stanza: Any) -> None:
        """
        Take one.
        """
        self.handled.append(stanza["id"])
        self.clock.rightNow += 2 * TURN  # type: ignore[attr-defined]

    def lose(self) -> None:
        """
        The connection is gone.
        """
        self.stream.connectionLost(Failure(ConnectionDone()))  # type: ignore[no-untyped-call]


@pytest.fixture
def handled() -> list[str]:
    """
    What was handled until now.
    """
    return []


@pytest.fixture
def peer(clock: Clock, handled: list[str]) -> Peer:
    """
    Nothing was said yet.
    """
    return Peer(clock, handled, turns=Turns(TURN, TURN))


def test_muchAtOnceIsHeardInTurns(peer: Peer, clock: Clock) -> None:
    """
    A turn is over when its time is, and nothing more is read from the connection until all that has come was heard.
    """
    peer.say(3)
    before = len(peer.handled), peer.transport.producerState
    clock.advance(0)

    assert ((1, "paused"), (3, "producing")) == (before, (len(peer.handled), peer.transport.producerState))


def test_othersAreHeardInBetween(clock: Clock, handled: list[str]) -> None:
    """
    Who says little does not wait until the one who says much is done.
    """
    turns = Turns(TURN, TURN)
    loud, quiet = Peer(clock, handled, "loud", turns), Peer(clock, handled, "quiet", turns)

    loud.say(3)
    quiet.say(1)
    clock.advance(0)

    assert ["loud0", "quiet0", "loud1", "loud2"] == handled


def test_whoIsAloneHasALongerTurn(clock: Clock, handled: list[str]) -> None:
    """
    Where nobody else waits, going from one peer to the next would only cost time.
    """
    peer = Peer(clock, handled, turns=Turns(TURN, 5 * TURN))

    peer.say(6)

    assert ["0", "1", "2"] == handled


def test_whoWaitsTakesFromTheTurnsOfOthers(clock: Clock, handled: list[str]) -> None:
    """
    All together do not have longer turns than one alone; when they are out, nobody waits any more.
    """
    turns = Turns(TURN, 5 * TURN)
    loud, second = Peer(clock, handled, "loud", turns), Peer(clock, handled, "second", turns)

    loud.say(6)
    second.say(6)
    clock.advance(0)

    assert ["loud0", "loud1", "loud2", "second0", "second1"] == handled[:5]
    assert Turns(TURN, 5 * TURN).next(True) == turns.next(True)


def test_manyHaveShortTurns() -> None:
    """
    However many wait, each has its turn, and a short one: nobody is kept waiting by what others have.
    """
    turns = Turns(TURN, 5 * TURN)
    for _ in range(4):
        turns.wait()
    many = turns.next(True)
    turns.leave()
    fewer = turns.next(True)

    assert ((TURN, MOUTHFUL), (5 * TURN / 4, LARGE_MOUTHFUL)) == (many, fewer)


def test_whoIsNotKnownHasAShortTurn() -> None:
    """
    Who has not proven who it is is heard for no longer than has to be, even when nobody else is there.
    """
    turns = Turns(TURN, 5 * TURN)

    assert ((TURN, MOUTHFUL), (5 * TURN, LARGE_MOUTHFUL)) == (turns.next(False), turns.next(True))


def test_ourOwnServerIsHeardOut(clock: Clock, handled: list[str]) -> None:
    """
    Where there is one peer only, and nobody to wait for it, everything is heard at once.
    """
    peer = Peer(clock, handled)

    peer.say(3)

    assert (3, "producing") == (len(handled), peer.transport.producerState)


def test_whatWasSaidBeforeTheConnectionWasLostIsHeard(peer: Peer, clock: Clock) -> None:
    """
    Who says something and leaves was heard; only then the stream is over.
    """
    peer.say(3)
    peer.lose()
    before = len(peer.ends)
    clock.advance(0)

    assert (["0", "1", "2"], 0, 1) == (peer.handled, before, len(peer.ends))


def test_nothingIsHeardOfWhoIsHungUpOn(peer: Peer, clock: Clock) -> None:
    """
    When we leave, we leave what was not heard yet, too.
    """
    peer.say(3)
    peer.stream.hangUp("enough")
    peer.lose()
    clock.advance(0)

    assert (["0"], 1) == (peer.handled, len(peer.ends))


def test_whoDoesNotReadIsNotHeard(peer: Peer, clock: Clock) -> None:
    """
    Answers that pile up keep the rest of what was said waiting.
    """
    peer.say(3)
    peer.stream.pauseProducing()
    clock.advance(0)
    before = list(peer.handled)
    peer.stream.resumeProducing()
    clock.advance(0)

    assert (["0"], ["0", "1", "2"]) == (before, peer.handled)
    assert "producing" == peer.transport.producerState


def test_whatComesBehindAnErrorIsNotHeard(peer: Peer, clock: Clock) -> None:
    """
    A stream that was refused in one turn is not heard in the next.
    """
    peer.say(2, b"<!-- --><message id='behind'><body>%s</body></message>" % (b"x" * 2000))
    clock.advance(0)

    assert ["0", "1"] == peer.handled
    assert b"restricted-xml" in peer.transport.value()


def test_whatComesBehindANewBeginningIsNotHeard(peer: Peer, clock: Clock) -> None:
    """
    What was said before the stream began anew is nobody's, even if it waited for its turn.
    """
    peer.say(3)

    peer.stream.reset()
    clock.advance(0)
    peer.stream.dataReceived(HEADER + b"<message id='new'/>")

    assert ["0", "new"] == peer.handled
    assert "producing" == peer.transport.producerState
