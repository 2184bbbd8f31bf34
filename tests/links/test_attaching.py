"""
The component link and its server: how it attaches, and comes back, and stops.
"""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
import pytest_twisted
from twisted.python.failure import Failure

from pushsvc.links.dialer import PATIENCE
from pushsvc.links.pacing import STALLED
from pushsvc.links.stream import CLOSING
from tests.links.house import House, clog, events, message, reactor, turns
from tests.links.peer import Recorder


@pytest_twisted.ensureDeferred
async def test_itComesBack(house: House, logEvents: list[Any]) -> None:
    """
    When the server restarts, the link attaches again, and what waited leaves in order.
    """
    await house.attach()
    await house.server.stop()
    await house.handler.lost.get()
    for text in ("one", "two", "three"):
        house.link.send(message(text))

    house.server.listen(reactor, house.port)
    house.clock.advance(1)

    assert ["one", "two", "three"] == [str((await house.server.received.get()).body) for _ in range(3)]
    await house.handler.initialized.get()
    assert ["made", "initialized", "lost", "made", "initialized"] == house.handler.told
    attached, lost, again = events(logEvents)
    assert ("push.example: attached to its server",) * 2 == (attached, again)
    assert lost.startswith("push.example: the connection to its server is lost: ")


@pytest_twisted.ensureDeferred
async def test_whatIsSaidToAStreamAtItsEndWaitsForTheNext(house: House) -> None:
    """
    While a stream is being closed nothing more is said on it, and nothing of what there is to say is lost.
    """
    await house.attach()

    house.link.xmlstream.finish()
    house.link.send(message("hello"))
    await house.handler.lost.get()
    house.clock.advance(1)
    await house.handler.initialized.get()
    house.link.send(message("and again"))

    assert "hello" == str((await house.server.received.get()).body)


@pytest_twisted.ensureDeferred
async def test_onlySoMuchWaits(house: House, logEvents: list[Any]) -> None:
    """
    While the server is away five stanzas wait, the sixth is dropped, and the operator is told once.
    """
    house.link = house.makeLink(maxWaiting=5)
    house.link.addHandlers([house.handler])
    for number in range(9):
        house.link.send(message(str(number)))

    await house.attach()

    assert list("01234") == [str((await house.server.received.get()).body) for _ in range(5)]
    assert [
        "push.example: too much waits for the server, stanzas are dropped",
        "push.example: attached to its server",
        "push.example: 4 stanzas were dropped",
    ] == events(logEvents)


@pytest_twisted.ensureDeferred
async def test_aWrongSecretIsNotHammeredWith(house: House, logEvents: list[Any]) -> None:
    """
    A server that refuses the secret is asked after 1, 2, 4 … seconds; the operator is told once, and not the secret.
    """
    house.link = house.makeLink(secret="guess")
    house.link.addHandlers([recorder := Recorder()])
    house.link.startService()

    for pause in (1, 2, 4, 8):
        await recorder.lost.get()
        attempts = house.server.attempts
        house.clock.advance(pause - 0.5)
        await turns()
        assert attempts == house.server.attempts
        house.clock.advance(0.5)
    await recorder.lost.get()

    assert 5 == house.server.attempts
    refused = "push.example: its server does not take us: not-authorized: its secret for us is not the one that we have"
    assert [refused] == events(logEvents)
    assert "guess" not in str(logEvents)


@pytest.mark.parametrize("condition", ["host-unknown", "conflict"])
@pytest_twisted.ensureDeferred
async def test_refusalsNameTheirReason(house: House, logEvents: list[Any], condition: str) -> None:
    """
    The operator is told why the server does not take us.
    """
    house.server.refusal = condition
    house.link.startService()

    await house.handler.lost.get()

    assert [f"push.example: its server does not take us: {condition}"] == events(logEvents)


@pytest_twisted.ensureDeferred
async def test_whoeverHasOurPlaceKeepsItForAMinute(house: House) -> None:
    """
    Two processes that are the same component do not push each other out every second.
    """
    await house.attach()
    house.server.send("<stream:error><conflict xmlns='urn:ietf:params:xml:ns:xmpp-streams'/></stream:error>")
    await house.handler.lost.get()

    house.clock.advance(59)
    await turns()
    assert 1 == house.server.attempts
    house.clock.advance(1)

    await house.handler.initialized.get()


@pytest_twisted.ensureDeferred
async def test_silentServersAreLeft(house: House, logEvents: list[Any]) -> None:
    """
    A server that takes the connection and says nothing has half a minute.
    """
    await house.server.stop()
    silent = socket.create_server(("127.0.0.1", house.port))
    try:
        house.link.startService()
        while house.handler.told != ["made"]:
            await turns(1)

        house.clock.advance(PATIENCE)
        await house.handler.lost.get()
    finally:
        silent.close()

    assert ["push.example: its server does not take us: no handshake in time"] == events(logEvents)


@pytest_twisted.ensureDeferred
async def test_unreachableServersAreMentionedOnce(house: House, logEvents: list[Any]) -> None:
    """
    A server that is not there is looked for again and again, and mentioned once.
    """
    await house.server.stop()
    house.link.startService()
    for _ in range(3):
        # Refused at once or not, at last only the next attempt waits, and that for less than an attempt may take.
        while house.clock.getDelayedCalls()[0].getTime() >= house.clock.seconds() + PATIENCE:
            await turns(1)
        house.clock.advance(8)

    assert 1 == len(events(logEvents))
    assert events(logEvents)[0].startswith("push.example: its server cannot be reached: ")


@pytest_twisted.ensureDeferred
async def test_whoDoesNotReadIsNotReadAndThenLeft(house: House) -> None:
    """
    When the server does not read, the link neither reads nor piles up; after half a minute it gives the server up.
    """
    await house.attach()
    house.server.stream.transport.pauseProducing()
    await clog(house.link)

    house.server.send("<message from='example.org' to='push.example'/>")
    await turns(10)
    assert [] == house.handler.received.pending

    house.clock.advance(STALLED)

    await house.handler.lost.get()


@pytest_twisted.ensureDeferred
async def test_whoReadsAgainGetsWhatWaited(house: House) -> None:
    """
    When the server reads again, everything it missed arrives in order.
    """
    await house.attach()
    house.server.stream.transport.pauseProducing()
    sent = await clog(house.link)

    house.server.stream.transport.resumeProducing()

    numbers = [int(str((await house.server.received.get()).body).split()[0]) for _ in range(sent)]
    assert list(range(sent)) == numbers


@pytest_twisted.ensureDeferred
async def test_brokenHandlersDoNotEndTheLink(house: House, loggedFailures: list[Failure]) -> None:
    """
    A handler that fails when the stream comes or goes costs nobody else anything.
    """

    class Broken(Recorder):
        def connectionInitialized(self) -> None:
            raise RuntimeError("initialized")

        def connectionLost(self, reason: Any) -> None:
            raise RuntimeError("lost")

    house.link = house.makeLink()
    house.link.addHandlers([Broken(), recorder := Recorder()])
    house.link.startService()
    await recorder.initialized.get()

    house.server.stream.transport.abortConnection()
    await recorder.lost.get()
    house.clock.advance(1)

    await recorder.initialized.get()
    assert {"RuntimeError"} == {str(failure.value) for failure in loggedFailures}
    assert {"connectionInitialized", "connectionLost"} == {failure.frames[-1][0] for failure in loggedFailures}
    loggedFailures.clear()
    house.link.handlers = []


@pytest.fixture
def ended(house: House) -> Iterator[list[str]]:
    """
    What the server heard when the stream ended.
    """
    heard: list[str] = []
    house.server.attached.get().addCallback(
        lambda stream: setattr(stream, "rawDataInFn", lambda data: heard.append(data.decode()))
    )
    yield heard


@pytest_twisted.ensureDeferred
async def test_stoppingLetsEverythingLeave(house: House, ended: list[str], logEvents: list[Any]) -> None:
    """
    What was sent before the link stops arrives, then the stream is closed, and nothing comes after.
    """
    house.link.startService()
    await house.handler.initialized.get()
    for number in range(50):
        house.link.send(message(f"{number} " + "x" * 10_000))
    assert house.link.xmlstream.congested

    await house.link.stopService()

    assert list(range(50)) == [int(str((await house.server.received.get()).body).split()[0]) for _ in range(50)]
    assert "".join(ended).endswith("</message></stream:stream>")
    assert "lost" == house.handler.told[-1]
    house.clock.advance(100)
    await turns()
    assert 1 == house.server.attempts
    assert ["push.example: attached to its server"] == events(logEvents)


@pytest_twisted.ensureDeferred
async def test_stoppingDoesNotWaitForEver(house: House) -> None:
    """
    A server that does not close its side cannot keep us.
    """
    await house.attach()
    house.server.stream.transport.pauseProducing()

    stopping = house.link.stopService()
    await turns(10)
    assert not stopping.called
    house.clock.advance(CLOSING)

    await stopping


@pytest_twisted.ensureDeferred
async def test_whatComesWhileItStopsIsNobodys(house: House) -> None:
    """
    Nobody is handed what is said while the link stops: the answer could not be sent, and whoever asks again is heard.
    """
    await house.attach()

    stopping = house.link.stopService()
    house.server.send("<message from='example.org' to='push.example'/>")
    await stopping

    assert [] == house.handler.received.pending


@pytest_twisted.ensureDeferred
async def test_stoppingAndStartingAgain(house: House) -> None:
    """
    A link that was stopped can be started again.
    """
    await house.attach()
    await house.link.stopService()

    await house.attach()

    house.link.send(message("again"))
    assert "again" == str((await house.server.received.get()).body)


@pytest_twisted.ensureDeferred
async def test_stoppingBeforeItIsAttached(house: House) -> None:
    """
    A link can be stopped while it connects.
    """
    house.link.startService()

    await house.link.stopService()

    await turns()
    assert 0 == len(house.server.attached.pending)
