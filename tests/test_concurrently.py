"""
Several coroutines at once.
"""

import pytest
from twisted.internet.defer import Deferred, ensureDeferred

from pushsvc.concurrently import atOnce
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
