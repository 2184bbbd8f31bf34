"""
Requests that are being answered when the service stops.
"""

from twisted.internet.defer import Deferred, ensureDeferred, succeed

from pushsvc.xmpp.ongoing import Ongoing
from tests.support import resultOf
from tests.xmpp.test_publish import errorOf, publishing


async def waiting(what):
    await what


def test_aStopWaitsForAnswers(clock):
    """
    A clean stop waits until those who have asked have their answers.
    """
    ongoing, answers = Ongoing(clock), [Deferred(), Deferred()]
    for answer in answers:
        ongoing.run(waiting(answer))
    finished = ensureDeferred(ongoing.finish(5))

    answers[0].callback(None)
    assert not finished.called
    answers[1].callback(None)

    resultOf(finished)
    assert 0 == len(ongoing)


def test_aStopDoesNotWaitForEver(clock):
    """
    A request that takes too long does not keep the service from stopping, and may still end after that.
    """
    ongoing, answer = Ongoing(clock), Deferred()
    ongoing.run(waiting(answer))
    finished = ensureDeferred(ongoing.finish(5))

    clock.advance(5)

    resultOf(finished)
    answer.callback(None)
    assert 0 == len(ongoing)


def test_answersGoOnWithWhatTheyWaitFor(clock):
    """
    What an answer waits for comes to it, be it a result or a failure, now or later.
    """
    ongoing, first, second, heard = Ongoing(clock), Deferred(), Deferred(), []

    async def answering():
        heard.append(await succeed("at once"))
        heard.append(await first)
        try:
            await second
        except KeyError as e:
            heard.append(e.args)

    ongoing.run(answering())
    first.callback("later")
    second.errback(KeyError("failed"))

    assert ["at once", "later", ("failed",)] == heard
    assert 0 == len(ongoing)


def test_answersThatFailAreToldOf(clock, loggedFailures):
    """
    An answer that cannot even be sent is a bug, is logged, and is over.
    """
    ongoing, answer = Ongoing(clock), Deferred()
    ongoing.run(waiting(answer))

    answer.errback(ZeroDivisionError())

    assert 1 == len(loggedFailures)
    loggedFailures.clear()
    assert 0 == len(ongoing)


def test_whoAsksDuringAStopIsToldToTryLater(player, ongoing, published):
    """
    A publish that comes while the service stops is answered with wait, and not taken.
    """
    resultOf(ongoing.finish(5))

    assert ("wait", "internal-server-error") == errorOf(player.ask(publishing()))
    assert [] == published
