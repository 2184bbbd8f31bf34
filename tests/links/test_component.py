"""
The component link, against a server on this machine.
"""

import socket
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as theReactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, clientFromString
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock, deferLater
from twisted.python.failure import Failure
from twisted.words.protocols.jabber.error import StanzaError
from twisted.words.protocols.jabber.jid import JID
from twisted.words.protocols.jabber.xmlstream import TimeoutError as NoAnswer
from twisted.words.protocols.jabber.xmlstream import toResponse
from twisted.words.xish.domish import Element
from wokkel.generic import FallbackHandler, Request
from zope.interface.verify import verifyObject

from pushsvc import kinds
from pushsvc.config import ConfigurationError, build
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import ILink
from pushsvc.links import component
from pushsvc.links.componentlink import ComponentLink
from pushsvc.links.dialer import PATIENCE
from pushsvc.links.limits import Limits
from pushsvc.links.pacing import STALLED
from pushsvc.links.stream import CLOSING
from tests.links.peer import SECRET, ComponentServer, Recorder
from tests.support import resultOf

reactor: Any = theReactor

DOMAIN = "push.example"
LIMITS = Limits(size=262_144, elements=4_000, tag=1_048_576, skips=True)


class House:
    """
    A server, a link to it that is not started yet, and a handler.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.server = ComponentServer()
        self.port = self.server.listen(reactor)
        self.handler = Recorder()
        self.link = self.makeLink()
        self.link.addHandlers([self.handler])

    def makeLink(self, secret: str = SECRET, maxWaiting: int = 100) -> ComponentLink:
        """
        A link to the server.
        """
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.port)
        return ComponentLink(DOMAIN, secret, endpoint, self.clock, LIMITS, maxWaiting, lambda: 1.0)

    async def attach(self) -> None:
        """
        Start the link, and wait until it is ready.
        """
        self.link.startService()
        await self.server.attached.get()
        await self.handler.initialized.get()


@pytest_twisted.async_yield_fixture
async def house(clock: Clock) -> AsyncIterator[House]:
    """
    Clean when it begins, and when it ends.
    """
    house = House(clock)
    yield house
    stopping = house.link.stopService()
    await house.server.stop()
    await stopping
    assert [] == clock.getDelayedCalls()


def message(text: str) -> Element:
    """
    A message from us.
    """
    stanza = Element((None, "message"))
    stanza["to"] = "example.org"
    stanza.addElement("body", content=text)
    return stanza


def events(logged: list[Any]) -> list[str]:
    """
    What the link told the operator.
    """
    ours = [event for event in logged if event.get("log_namespace", "").startswith("pushsvc")]
    return [event["log_format"].format(**event) for event in ours]


async def clog(link: ComponentLink) -> int:
    """
    Send until it is certain that the server, which does not read, will not take more: there is always a little room
    left between us, but not for this much.

    :returns: how many messages were sent; each begins with its number.
    """
    sent = waiting = 0
    while waiting < 50:
        waiting = waiting + 1 if link.xmlstream.congested else 0
        link.send(message(f"{sent} " + "x" * 100_000))
        sent += 1
        assert sent < 1_000
        await turns(1)
    return sent


async def turns(count: int = 3) -> None:
    """
    Let the reactor do what it can do at once.
    """
    for _ in range(count):
        await deferLater(reactor, 0)


# What the configuration says


def options(**table: Any) -> component.Options:
    """
    ``[[links]]`` with these keys besides the usual.
    """
    usual = {"kind": "component", "endpoint": "tcp:127.0.0.1:5347", "domain": DOMAIN}
    return build(component.Options, {**usual, **table}, "links[0]")


def test_itIsALink() -> None:
    """
    ``kind = "component"`` is a link of its domain, and of no other.
    """
    link = component.makeLink(options(secret=SECRET), [DOMAIN], reactor)

    verifyObject(ILink, link)
    assert component is kinds.load("links", "component")
    assert ["component"] == [name for name in kinds.names("links") if name == "component"]
    assert (True, False) == (link.serves(DOMAIN), link.serves("sub." + DOMAIN))


def test_secretsAreReadFromFiles(tmp_path: Path) -> None:
    """
    The secret may stand in a file of its own, and is shown nowhere.
    """
    (tmp_path / "secret").write_text(SECRET + "\n")

    fromFile = options(**{"secret-file": str(tmp_path / "secret")})

    assert component.makeLink(fromFile, [DOMAIN], reactor)
    assert SECRET not in repr(fromFile) + repr(options(secret=SECRET))


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({}, "secret-file .* is missing"),
        ({"secret": SECRET, "domain": "user@push.example"}, "not a domain"),
        ({"secret": SECRET, "domain": "@"}, "not a domain"),
        ({"secret": SECRET, "domain": "other.example"}, r'\[hosts."other.example"\] is missing'),
        ({"secret": SECRET, "endpoint": "carrier-pigeon:5347"}, "carrier-pigeon"),
    ],
)
def test_whatCannotWorkIsSaidAtOnce(table: dict[str, Any], complaint: str) -> None:
    """
    Options that cannot work are found before anything starts.
    """
    with pytest.raises(ConfigurationError, match=complaint) as refusal:
        component.makeLink(options(**table), [DOMAIN], reactor)

    assert SECRET not in str(refusal.value)


# Stanzas


@pytest_twisted.ensureDeferred
async def test_stanzasReachHandlersAndAnswersLeave(house: House) -> None:
    """
    What the server sends reaches every handler, and what they answer reaches the server.
    """
    other = Recorder("/iq")
    house.link.addHandlers([other])
    await house.attach()

    house.server.send("<iq type='get' id='1' from='a@example.org/b' to='push.example'><x xmlns='y'/></iq>")
    request = await house.handler.received.get()
    assert request is await other.received.get()
    house.handler.send(toResponse(request, "result"))

    answer = await house.server.received.get()
    assert ("result", "1", "push.example", "a@example.org/b") == tuple(
        answer[name] for name in ("type", "id", "from", "to")
    )


@pytest_twisted.ensureDeferred
async def test_stanzasInPiecesOfOneByte(house: House) -> None:
    """
    It does not matter how the network cuts what the server sends.
    """
    await house.attach()

    for byte in "<message from='example.org' to='push.example'><body>ü</body></message>".encode():
        house.server.stream.transport.write(bytes([byte]))
        await turns(1)

    assert "ü" == str((await house.handler.received.get()).body)


@pytest_twisted.ensureDeferred
async def test_stanzasSayWhereTheyComeFrom(house: House) -> None:
    """
    What does not say whom it is from is from the domain of the link.
    """
    await house.attach()

    house.link.send(message("hello"))

    assert DOMAIN == (await house.server.received.get())["from"]


@pytest_twisted.ensureDeferred
async def test_stanzasForOthersAreNotHandedOn(house: House) -> None:
    """
    A link takes what is for its own domain, however that is spelled, and nothing else.
    """
    await house.attach()

    house.server.send("<message from='example.org'/>")
    for to in ("other.example", "evil.push.example", "", "@", "a..b", "PUSH.example/1", "a@push.example"):
        house.server.send(f"<message from='example.org' to='{to}'/>")

    assert "PUSH.example/1" == (await house.handler.received.get())["to"]
    assert "a@push.example" == (await house.handler.received.get())["to"]


@pytest_twisted.ensureDeferred
async def test_theGateIsAsked(house: House) -> None:
    """
    A stanza that the gate answers reaches no handler.
    """
    refused = message("refused")
    refused["from"] = DOMAIN
    house.link.gate = lambda stanza: refused if stanza.getAttribute("id") == "1" else None
    await house.attach()

    house.server.send("<message id='1' from='example.org' to='push.example'/>")
    house.server.send("<message id='2' from='example.org' to='push.example'/>")

    assert "refused" == str((await house.server.received.get()).body)
    assert "2" == (await house.handler.received.get())["id"]


@pytest_twisted.ensureDeferred
async def test_stanzasFromNowhereAreDropped(house: House) -> None:
    """
    What cannot be answered reaches no handler, whatever it is.
    """
    await house.attach()

    for sender in ("", "@", "example.org"):
        house.server.send(f"<message from='{sender}' to='push.example'/>")

    assert "example.org" == (await house.handler.received.get())["from"]


@pytest_twisted.ensureDeferred
async def test_theServerHearsOnlyOurDomain(house: House) -> None:
    """
    No answer is from a domain that is not ours: the server would hang up on us.
    """
    await house.attach()

    for to in ("@other.example", "@push.example"):
        house.server.send(f"<iq type='get' id='1' from='example.org' to='{to}'><ping xmlns='urn:xmpp:ping'/></iq>")

    answer = await house.server.received.get()
    assert ("push.example", "error") == (answer["from"], answer["type"])
    assert [] == house.server.received.pending


@pytest_twisted.ensureDeferred
async def test_aChildNamedHandled(house: House) -> None:
    """
    An IQ with a child element named ``handled`` is still nobody's, and gets an answer.
    """
    house.link.addHandlers([FallbackHandler()])
    await house.attach()

    house.server.send("<iq type='get' id='1' from='example.org' to='push.example'><handled xmlns='x'/></iq>")

    assert "service-unavailable" in (await house.server.received.get()).toXml()


@pytest_twisted.ensureDeferred
async def test_W9_strangersCannotEndTheLink(house: House) -> None:
    """
    W-9: A stanza that is too large, which anybody can have the server pass on, is refused; the link stays.
    """
    await house.attach()

    for content in ("x" * 300_000, "<a>" * 100 + "</a>" * 100, "<a/>" * 5_000, "<a xmlns='b c'/>"):
        house.server.send(f"<iq type='set' id='1' from='a@example.org' to='push.example'><x>{content}</x></iq>")
    house.server.send("<message from='example.org' to='push.example'/>")

    for _ in range(3):
        assert "policy-violation" in (await house.server.received.get()).toXml()
    assert "iq" == (await house.handler.received.get()).name
    assert "message" == (await house.handler.received.get()).name
    assert 1 == house.server.attempts


@pytest.mark.parametrize(
    ("evil", "condition"),
    [
        ("<!-- a comment -->", "restricted-xml"),
        ("<!DOCTYPE x>", "not-well-formed"),
        ("<message to='push.example' x='" + "y" * 1_100_000 + "'/>", "policy-violation"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_W6_serversThatMisbehaveAreLeftAndTriedAgain(
    house: House, logEvents: list[Any], evil: str, condition: str
) -> None:
    """
    W-6, W-9: What no server may send ends the stream, and after a while there is a new one.
    """
    await house.attach()

    house.server.send(evil)
    await house.handler.lost.get()
    house.clock.advance(1)

    await house.handler.initialized.get()
    assert f"push.example: the connection to its server is lost: {condition}" in events(logEvents)


@pytest_twisted.ensureDeferred
async def test_answersAreNotHeldBack(house: House) -> None:
    """
    TCP_NODELAY is set, and a server that vanished is noticed within two minutes.
    """
    await house.attach()

    handle = house.link.xmlstream.transport.getHandle()

    assert 1 == handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    assert 1 == handle.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert handle.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) <= 60


# Requests


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


# Coming and going


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
    assert ["push.example: its server does not take us: not-authorized"] == events(logEvents)
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
