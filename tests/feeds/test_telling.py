"""
Events on their way to the publisher.
"""

import pytest
from twisted.internet.defer import Deferred, ensureDeferred
from wokkel.generic import parseXml

from pushsvc.errors import TryLater
from pushsvc.event import Event, Occasion
from pushsvc.feeds import ejabberd, forwarded, telling
from pushsvc.feeds.telling import AGAIN, ATTEMPTS, Telling
from pushsvc.publisher.service import PublisherService

JULIET, ROMEO = "juliet@example.org", "romeo@example.org"


class Publisher:
    """
    Takes what it may, and remembers the order.
    """

    def __init__(self):
        self.heard = []
        self.trouble = {}
        self.holding = None

    async def happened(self, event):
        if self.holding is not None:
            await self.holding
        if self.trouble.get(event.account):
            raise self.trouble[event.account].pop()
        self.heard.append(event)


@pytest.fixture
def publisher():
    return Publisher()


@pytest.fixture
def tell(publisher, clock):
    return Telling(publisher, clock)


def events(account=JULIET):
    return [Event(occasion, account) for occasion in (Occasion.OFFLINE, Occasion.QUEUED, Occasion.RESUMED)]


def test_told(tell, publisher):
    """
    What happens is told, in its order, and nothing of it stays.
    """
    for event in events():
        tell.tell(event)

    assert events() == publisher.heard
    assert not tell.underWay


def test_theStorageRests(tell, publisher, clock):
    """
    What cannot be taken now is told again; what happens to the same account meanwhile comes after it, and nobody else
    waits.
    """
    publisher.trouble[JULIET] = [TryLater()]
    for event in (*events(), *events(ROMEO)):
        tell.tell(event)

    assert events(ROMEO) == publisher.heard
    clock.advance(AGAIN)
    assert events(ROMEO) + events() == publisher.heard
    assert not tell.underWay and not tell._held and not clock.getDelayedCalls()


def test_severalCannotBeTaken(tell, publisher, clock):
    """
    Several that cannot be taken keep their order.
    """
    publisher.holding = Deferred()
    publisher.trouble[JULIET] = [TryLater(), TryLater()]
    first, second, third = events()
    tell.tell(first)
    tell.tell(second)
    holding, publisher.holding = publisher.holding, None
    holding.callback(None)
    tell.tell(third)

    for _ in range(3):
        clock.advance(AGAIN)

    assert [first, second, third] == publisher.heard
    assert not tell.underWay and not tell._held


def test_theStorageRestsForLong(tell, publisher, clock, logEvents):
    """
    There is an end to trying, and the operator is told; what comes then is told.
    """
    publisher.trouble[JULIET] = [TryLater() for _ in range(ATTEMPTS)]
    first, second, _ = events()
    tell.tell(first)
    tell.tell(second)

    for _ in range(ATTEMPTS):
        clock.advance(AGAIN)

    assert [second] == publisher.heard
    assert [1] == [event["lost"] for event in logEvents if "lost" in event]


def test_tooMuch(tell, publisher, monkeypatch, logEvents):
    """
    There is an end to what may wait; the operator is told, though not of each.
    """
    monkeypatch.setattr(telling, "MOST", 2)
    publisher.holding = Deferred()

    for _ in range(5):
        tell.tell(Event(Occasion.PING, JULIET))

    assert 2 == len(tell.underWay)
    assert [1, 2] == [event["lost"] for event in logEvents if "lost" in event]


def test_bugs(tell, publisher, loggedFailures):
    """
    A bug is logged, without anybody's name, and what comes next is told.
    """
    publisher.trouble[JULIET] = [ZeroDivisionError(JULIET)]
    for event in events():
        tell.tell(event)

    assert events()[1:] == publisher.heard
    (failure,) = loggedFailures
    assert JULIET not in failure.getTraceback()
    loggedFailures.clear()


def test_finish(tell, publisher, clock):
    """
    Whoever stops waits for what is under way, but not for ever.
    """
    publisher.holding = Deferred()
    tell.tell(Event(Occasion.PING, JULIET))
    finishing = ensureDeferred(tell.finish(5))
    assert not finishing.called

    clock.advance(5)

    assert finishing.called


def test_whatIsLostAtTheEnd(tell, publisher, clock, logEvents):
    """
    Of what could not be told before we stopped the operator hears, and of what cannot be told then.
    """
    publisher.trouble[JULIET] = [TryLater() for _ in range(9)]
    for event in events():
        tell.tell(event)

    finishing = ensureDeferred(tell.finish(AGAIN - 1))
    tell.tell(Event(Occasion.PING, ROMEO))
    clock.advance(AGAIN)
    publisher.trouble[ROMEO] = [TryLater()]
    tell.tell(Event(Occasion.READ, ROMEO))

    assert finishing.called
    assert [Occasion.PING] == [event.occasion for event in publisher.heard]
    assert [1, 2, 4] == [event["lost"] for event in logEvents if "lost" in event]
    assert not tell.underWay and not tell._held and not clock.getDelayedCalls()


@pytest.mark.parametrize("kind", [forwarded, ejabberd])
def test_feedsFinish(publisher, clock, kind):
    """
    A feed of stanzas is stopped with the publisher, and waits for what it has heard.
    """
    publisher.holding = Deferred()
    feed = kind.makeFeed(kind.Options(kind="x"), publisher, clock)
    service = PublisherService(Publishing(), None, [feed], clock, False, None, 0.0)
    service.startService()
    assert feed.heard(
        parseXml(
            b"<message from='example.org'>"
            b"<event xmlns='pushsvc:events:0' occasion='ping' account='juliet@example.org'/></message>"
        )
    )

    stopping = service.stopService()
    assert not stopping.called
    publisher.holding.callback(None)

    assert stopping.called
    assert [Event(Occasion.PING, JULIET)] == publisher.heard


class Publishing:
    """
    A publisher that has nothing left to tell.
    """

    def finish(self):
        return []
