"""
Requests that are being answered when the service stops.
"""

from twisted.internet.defer import Deferred, ensureDeferred

from pushsvc.xmpp.ongoing import Ongoing
from tests.support import resultOf
from tests.xmpp.test_publish import errorOf, publishing


def test_aStopWaitsForAnswers(clock):
    """
    A clean stop waits until those who have asked have their answers.
    """
    ongoing, answer = Ongoing(clock), Deferred()
    ongoing.add(answer)
    finished = ensureDeferred(ongoing.finish(5))
    assert not finished.called

    answer.callback(None)

    resultOf(finished)


def test_aStopDoesNotWaitForEver(clock):
    """
    A request that takes too long does not keep the service from stopping.
    """
    ongoing = Ongoing(clock)
    ongoing.add(Deferred())
    finished = ensureDeferred(ongoing.finish(5))

    clock.advance(5)

    resultOf(finished)


def test_whoAsksDuringAStopIsToldToTryLater(player, ongoing, published):
    """
    A publish that comes while the service stops is answered with wait, and not taken.
    """
    resultOf(ongoing.finish(5))

    assert ("wait", "internal-server-error") == errorOf(player.ask(publishing()))
    assert [] == published
