"""
What the component link asks: each question has an end.
"""

import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import clientFromString
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.words.protocols.jabber.error import StanzaError
from twisted.words.protocols.jabber.jid import JID
from twisted.words.protocols.jabber.xmlstream import TimeoutError as NoAnswer
from twisted.words.protocols.jabber.xmlstream import toResponse
from twisted.words.xish.domish import Element
from wokkel.generic import Request

from pushsvc.errors import TryLater
from pushsvc.links.componentlink import ComponentLink
from tests.links.house import DOMAIN, LIMITS, House, message, reactor
from tests.links.peer import SECRET
from tests.support import resultOf


def ask(house: House) -> "Deferred[Element]":
    """
    A request to example.org.
    """
    answer: Deferred[Element] = house.handler.request(Request(JID("example.org")))
    return answer


@pytest_twisted.ensureDeferred
async def test_requestsAreAnswered(house: House) -> None:
    """
    A handler that asks gets the answer, which is nobody else's.
    """
    await house.attach()

    answer = ask(house)
    request = await house.server.received.get()
    house.server.send(toResponse(request, "result"))
    result = await answer

    assert request["id"] == result["id"]
    assert [] == house.handler.received.pending


@pytest_twisted.ensureDeferred
async def test_requestsAreRefused(house: House) -> None:
    """
    An error is an answer, too.
    """
    await house.attach()

    answer = ask(house)
    house.server.send(StanzaError("forbidden").toResponse(await house.server.received.get()))

    with pytest.raises(StanzaError, match="forbidden"):
        await answer


@pytest_twisted.ensureDeferred
async def test_othersCannotAnswer(house: House) -> None:
    """
    A stanza from somebody else with the right id is no answer.
    """
    await house.attach()

    answer = ask(house)
    response = toResponse(await house.server.received.get(), "result")
    response["from"] = "evil.example"
    house.server.send(response)

    await house.handler.received.get()
    assert not answer.called
    answer.addErrback(lambda reason: None)


@pytest_twisted.ensureDeferred
async def test_requestsTimeOut(house: House) -> None:
    """
    Who is not answered within a minute is told so.
    """
    await house.attach()

    answer = ask(house)
    house.clock.advance(60)

    with pytest.raises(NoAnswer):
        await answer


@pytest_twisted.ensureDeferred
async def test_whatNobodyWaitsForIsNotAsked(house: House) -> None:
    """
    A request that was given up before the server was there is not sent when it comes.
    """
    answer = ask(house)
    house.link.send(message("hello"))
    house.clock.advance(60)
    await house.attach()

    first = await house.server.received.get()

    assert "message" == first.name
    with pytest.raises(NoAnswer):
        await answer


@pytest_twisted.ensureDeferred
async def test_requestsEndWithTheirStream(house: House) -> None:
    """
    No answer comes by the next stream.
    """
    await house.attach()
    answer = ask(house)
    await house.server.received.get()

    house.server.stream.transport.loseConnection()

    with pytest.raises(ConnectionDone):
        await answer


def test_requestsThatCannotWaitFail(clock: Clock) -> None:
    """
    While the server is away only so many stanzas wait, and who asks one thing too many is told at once.
    """
    endpoint = clientFromString(reactor, "tcp:127.0.0.1:1")
    link = ComponentLink(DOMAIN, SECRET, endpoint, clock, LIMITS, 1)

    waiting = link.request(Request(JID("example.org")))
    refused = link.request(Request(JID("example.org")))

    assert not waiting.called
    with pytest.raises(TryLater):
        resultOf(refused)
    link.stopService()
    with pytest.raises(ConnectionDone):
        resultOf(waiting)
    assert [] == clock.getDelayedCalls()
