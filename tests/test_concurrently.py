"""
Several coroutines at once.
"""

import asyncio
import gc
import weakref

import pytest
from twisted.internet.defer import Deferred, ensureDeferred, succeed
from twisted.internet.task import Clock

from pushsvc.concurrently import Errands, atOnce
from tests.support import resultOf


async def after(awaited, answer=None):
    outcome = await awaited
    return outcome if answer is None else answer


@pytest.mark.parametrize("count", [0, 1, 3])
def test_answers(count):
    """
    What they come to is told in their order, whoever comes to an end first; they were all begun before.
    """
    waiting = [Deferred() for _ in range(count)]
    doing = ensureDeferred(atOnce(after(each) for each in waiting))

    for number, each in reversed(list(enumerate(waiting))):
        assert not doing.called
        each.callback(number)

    assert list(range(count)) == resultOf(doing)


@pytest.mark.parametrize("count", [1, 3])
def test_trouble(count):
    """
    The first trouble is told, when all have come to an end.
    """
    waiting = [Deferred() for _ in range(count)]
    doing = ensureDeferred(atOnce(after(each) for each in waiting))

    for number, each in enumerate(waiting):
        assert not doing.called
        each.errback(ZeroDivisionError(number))

    with pytest.raises(ZeroDivisionError, match="0"):
        resultOf(doing)


async def errand(waiting, done):
    for each in waiting:
        done.append(await each)


def test_errandsGoOnByThemselves():
    """
    An errand goes on whenever what it waits for has come, and there are as many as have not come to an end.
    """
    errands, done = Errands(Clock()), []
    waiting = [Deferred(), Deferred()]
    errands.run(errand(waiting, done))
    errands.run(errand([], done))
    assert 1 == len(errands)

    waiting[0].callback("one")
    assert ["one"] == done
    waiting[1].callback("two")

    assert ["one", "two"] == done
    assert 0 == len(errands)


def test_errandsThatFail(loggedFailures):
    """
    What goes wrong on an errand is logged without what was being worked on, and it has come to an end.
    """
    errands, waiting = Errands(Clock()), Deferred()
    errands.run(errand([waiting], []))

    waiting.errback(ZeroDivisionError("juliet@example.net"))

    assert 0 == len(errands)
    assert "ZeroDivisionError" in loggedFailures[0].getTraceback()
    assert "juliet" not in loggedFailures[0].getTraceback()
    loggedFailures.clear()


def test_errandsAreWaitedFor():
    """
    Who waits for all errands is told when the last has come to an end.
    """
    errands, waiting = Errands(Clock()), [Deferred(), Deferred()]
    resultOf(errands.finish(10))
    for each in waiting:
        errands.run(errand([each], []))
    finishing = ensureDeferred(errands.finish(10))

    waiting[1].callback(None)
    assert not finishing.called
    waiting[0].callback(None)

    resultOf(finishing)


def test_errandsAreNotWaitedForEver():
    """
    Nor is anybody kept waiting for longer than he wants; an errand that comes to an end later disturbs nobody.
    """
    clock, waiting = Clock(), Deferred()
    errands = Errands(clock)
    errands.run(errand([waiting], []))
    finishing = ensureDeferred(errands.finish(10))

    clock.advance(10)
    resultOf(finishing)
    waiting.callback(None)

    assert 0 == len(errands)
    assert [] == clock.getDelayedCalls()


def test_errandsOfWhichSeveralWaitForTheEnd():
    """
    Whoever waits for all errands is told, however many wait.
    """
    clock, waiting = Clock(), Deferred()
    errands = Errands(clock)
    errands.run(errand([waiting], []))
    finishing = [ensureDeferred(errands.finish(10)) for _ in range(2)]

    waiting.callback(None)

    for each in finishing:
        resultOf(each)
    assert [] == clock.getDelayedCalls()


@pytest.mark.parametrize("end", [SystemExit, asyncio.CancelledError, GeneratorExit])
@pytest.mark.parametrize("isLater", [False, True])
def test_errandsThatEndOddly(end, isLater, loggedFailures):
    """
    Whatever an errand ends with, it has come to an end, and whoever sent it or gave it what it waited for goes on.
    """

    async def odd(awaited):
        await awaited
        raise end

    errands, waiting = Errands(Clock()), Deferred()
    if not isLater:
        waiting.callback(None)
    errands.run(odd(waiting))
    if isLater:
        waiting.callback(None)
        resultOf(waiting)

    assert 0 == len(errands)
    assert [end.__name__] == [failure.getErrorMessage() for failure in loggedFailures]
    loggedFailures.clear()


class Foreign:
    """
    Something that another framework would wait for.
    """

    def __await__(self):
        yield self


@pytest.mark.parametrize("isMended", [False, True])
def test_errandsThatWaitForSomethingElse(isMended, loggedFailures):
    """
    An errand that waits for something that is no Deferred is told so, and nobody else is troubled by it.
    """
    done = []

    async def foreign():
        try:
            await Foreign()
        except TypeError as e:
            done.append(str(e))
            if not isMended:
                raise

    errands = Errands(Clock())
    errands.run(foreign())

    assert 0 == len(errands)
    assert ["only a Deferred can be awaited here"] == done
    assert ["TypeError"] * (not isMended) == [failure.getErrorMessage() for failure in loggedFailures]
    loggedFailures.clear()


def test_errandsThatDoNotWaitTakeNoRoom():
    """
    What has come already, be it put off or in thousands, is taken one after the other.
    """
    errands, done, held = Errands(Clock()), [], succeed(0)
    held.pause()
    errands.run(errand([held, *[succeed(1) for _ in range(10_000)]], done))
    assert 1 == len(errands)

    held.unpause()

    assert 10_000 == sum(done)
    assert 0 == len(errands)


def test_errandsThatAreDoneWithAreForgotten():
    """
    Nothing is kept of an errand that has come to an end, nor of what it failed with.
    """

    class Carried:
        pass

    async def carry(carried, awaited):
        try:
            await awaited
        except ZeroDivisionError:
            return

    errands, waiting, carried = Errands(Clock()), [Deferred(), Deferred()], Carried()
    gone = weakref.ref(carried)
    for each in waiting:
        errands.run(carry(carried, each))
    del carried

    waiting[0].callback(None)
    waiting[1].errback(ZeroDivisionError())
    gc.collect()

    assert gone() is None
