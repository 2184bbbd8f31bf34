"""
For how long anybody is waited for.
"""

import asyncio
import gc
import weakref
from contextlib import suppress

import pytest
from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.task import Clock

from pushsvc.concurrently import Errands
from pushsvc.delivery.patience import Patience
from tests.support import resultOf

SECONDS = 60


@pytest.fixture
def patience(clock: Clock) -> Patience:
    return Patience(clock, SECONDS)


async def within(patience, coroutine):
    return await patience.of(coroutine)


async def sumOf(awaited):
    return sum([await each for each in awaited])


def test_whoAnswersIsHeard(patience, clock):
    """
    What a coroutine comes to is told, however often it has to wait, and nothing of it is left.
    """
    waiting = [Deferred(), Deferred()]
    doing = ensureDeferred(within(patience, sumOf(waiting)))

    for each in waiting:
        clock.advance(SECONDS / 2 - 1)
        each.callback(1)

    assert 2 == resultOf(doing)
    assert [] == clock.getDelayedCalls()


def test_whoNeedNotWaitIsHeard(patience, clock):
    """
    What comes to an end at once is told at once.
    """
    assert 0 == resultOf(within(patience, sumOf([])))
    assert [] == clock.getDelayedCalls()


def test_troubleIsTold(patience, clock):
    """
    What a coroutine raises is raised, and what it waits for in vain it may make good.
    """

    async def makeGood(awaited):
        try:
            return await awaited
        except ZeroDivisionError:
            return "good"

    waiting = [Deferred(), Deferred()]
    raising = ensureDeferred(within(patience, sumOf(waiting[:1])))
    making = ensureDeferred(within(patience, makeGood(waiting[1])))
    for each in waiting:
        each.errback(ZeroDivisionError())

    with pytest.raises(ZeroDivisionError):
        resultOf(raising)
    assert "good" == resultOf(making)
    assert [] == clock.getDelayedCalls()


def test_silenceIsGivenUp(patience, clock):
    """
    Who takes longer learns that it is given up, each when its own time is over; a late answer disturbs nobody.
    """
    waiting = [Deferred() for _ in range(3)]
    doing = []
    for each in waiting:
        doing.append(ensureDeferred(within(patience, sumOf([each]))))
        clock.advance(10)
    assert 1 == len(clock.getDelayedCalls())

    clock.advance(SECONDS - 30)
    assert [True, False, False] == [each.called for each in doing]
    clock.advance(10)
    assert [True, True, False] == [each.called for each in doing]
    waiting[0].callback(1)
    waiting[2].callback(1)

    assert 1 == resultOf(doing[2])
    for each in doing[:2]:
        with pytest.raises(CancelledError):
            resultOf(each)
    assert [] == clock.getDelayedCalls()


def test_whoeverIsLedAwayByAnother(patience, clock):
    """
    When giving up one ends another, that one is left alone; and what begins then has all its time.
    """
    other, new = Deferred(), Deferred()
    begun = []

    def end(_):
        other.callback(1)
        begun.append(ensureDeferred(within(patience, sumOf([new]))))

    first = ensureDeferred(within(patience, sumOf([Deferred(end)])))
    second = ensureDeferred(within(patience, sumOf([other])))

    clock.advance(SECONDS)
    assert 1 == resultOf(second)
    with pytest.raises(CancelledError):
        resultOf(first)
    clock.advance(SECONDS - 1)
    assert not begun[0].called
    clock.advance(1)
    with pytest.raises(CancelledError):
        resultOf(begun[0])


def test_aClockThatIsPutBack(patience, clock):
    """
    Who began before the clock was put back keeps nobody waiting who began after that.
    """
    ensureDeferred(within(patience, sumOf([Deferred()])))
    clock.rightNow -= 3600

    late = ensureDeferred(within(patience, sumOf([Deferred()])))
    clock.advance(SECONDS)

    with pytest.raises(CancelledError):
        resultOf(late)


def test_whoGoesOnNevertheless(patience, clock):
    """
    Who is given up and waits for something else is given up again, when as long has passed again.
    """

    async def stubborn(awaited):
        for each in awaited:
            with suppress(CancelledError):
                await each
        return "gone on"

    doing = ensureDeferred(within(patience, stubborn([Deferred(), Deferred()])))

    clock.advance(SECONDS)
    assert not doing.called
    clock.advance(SECONDS - 1)
    assert not doing.called
    clock.advance(1)

    assert "gone on" == resultOf(doing)
    assert [] == clock.getDelayedCalls()


def test_whoCannotBeGivenUp(patience, clock, loggedFailures):
    """
    When there is trouble with giving up one, the others are given up all the same.
    """

    def refuse(_):
        raise ZeroDivisionError

    ensureDeferred(within(patience, sumOf([Deferred(refuse)])))
    other = ensureDeferred(within(patience, sumOf([Deferred()])))

    clock.advance(SECONDS)

    with pytest.raises(CancelledError):
        resultOf(other)
    assert ["ZeroDivisionError"] == [failure.getErrorMessage() for failure in loggedFailures]
    loggedFailures.clear()


def test_troubleOfAnotherFramework(patience, clock):
    """
    What a coroutine waits for may fail with what is no usual exception: the coroutine learns of it.
    """
    learned = []

    async def learn(awaited):
        try:
            await awaited
        except asyncio.CancelledError as e:
            learned.append(e)
            raise

    waiting = Deferred()
    doing = ensureDeferred(within(patience, learn(waiting)))
    waiting.errback(asyncio.CancelledError())

    assert 1 == len(learned)
    with pytest.raises(asyncio.CancelledError):
        resultOf(doing)
    assert [] == clock.getDelayedCalls()


def test_whoIsNotWaitedForEnds(patience, clock):
    """
    When nobody runs a coroutine any more, its end is its own, and no time runs for it.
    """
    ended = []

    async def tidy(awaited):
        try:
            await awaited
        finally:
            ended.append(True)

    doing = within(patience, tidy(Deferred()))
    doing.send(None)
    doing.close()
    del doing

    assert [True] == ended
    assert [] == clock.getDelayedCalls()


def test_manyAtOnce(patience, clock):
    """
    Of thousands, whoever answers is heard and whoever does not is given up, whenever they began.
    """
    waiting = [Deferred() for _ in range(2000)]
    doing = []
    for number, each in enumerate(waiting):
        doing.append(ensureDeferred(within(patience, sumOf([each]))))
        if number % 10 == 0:
            clock.advance(0.01)

    for each in waiting[::2]:
        each.callback(1)
    clock.advance(SECONDS)

    assert [1] * 1000 == [resultOf(each) for each in doing[::2]]
    for each in doing[1::2]:
        with pytest.raises(CancelledError):
            resultOf(each)
    assert [] == clock.getDelayedCalls()


def test_whatFailsIsForgotten(patience):
    """
    Of a coroutine that failed nothing is kept, not even until somebody collects what nobody needs.
    """

    class Carried:
        pass

    async def carry(carried, awaited):
        await awaited

    async def told(coroutine):
        with suppress(ZeroDivisionError):
            await patience.of(coroutine)

    carried, waiting, errands = Carried(), Deferred(), Errands(Clock())
    gone = weakref.ref(carried)
    gc.disable()
    try:
        errands.run(told(carry(carried, waiting)))
        del carried
        waiting.errback(ZeroDivisionError())

        assert gone() is None
    finally:
        gc.enable()


def test_aClockThatIsSetBack(patience, clock):
    """
    When the clock is set back by an hour, and what was delayed moves along, nobody is waited for any longer than twice
    as long from then on.
    """
    before, after = Deferred(), Deferred()
    doing = [ensureDeferred(within(patience, sumOf([before])))]
    clock.advance(SECONDS / 2)
    clock.rightNow -= 3600
    for call in clock.getDelayedCalls():
        call.delay(-3600)
    doing.append(ensureDeferred(within(patience, sumOf([after]))))

    for _ in range(4):
        clock.advance(SECONDS / 2)

    for each in doing:
        with pytest.raises(CancelledError):
            resultOf(each)
    assert [] == clock.getDelayedCalls()
