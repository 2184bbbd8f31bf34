"""
Deadlines of many requests.
"""

from pushsvc.httpclient.http2.asking import Asking
from pushsvc.httpclient.http2.deadlines import EACH_SECOND, Deadlines


def askings(count):
    return [Asking([], b"") for _ in range(count)]


def test_notTooEarlyAndHardlyTooLate(clock):
    """
    A request is never late too early, and late by a sixteenth of a second at most.
    """
    late = []
    deadlines = Deadlines(clock, lambda asking: late.append((clock.seconds(), asking.deadline)))
    for n, asking in enumerate(askings(50)):
        asking.deadline = clock.seconds() + n / 37
        deadlines.add(asking, n / 37)

    for _ in range(200):
        clock.advance(0.01)

    assert 50 == len(late)
    assert all(-1e-9 < when - due < 1 / EACH_SECOND + 0.01 for when, due in late)
    assert [] == clock.getDelayedCalls()


def test_fewCalls(clock):
    """
    Requests that come together share one call; when all of them have ended there is none.
    """
    deadlines, many = Deadlines(clock, lambda asking: None), askings(1000)
    for asking in many:
        deadlines.add(asking, 10.0)
    assert 1 == len(clock.getDelayedCalls())

    for asking in many:
        asking.forget()

    assert [] == clock.getDelayedCalls()


def test_whatEndsWhileOthersAreLate(clock):
    """
    A request that ends because of another one's lateness is not late.
    """
    first, second = askings(2)
    late = []

    def isLate(asking):
        late.append(asking)
        second.forget()

    deadlines = Deadlines(clock, isLate)
    for asking in (first, second):
        deadlines.add(asking, 1.0)

    clock.advance(1.0)

    assert [first] == late
