"""
How many may be in, and who has to leave.
"""

from collections.abc import Callable
from typing import Any

from pushsvc.links.s2s.guests import Guests
from pushsvc.links.s2s.ourselves import Settings


class Stream:
    """
    What is needed of one.
    """

    def __init__(self) -> None:
        self.secure = False
        self.usedAt = 0.0
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
    Who is authenticated makes no room for who is not, while there are others who can.
    """
    guests = Guests(Settings(maxHalfOpenPerAddress=1))
    first = come(guests, "a")
    guests.settled(first, "a.example")
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


def test_whereMostAreRoomIsMade() -> None:
    """
    Whoever comes from many places at once pushes out its own: of those who have not said who they are one of the place
    that has most leaves, however old the others are.
    """
    guests = Guests(Settings(maxHalfOpen=4))
    good = come(guests, "192.0.2.1")
    crowd = [come(guests, f"2001:db8:0:{number}::") for number in range(10)]

    assert "" == good.dismissed
    assert ["resource-constraint"] * 7 + [""] * 3 == [each.dismissed for each in crowd]


def test_networksAreLimitedToo() -> None:
    """
    Who has many networks of IPv6 has not that many times what one may have.
    """
    guests = Guests(Settings(maxHalfOpenPerAddress=2, maxStreamsPerAddress=5))
    crowd = [come(guests, f"2001:db8:0:{number}::") for number in range(6)]
    halfOpen = [each.dismissed for each in crowd]
    for number in range(20):
        stream = come(guests, f"2001:db8:0:{number}::")
        if stream is not None:
            guests.settled(stream, f"{number}.example")

    assert ["resource-constraint"] * 2 + [""] * 4 == halfOpen
    assert None is come(guests, "2001:db8:0:ffff::")
    assert None is not come(guests, "2001:db8:1::")


def test_whoSpeaksTLSStays() -> None:
    """
    Those who have got as far as TLS leave after those who have not.
    """
    guests = Guests(Settings(maxHalfOpen=3))
    first, second = come(guests, "a"), come(guests, "b")
    first.secure = True
    others = [come(guests, "c"), come(guests, "d")]

    assert ["", "resource-constraint", "", ""] == [each.dismissed for each in (first, second, *others)]


def test_oneDomainHasSoManyStreams() -> None:
    """
    A domain may have so many streams, wherever they come from; the newest win. With many hosts of ours it may have
    more.
    """
    guests, many = Guests(Settings(maxStreamsPerDomain=2)), Guests(Settings(maxStreamsPerDomain=2), hosts=2)
    streams, more = [], []
    for whence in "abcd":
        streams.append(come(guests, whence))
        guests.settled(streams[-1], "chat.example")
        guests.settled(streams[-1], "other.example")
        more.append(come(many, whence))
        many.settled(more[-1], "chat.example")

    assert ["resource-constraint", "resource-constraint", "", ""] == [each.dismissed for each in streams]
    assert ["", "", "", ""] == [each.dismissed for each in more]


def test_whoIsOfNoUseMakesRoom() -> None:
    """
    When all places are taken by who has said who it is, the one of whom nothing was heard for longest leaves, out of
    those from where most are.
    """
    guests = Guests(Settings(maxStreams=4))
    good = come(guests, "a")
    guests.settled(good, "good.example")
    crowd = [come(guests, "b") for _ in range(3)]
    for stream, usedAt in zip(crowd, (7, 5, 6), strict=True):
        guests.settled(stream, "evil.example")
        stream.usedAt = usedAt
    newcomer, another = come(guests, "c"), come(guests, "c")

    assert ["", "", "resource-constraint", ""] == [each.dismissed for each in (good, *crowd)]
    assert ["resource-constraint", ""] == [each.dismissed for each in (newcomer, another)]


def test_oneDomainDoesNotKeepOthersOut() -> None:
    """
    Nor does a domain that comes from everywhere: what it has is what is most.
    """
    guests = Guests(Settings(maxStreams=4))
    good = come(guests, "a")
    guests.settled(good, "good.example")
    crowd = [come(guests, whence) for whence in "bcd"]
    for stream in crowd:
        guests.settled(stream, "evil.example")
        stream.usedAt = 5
    come(guests, "e")

    assert ["", "resource-constraint", "", ""] == [each.dismissed for each in (good, *crowd)]


def test_thoseWhoLeaveAreCounted(logEvents: list[Any]) -> None:
    """
    Who was sent away and does not go takes a place as well, up to a point: then newcomers are refused, which the
    operator is told once; when they are gone there is room again.
    """
    guests = Guests(Settings(maxHalfOpen=2, maxStreams=3))
    streams = [come(guests, "a") for _ in range(9)]
    told = len([event for event in logEvents if "too many" in event.get("log_format", "")])
    for stream in filter(None, streams):
        stream.end()

    assert None in streams
    assert 1 == told
    assert None is not come(guests, "b")


def test_whoIsGoneIsForgotten() -> None:
    """
    Nothing is kept of streams that have ended, however they did.
    """
    guests = Guests(Settings(maxHalfOpenPerAddress=2))
    streams = [come(guests, "a") for _ in range(3)]
    guests.settled(streams[1], "a.example")
    for stream in streams:
        stream.end()

    by = guests._from, guests._within, guests._halfOpenFrom, guests._halfOpenWithin, guests._of
    assert [0] * 9 == [len(kept) for kept in (guests._all, guests._halfOpen, guests._domains, guests._leaving, *by)]
