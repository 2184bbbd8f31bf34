"""
How many streams we open, and what the operator hears about those that could not be opened.
"""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock

from pushsvc.links.s2s.approach import Unreached
from pushsvc.links.s2s.departures import Departures
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.ourselves import Settings
from pushsvc.links.s2s.outages import BURST, Outages


class Stream:
    """
    What is needed of one.
    """

    def __init__(self, usedAt: float) -> None:
        self.usedAt = usedAt
        self.usable = True
        self.ends: list[Callable[[Any], object]] = []

    def finish(self) -> None:
        self.usable = False

    def end(self) -> None:
        """
        The connection is gone.
        """
        self.usable = False
        for end in self.ends:
            end(self)


class Harbour:
    """
    Streams whose opening the test ends.

    :ivar reaching: those that are being opened.
    :ivar outcomes: what came of each attempt that is over.
    """

    def __init__(self, clock: Clock | None = None, **settings: int) -> None:
        self._departures = Departures(Settings(**settings), clock or Clock())  # type: ignore[arg-type]
        self.reaching: list[Deferred[Any]] = []
        self.outcomes: list[Any] = []

    def open(self) -> Deferred[Any]:
        """
        Somebody wants one.
        """

        def reach() -> Deferred[Any]:
            self.reaching.append(Deferred())
            return self.reaching[-1]

        opening = Deferred.fromCoroutine(self._departures.open(reach))
        opening.addCallbacks(self.outcomes.append, lambda reason: self.outcomes.append(reason.type))
        return opening

    def opened(self, usedAt: float) -> Stream:
        """
        Somebody gets one.
        """
        self.open()
        stream = Stream(usedAt)
        self.reaching[-1].callback(stream)
        return stream


def test_soManyAreOpenedAtTheSameTime() -> None:
    """
    Further ones wait for their turn, unless too many do already; who fails or gives up leaves its turn to the next.
    """
    harbour = Harbour(maxConnecting=2, maxDeparting=2)
    waiting = [harbour.open() for _ in range(5)]
    atFirst, refused = len(harbour.reaching), list(harbour.outcomes)
    waiting[2].cancel()
    harbour.reaching[0].errback(Unreached("no"))

    assert (2, [Unreached]) == (atFirst, refused)
    assert 3 == len(harbour.reaching)


def test_slowOnesGiveWay(clock: Clock) -> None:
    """
    Servers that let us wait keep us from nobody else: after a few seconds each gives way to one that waits, and to no
    more than one.
    """
    harbour = Harbour(clock, maxConnecting=2)
    harbour.open()
    harbour.open()
    clock.advance(60)
    harbour.open()
    soon = len(harbour.reaching), list(harbour.outcomes)
    harbour.open()
    harbour.open()
    clock.advance(4)
    before = len(harbour.reaching)
    clock.advance(1)

    assert (3, [Unreached]) == soon
    assert (4, 5) == (before, len(harbour.reaching))
    assert [Unreached] * 3 == harbour.outcomes


def test_slowOnesAreLeftAloneWhenNobodyWaits(clock: Clock) -> None:
    """
    Where there is room, slowness is no fault; and whoever stops wanting a slow one is not told otherwise.
    """
    harbour = Harbour(clock, maxConnecting=2)
    slow, stopped = harbour.open(), harbour.open()
    clock.advance(60)
    stopped.cancel()
    harbour.open()
    harbour.reaching[0].callback(Stream(1))

    assert (True, 3) == (slow.called, len(harbour.reaching))
    assert [CancelledError, Stream] == [each if isinstance(each, type) else type(each) for each in harbour.outcomes]


def test_theLeastUsedMakesRoom() -> None:
    """
    When there are as many as there may be, the one we have not used for longest is closed for the next.
    """
    harbour = Harbour(maxOutgoing=3)
    streams = [harbour.opened(usedAt) for usedAt in (2, 1, 3, 4)]

    assert [True, False, True, True] == [stream.usable for stream in streams]


def test_whoDoesNotCloseIsNotWaitedFor() -> None:
    """
    Streams that we have closed and their peers have not are bounded, too; when they are gone there is room again.
    """
    harbour = Harbour(maxOutgoing=2, maxConnecting=1)
    streams = [harbour.opened(usedAt) for usedAt in (1, 2, 3)]
    streams[1].finish()
    harbour.open()
    refused = harbour.outcomes[-1]
    streams[0].end()
    streams[3:] = [harbour.opened(4)]

    assert (Unreached, streams[3]) == (refused, harbour.outcomes[-1])


def told(logEvents: list[Any]) -> list[str]:
    """
    The domains that the log speaks of, and how.
    """
    return [event["remote"] + " " + event["log_level"].name for event in logEvents if "remote" in event]


def test_anOutageIsToldOnce(clock: Clock, logEvents: list[Any]) -> None:
    """
    However many hosts of ours want to reach a domain, and however often, its outage is told once, and its end.
    """
    outages = Outages(clock)
    for _ in range(3):
        outages.began(Pair("push.example", "chat.example"), "no")
        outages.began(Pair("other.example", "chat.example"), "no")
    outages.ended(Pair("push.example", "chat.example"))
    outages.ended(Pair("other.example", "chat.example"))

    assert ["chat.example warn", "chat.example info"] == told(logEvents)


def test_manyOutagesAreNotAllTold(clock: Clock, logEvents: list[Any]) -> None:
    """
    Domains cost nothing: the log is not filled with their names, nor the memory.
    """
    outages = Outages(clock, maxDomains=100)
    for number in range(1_000):
        outages.began(Pair("push.example", f"{number}.example"), "no")

    assert BURST == len(told(logEvents))
    assert 100 == len(outages._told)
