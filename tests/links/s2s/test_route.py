"""
What waits for a stream, what comes back, and when it is worth another try.
"""

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock
from twisted.python.failure import Failure
from twisted.words.protocols.jabber.error import StanzaError
from twisted.words.protocols.jabber.xmlstream import TimeoutError as NoAnswer
from twisted.words.xish.domish import Element

from pushsvc.links.s2s.approach import Unreached
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.domains import LookupTrouble, NoSuchDomain
from pushsvc.links.s2s.keys import Keys
from pushsvc.links.s2s.ourselves import Ourselves, Settings
from pushsvc.links.s2s.route import Route
from pushsvc.links.s2s.waiting import NOT_FOUND, TIMEOUT, TOO_MUCH, Room, letter
from tests.links.s2s.world import message

PAIR = Pair("push.example", "chat.example")


class Stream:
    """
    What a route needs of a stream.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.sent: list[str] = []
        self.usable = True
        self.congested = False
        self.heardAt = self.saidAt = clock.seconds()
        self.ends: list[Callable[[Any], object]] = []
        self.drains: list[Callable[[], object]] = []
        self.why = ""

    def send(self, text: str) -> None:
        self.saidAt = self._clock.seconds()
        self.sent.append(text.partition("<body>")[2].partition("</body>")[0])

    def hangUp(self, why: str) -> None:
        self.why = why
        self.end()

    def end(self) -> None:
        """
        The connection is gone.
        """
        self.usable = False
        for end in self.ends:
            end(self)

    def drain(self) -> None:
        """
        The peer reads again.
        """
        self.congested = False
        for drain in self.drains:
            drain()


class Way:
    """
    A route, whose streams are opened by the test.

    :ivar opening: the attempts to open a stream, in order.
    :ivar pings: the questions whether anybody is there.
    :ivar returned: what came back, and why.
    """

    def __init__(self, clock: Clock, room: Room | None = None, **settings: Any) -> None:
        self.clock = clock
        self.opening: list[Deferred[Any]] = []
        self.pings: list[Deferred[Any]] = []
        self.returned: list[tuple[str, Any]] = []
        ourselves = Ourselves(frozenset(), None, Keys("secret"), clock, Settings(**settings))
        self.route = Route(PAIR, ourselves, self._open, self._ping, self._bounce, room or Room(5_000_000), lambda: 1.0)

    async def _open(self, pair: Pair) -> Any:
        self.opening.append(Deferred())
        return await self.opening[-1]

    def _ping(self, pair: Pair, stream: Any) -> Deferred[Any]:
        self.pings.append(Deferred())
        return self.pings[-1]

    def _bounce(self, letter: Any, trouble: Any) -> None:
        self.returned.append((letter.text.partition("<body>")[2].partition("</body>")[0], trouble))

    def say(self, *texts: str) -> None:
        """
        Send messages.
        """
        for text in texts:
            self.route.send(letter(message(*PAIR, text)))

    def open(self) -> Stream:
        """
        The attempt under way succeeds.
        """
        stream = Stream(self.clock)
        self.opening[-1].callback(stream)
        return stream

    def fail(self, why: Exception | None = None) -> None:
        """
        The attempt under way fails.
        """
        self.opening[-1].errback(why or Unreached("no"))


@pytest.fixture
def way(clock: Clock) -> Way:
    """
    Nothing was sent yet.
    """
    return Way(clock)


def test_whatWaitsLeavesInOrder(way: Way) -> None:
    """
    One stream is opened for all that waits, and takes it in order; what follows goes straight there.
    """
    way.say("1", "2")
    stream = way.open()
    way.say("3")

    assert ["1", "2", "3"] == stream.sent
    assert 1 == len(way.opening)


@pytest.mark.parametrize(
    ("why", "trouble"),
    [
        (NoSuchDomain("no"), NOT_FOUND),
        (LookupTrouble("no"), TIMEOUT),
        (Unreached("no"), TIMEOUT),
        (Unreached("no", "host-unknown", isFinal=True), TIMEOUT),
    ],
)
def test_whatWaitsComesBack(way: Way, why: Exception, trouble: Any) -> None:
    """
    When there is no stream, everything comes back, with the reason.
    """
    way.say("1", "2")
    way.fail(why)

    assert [("1", trouble), ("2", trouble)] == way.returned


def test_bugsAreTroubleToo(way: Way, loggedFailures: list[Failure]) -> None:
    """
    Whatever happens, nothing waits for ever.
    """
    way.say("1")
    way.fail(ZeroDivisionError())

    assert [("1", TIMEOUT)] == way.returned
    assert ["ZeroDivisionError"] == [str(failure.value) for failure in loggedFailures]
    loggedFailures.clear()


def test_onlySoManyWait(clock: Clock) -> None:
    """
    What is too much comes back at once; what was there before stays.
    """
    way = Way(clock, maxWaiting=2)
    way.say("1", "2", "3")
    stream = way.open()

    assert [("3", TOO_MUCH)] == way.returned
    assert ["1", "2"] == stream.sent


def test_onlySoMuchWaits(clock: Clock) -> None:
    """
    Size counts as well as number, and what has left counts no more.
    """
    way = Way(clock, maxWaitingSize=1_000)
    way.say("x" * 800, "y" * 800, "z")
    stream = way.open()
    stream.congested = True
    way.say("y" * 800)

    assert ["y" * 800] == [text for text, _ in way.returned]
    assert ["x" * 800, "z"] == stream.sent


def test_allThatWaitsIsLimitedToo(clock: Clock) -> None:
    """
    However many domains there are, there is an end to what waits for all of them; what has left makes room.
    """
    room = Room(8_000)
    one, two, three = (Way(clock, room) for _ in range(3))
    one.say("x" * 1_400)
    two.say("x" * 1_400)
    three.say("y" * 1_400)
    one.open()
    three.say("z" * 1_400)

    assert ["y" * 1_400] == [text for text, _ in three.returned]
    assert ["z" * 1_400] == three.open().sent


def test_nobodyTakesAllTheRoom(clock: Clock) -> None:
    """
    One domain may fill a quarter of the room; there is some left for the next, and for the one after that.
    """
    room = Room(100_000)
    ways = [Way(clock, room) for _ in range(8)]
    for way in ways:
        for _ in range(200):
            way.say("x" * 900)

    held = [200 - len(way.returned) for way in ways]
    assert 20 < held[0] < 26
    assert all(held)


def test_nothingWaitsForLong(clock: Clock) -> None:
    """
    What has waited for a minute comes back, so far as it can; what came later waits on.
    """
    way = Way(clock, longestDelay=1)
    way.say("1")
    clock.advance(30)
    way.say("2")
    clock.advance(30)

    way.route.expire()

    assert [("1", TIMEOUT)] == way.returned
    assert ["2"] == way.open().sent


def test_aClockThatIsSetBack(way: Way, clock: Clock) -> None:
    """
    When the clock is set back by an hour, a peer that was to be left alone for a moment is tried again, and one of whom
    nothing was heard for so long that it would be asked first is.
    """
    way.say("1")
    way.fail()
    clock.rightNow -= 3600
    way.say("2")
    stream = way.open()
    clock.advance(300)
    clock.rightNow -= 3600
    way.say("3")

    assert [("1", TIMEOUT)] == way.returned
    assert (["2"], 1) == (stream.sent, len(way.pings))


def test_pardonsAreNotWaitedForWhenTheClockWasSetBack(way: Way, clock: Clock) -> None:
    """
    Nor does a peer that comes to us wait for an hour until that counts again.
    """
    way.route.heardOf()
    clock.rightNow -= 3600
    way.say("1")
    way.fail()
    way.route.heardOf()
    way.say("2")

    assert 2 == len(way.opening)


def test_whoDoesNotReadIsLeftAlone(way: Way, clock: Clock) -> None:
    """
    A peer that takes streams and does not read is a peer that cannot be reached: what waits comes back, and it is tried
    more and more rarely until it reads.
    """
    delays = []
    for _ in range(4):
        way.say("x")
        stream = way.open()
        stream.congested = True
        way.say("y")
        stream.end()
        since, attempts = clock.seconds(), len(way.opening)
        while len(way.opening) == attempts:
            clock.advance(0.5)
            way.say("x")
        delays.append(clock.seconds() - since)
    stream = way.open()
    stream.congested = True
    stream.drain()
    stream.congested = True
    stream.end()
    clock.advance(1)
    way.say("z")

    assert [1, 2, 4, 8] == delays
    assert ("y", TIMEOUT) == way.returned[0]
    assert ["z"] == way.open().sent


def test_triesBecomeRarer(way: Way) -> None:
    """
    After each failure stanzas come back at once for twice as long, up to five minutes; success starts over.
    """
    delays = []
    way.say("x")
    for _ in range(10):
        way.fail()
        failed, attempts = way.clock.seconds(), len(way.opening)
        while len(way.opening) == attempts:
            way.clock.advance(1)
            way.say("x")
        delays.append(way.clock.seconds() - failed)

    assert [1, 2, 4, 8, 16, 32, 64, 128, 256, 300] == delays
    way.open().end()
    way.say("x")
    way.fail()
    way.clock.advance(1)
    way.say("y")
    assert ["y"] == way.open().sent


def test_meanwhileTheReasonStays(way: Way) -> None:
    """
    What comes back at once says what the last attempt said.
    """
    way.say("1")
    way.fail(NoSuchDomain("no"))
    way.say("2")

    assert [("1", NOT_FOUND), ("2", NOT_FOUND)] == way.returned
    assert 1 == len(way.opening)


def test_whoComesToUsIsTriedAtOnce(way: Way) -> None:
    """
    When the other side has come to us, it can be reached, whatever was before.
    """
    way.say("1")
    way.fail()
    way.route.heardOf()
    way.say("2")

    assert ["2"] == way.open().sent


def test_theNewestStreamWins(way: Way) -> None:
    """
    Who comes back after a crash is answered where it is now, though its former stream still looks alive.
    """
    way.say("1")
    first = way.open()
    second: Any = Stream(way.clock)
    way.route.attach(second)
    way.say("2")
    first.end()
    way.say("3")

    assert (["1"], ["2", "3"]) == (first.sent, second.sent)


def test_streamsThatComeInMeanwhileAreTaken(way: Way) -> None:
    """
    What waits leaves by the stream that the other side has opened, and when ours fails then nobody minds.
    """
    way.say("1")
    incoming: Any = Stream(way.clock)
    way.route.attach(incoming)
    way.fail()
    way.say("2")

    assert ["1", "2"] == incoming.sent
    assert [] == way.returned


def test_lostStreamsAreReplaced(way: Way) -> None:
    """
    A stream that has ended is replaced when there is something to say, and at once when something waits.
    """
    way.say("1")
    first = way.open()
    first.end()
    attempts = len(way.opening)
    way.say("2")
    second = way.open()
    # Whether anybody is there is being asked.
    way.clock.advance(61)
    way.say("3")
    second.end()
    third = way.open()

    assert 1 == attempts
    assert (["1"], ["2"], ["3"]) == (first.sent, second.sent, third.sent)


def test_streamsThatCloseAreNotUsed(way: Way) -> None:
    """
    What is sent while a stream is being closed goes by another one, without waiting.
    """
    way.say("1")
    first = way.open()
    first.usable = False
    way.say("2")
    second = way.open()

    assert (["1"], ["2"]) == (first.sent, second.sent)


def test_peersThatDoNotReadAreWaitedFor(way: Way) -> None:
    """
    Nothing piles up in a stream whose peer does not read; it follows, in order, when the peer does.
    """
    way.say("1")
    stream = way.open()
    stream.congested = True
    way.say("2", "3")
    before = list(stream.sent)
    stream.drain()
    way.say("4")

    assert ["1"] == before
    assert ["1", "2", "3", "4"] == stream.sent


@pytest.mark.parametrize("error", [None, StanzaError("service-unavailable")])
def test_quietStreamsAreAskedFirst(way: Way, error: StanzaError | None) -> None:
    """
    After a minute of silence a peer is asked whether it is there; any answer will do.
    """
    way.say("1")
    stream = way.open()
    way.clock.advance(60)
    way.say("2")
    way.clock.advance(61)
    way.say("3", "4")
    before = list(stream.sent)
    if error is None:
        way.pings[0].callback(Element((None, "iq")))
    else:
        way.pings[0].errback(error)
    way.say("5")

    assert ["1", "2"] == before
    assert ["1", "2", "3", "4", "5"] == stream.sent
    assert 1 == len(way.pings)


def test_proofsOfLifeDoNotWait(way: Way) -> None:
    """
    Whether we are there is answered while we ask the same; but not into a stream that is not read.
    """
    way.say("1")
    stream = way.open()
    way.clock.advance(61)
    way.say("2")
    way.route.send(letter(message(*PAIR, "here")), True)
    before = list(stream.sent)
    stream.congested = True
    way.route.send(letter(message(*PAIR, "still here")), True)

    assert ["1", "here"] == before == stream.sent


def test_whoDoesNotAnswerIsHungUpOn(way: Way) -> None:
    """
    When nobody is there any more, what there is to say goes by a new stream.
    """
    way.say("1")
    stream = way.open()
    way.clock.advance(61)
    way.say("2")
    way.pings[0].errback(NoAnswer())
    second = way.open()

    assert "it does not answer" == stream.why
    assert (["1"], ["2"]) == (stream.sent, second.sent)


def test_answersFromTheDeadChangeNothing(way: Way) -> None:
    """
    When the stream has ended anyway, the answer to the question is not waited for.
    """
    way.say("1")
    way.open()
    way.clock.advance(61)
    way.say("2")
    incoming: Any = Stream(way.clock)
    way.route.attach(incoming)
    way.pings[0].errback(NoAnswer())

    assert ["2"] == incoming.sent


def test_stoppingReturnsWhatWaits(way: Way) -> None:
    """
    When we stop, what waits comes back, and nothing is tried any more.
    """
    way.say("1")
    way.route.stop()

    assert [("1", TIMEOUT)] == way.returned
    assert way.opening[0].called


def test_routesAreForgottenOnceTheyMeanNothing(way: Way) -> None:
    """
    A route is remembered while there is a stream, and while it remembers failures that may still matter.
    """
    new = way.route.isForgettable
    way.say("1")
    opening = way.route.isForgettable
    stream = way.open()
    open = way.route.isForgettable
    stream.end()
    closed = way.route.isForgettable
    way.say("2")
    way.fail()
    failed = way.route.isForgettable
    way.clock.advance(301)

    assert [True, False, False, True, False] == [new, opening, open, closed, failed]
    assert way.route.isForgettable


@pytest.mark.parametrize("type", ["result", "error"])
def test_answersNeverComeBack(type: str) -> None:
    """
    An answer that cannot be delivered is nobody's concern.
    """
    stanza = Element((None, "iq"), attribs={"type": type, "from": "a", "to": "b", "id": "1"})

    assert None is letter(stanza).bounce(TIMEOUT)


def test_whatComesBackIsAnError() -> None:
    """
    A stanza that cannot be delivered comes back from whom it was for, as an error with its id, and without its content.
    """
    stanza = Element((None, "iq"), attribs={"type": "get", "from": "a", "to": "b/c", "id": "1"})
    stanza.addElement(("urn:example", "secret"))

    bounced = letter(stanza).bounce(NOT_FOUND)

    assert bounced is not None
    assert {"type": "error", "from": "b/c", "to": "a", "id": "1"} == bounced.attributes
    assert (
        "<error type='cancel'><remote-server-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
        in bounced.toXml()
    )


def test_whoComesAgainAndAgainIsNotGoneToEachTime(way: Way, clock: Clock) -> None:
    """
    Coming to us ends the waiting for another try once in a while, not each time.
    """
    for _ in range(3):
        way.say("x")
        if not way.opening[-1].called:
            way.fail()
        way.route.heardOf()
    soon = len(way.opening)
    clock.advance(300)
    way.say("x")
    way.fail()
    way.route.heardOf()
    way.say("x")

    assert (2, 4) == (soon, len(way.opening))
