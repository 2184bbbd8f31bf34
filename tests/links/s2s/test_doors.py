"""
How many may be in, and who has to leave.
"""

from collections.abc import Callable
from typing import Any

from pushsvc.links.s2s.doors import Guests
from pushsvc.links.s2s.ourselves import Settings


class Stream:
    """
    What is needed of one.
    """

    def __init__(self) -> None:
        self.ends: list[Callable[[Any], object]] = []
        self.dismissed = ""

    def dismiss(self, condition: str) -> None:
        self.dismissed = condition

    def end(self) -> None:
        """
        The connection is gone.
        """
        for end in self.ends:
            end(self)


def come(guests: Guests, whence: str) -> Any:
    """
    Somebody connects.

    :returns: the stream; None: there is no room.
    """
    if not guests.hasRoomFor(whence):
        return None
    stream: Any = Stream()
    guests.entered(stream, whence)
    return stream


def test_theOldestOfOnePlaceMakesRoom() -> None:
    """
    Those who have not said who they are leave for newcomers from the same place, the oldest first; others stay.
    """
    guests = Guests(Settings(maxHalfOpenPerAddress=2))
    other = come(guests, "b")
    first, second, third = (come(guests, "a") for _ in range(3))

    assert ["", "resource-constraint", "", ""] == [each.dismissed for each in (other, first, second, third)]


def test_theOldestOfAllMakesRoom() -> None:
    """
    When there are too many of them from everywhere, the oldest of all leaves.
    """
    guests = Guests(Settings(maxHalfOpen=2))
    first, second, third = (come(guests, whence) for whence in "abc")

    assert ["resource-constraint", "", ""] == [each.dismissed for each in (first, second, third)]


def test_whoHasSaidWhoItIsStays() -> None:
    """
    Who is authenticated makes room for nobody.
    """
    guests = Guests(Settings(maxHalfOpenPerAddress=1))
    first = come(guests, "a")
    guests.settled(first)
    second, third = come(guests, "a"), come(guests, "a")

    assert ["", "resource-constraint", ""] == [each.dismissed for each in (first, second, third)]


def test_onePlaceDoesNotTakeAllPlaces() -> None:
    """
    One address may have so many streams, whatever they are; others still get in.
    """
    guests = Guests(Settings(maxStreamsPerAddress=2))
    mine = [come(guests, "a") for _ in range(3)]

    assert None is mine[2]
    assert None is not come(guests, "b")


def test_placesBecomeFree(logEvents: list[Any]) -> None:
    """
    When all places are taken newcomers are refused, which the operator is told once; whoever leaves frees a place.
    """
    guests = Guests(Settings(maxStreams=4))
    streams = [come(guests, "a") for _ in range(4)]
    refused = [come(guests, "a"), come(guests, "b")]
    told = len([event for event in logEvents if "too many" in event.get("log_format", "")])
    streams[0].end()

    assert ([None, None], 1) == (refused, told)
    assert None is not come(guests, "a")
    assert None is come(guests, "a")


def test_whoIsGoneIsForgotten() -> None:
    """
    Nothing is kept of streams that have ended, however they did.
    """
    guests = Guests(Settings(maxHalfOpenPerAddress=2))
    streams = [come(guests, "a") for _ in range(3)]
    guests.settled(streams[1])
    for stream in streams:
        stream.end()

    assert [0, 0, 0, 0] == [len(kept) for kept in (guests._all, guests._from, guests._halfOpen, guests._halfOpenFrom)]
