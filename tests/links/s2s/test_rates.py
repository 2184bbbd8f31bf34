"""
How often something may happen, and who is not asked again for a while.
"""

from twisted.internet.task import Clock

from pushsvc.links.s2s.rates import Bucket, Buckets
from pushsvc.links.s2s.silences import Silences


def test_aBurstAndThenARate(clock: Clock) -> None:
    """
    So many at once, then so many a second, and never more at once than that.
    """
    bucket = Bucket(clock, 2, 3)

    atOnce = [bucket.take() for _ in range(5)]
    clock.advance(1)
    later = [bucket.take() for _ in range(4)]
    clock.advance(1000)
    muchLater = [bucket.take() for _ in range(5)]

    assert [True, True, True, False, False] == atOnce
    assert [True, True, False, False] == later
    assert [True, True, True, False, False] == muchLater


def test_everyPlaceHasItsOwn(clock: Clock) -> None:
    """
    One place does not use up what another may, and only the latest places are remembered.
    """
    buckets = Buckets(clock, 1, 1, maxPlaces=2)

    assert [True, False, True, False] == [buckets.take(each) for each in "aabb"]
    assert [True, False, True] == [buckets.take(each) for each in "cba"]
    assert 2 == len(buckets._all)


def test_aClockThatIsSetBackCostsNobodyAnything(clock: Clock) -> None:
    """
    Whatever may happen so many times a second may when the clock was set back by an hour, and who was not to be asked
    for a moment may be asked.
    """
    bucket, silences = Bucket(clock, 2, 3), Silences(clock)
    clock.advance(1)
    silences.failed("a", "remote-server-timeout")
    first = bucket.take()
    clock.rightNow -= 3600

    assert [True, True, True, False] == [first, *(bucket.take() for _ in range(3))]
    assert silences.condition("a") is None
    clock.advance(1)
    assert [True, True, False] == [bucket.take() for _ in range(3)]


def test_silenceIsRememberedForAWhile(clock: Clock) -> None:
    """
    Who could not be asked is not asked for a moment, longer with each time, but never for long; an answer ends that.
    """
    silences = Silences(clock)
    delays = []
    for _ in range(8):
        silences.failed("a", "remote-server-timeout")
        since = clock.seconds()
        while silences.condition("a") is not None:
            clock.advance(0.5)
        delays.append(clock.seconds() - since)
    silences.failed("a", "remote-server-timeout")
    known = silences.condition("a")
    silences.answered("a")

    assert [1, 2, 4, 8, 16, 30, 30, 30] == delays
    assert ("remote-server-timeout", None, None) == (known, silences.condition("a"), silences.condition("b"))


def test_onlySoManySilencesAreRemembered(clock: Clock) -> None:
    """
    Names cost nothing: the latest are remembered.
    """
    silences = Silences(clock, maxDomains=2)
    for domain in "abc":
        silences.failed(domain, "x")

    assert [None, "x", "x"] == [silences.condition(domain) for domain in "abc"]
    assert 2 == len(silences)
