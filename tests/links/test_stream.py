"""
What a stream makes of what arrives, and of a peer that misbehaves.
"""

from typing import Any

import pytest
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.words.protocols.jabber import xmlstream
from twisted.words.protocols.jabber.component import ConnectComponentAuthenticator
from twisted.words.xish.domish import Element
from wokkel.generic import FallbackHandler

from pushsvc.links.limits import Limits
from pushsvc.links.pacing import STALLED
from pushsvc.links.stream import CLOSING, LinkStream
from pushsvc.links.turns import Turns

HEADER = b"<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' id='1'>"


class Peer:
    """
    The other end of a stream that is ready.
    """

    def __init__(self, clock: Clock, **options: Any) -> None:
        self.transport = StringTransport(lenient=True)
        self.received: list[Any] = []
        self.errors: list[Failure] = []
        authenticator = ConnectComponentAuthenticator("push.example", "sesame")
        self.stream = LinkStream(authenticator, clock, **options)
        self.stream.receive = self.received.append
        self.stream.addObserver(xmlstream.STREAM_ERROR_EVENT, self.errors.append)
        self.stream.makeConnection(self.transport)
        self.say(HEADER)
        self.heard()

    def say(self, data: bytes) -> None:
        """
        Send something.
        """
        self.stream.dataReceived(data)

    def heard(self) -> str:
        """
        What was said since one last listened.
        """
        data = self.transport.value()
        self.transport.clear()
        return data.decode()


@pytest.fixture
def peer(clock: Clock) -> Peer:
    """
    Nothing was said after the handshake.
    """
    peer = Peer(clock)
    peer.stream.peerAuthenticated()
    return peer


def test_stanzasAreMadeAlike(peer: Peer) -> None:
    """
    Whatever its stream's namespace, a stanza has none when it is handed on.
    """
    peer.say(b"<iq type='get' id='1'><query xmlns='jabber:iq:version'/></iq>")

    assert "<iq type='get' id='1'><query xmlns='jabber:iq:version'/></iq>" == peer.received[0].toXml()
    assert None is peer.received[0].uri


def test_aChildNamedHandledDoesNotAnswerAStanza(clock: Clock) -> None:
    """
    An IQ with a child element named ``handled`` gets an answer like any other.
    """
    peer = Peer(clock)
    peer.stream.receive = peer.stream.dispatch
    peer.stream.peerAuthenticated()
    fallback = FallbackHandler()
    fallback.makeConnection(peer.stream)
    fallback.connectionInitialized()

    peer.say(b"<iq type='get' id='1' from='a' to='b'><handled xmlns='x'/></iq>")

    assert "service-unavailable" in peer.heard()


def test_theGateAnswersInPlaceOfTheHandlers(clock: Clock) -> None:
    """
    What the gate answers is sent, and nobody else sees the stanza.
    """
    answer = Element((None, "iq"))
    answer["type"] = "error"
    peer = Peer(clock, gate=lambda stanza: answer)
    peer.stream.peerAuthenticated()

    peer.say(b"<iq type='get' id='1'/>")

    assert ("<iq type='error'/>", []) == (peer.heard(), peer.received)


def test_theGateDropsStanzas(clock: Clock) -> None:
    """
    What the gate marks as handled goes nowhere.
    """
    peer = Peer(clock, gate=lambda stanza: setattr(stanza, "handled", True))
    peer.stream.peerAuthenticated()

    peer.say(b"<message/>")

    assert ("", []) == (peer.heard(), peer.received)


def test_bugsOfOursEndTheStreamWithoutAWordOfThePeers(peer: Peer, loggedFailures: list[Failure]) -> None:
    """
    What cannot be handled ends the stream with a stream error, and what was being handled is not in the log.
    """
    peer.stream.receive = lambda stanza: {}[stanza["id"]]

    peer.say(b"<iq type='get' id='SECRET-TEXT'/>")

    assert "<internal-server-error " in peer.heard()
    assert ["KeyError"] == [str(failure.value) for failure in loggedFailures]
    loggedFailures.clear()


def test_aBrokenGateCostsOneStanza(clock: Clock, loggedFailures: list[Failure]) -> None:
    """
    A bug in the gate is logged, and the stream goes on.
    """
    peer = Peer(clock, gate=lambda stanza: None if stanza.name == "message" else 1 / 0)  # type: ignore[arg-type,return-value]
    peer.stream.peerAuthenticated()

    peer.say(b"<iq type='get' id='1'/><message/>")

    assert ["message"] == [stanza.name for stanza in peer.received]
    assert 1 == len(loggedFailures)
    loggedFailures.clear()


def test_stanzasBeforeTheHandshakeEndTheStream(clock: Clock) -> None:
    """
    Who has not proven anything cannot send stanzas.
    """
    peer = Peer(clock)

    peer.say(b"<iq type='get' id='1'/><iq type='get' id='2'/>")

    assert "not-authorized" in peer.heard()
    assert ([], True) == (peer.received, peer.transport.disconnecting)


def test_stanzasOfAnotherNamespaceEndTheStream(peer: Peer) -> None:
    """
    What only looks like a stanza does not get past the gate by its namespace.
    """
    peer.say(b"<iq xmlns='jabber:client' type='get' id='1'/>")

    assert "invalid-namespace" in peer.heard()
    assert [] == peer.received


@pytest.mark.parametrize(
    ("said", "condition"),
    [
        (b"<!-- -->", "restricted-xml"),
        (b"</iq>", "not-well-formed"),
        (b"<iq>" + b"<a>" * 64, "policy-violation"),
        (b"<iq>" + b"x" * 262_144, "policy-violation"),
    ],
)
def test_W9_whatEndsAStreamIsSaid(peer: Peer, said: bytes, condition: str) -> None:
    """
    W-9: Before it hangs up, a stream says why; nothing that follows is read.
    """
    peer.say(said)
    peer.say(b"<iq type='get' id='1'/>")

    heard = peer.heard()
    assert f"<{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>" in heard
    assert heard.endswith("</stream:error></stream:stream>")
    assert ([], True) == (peer.received, peer.transport.disconnecting)
    assert [condition] == [failure.value.condition for failure in peer.errors]  # type: ignore[union-attr]


def test_W9_beforeTheHandshakeLittleIsEnough(clock: Clock) -> None:
    """
    W-9: The limits grow with the handshake.
    """
    message = b"<message>" + b"x" * 10_000 + b"</message>"
    stranger, friend = Peer(clock), Peer(clock)
    friend.stream.peerAuthenticated()

    stranger.say(message.replace(b"message", b"handshake"))
    friend.say(message)

    assert "policy-violation" in stranger.heard()
    assert 1 == len(friend.received)


def test_W9_whoAskedTooMuchIsTold(clock: Clock) -> None:
    """
    W-9: A request that is read past is answered, without what it asked; others are not.
    """
    peer = Peer(clock, limits=Limits(size=1_000, elements=5, skips=True))
    peer.stream.peerAuthenticated()
    content = b"<a/>" * 10

    for start in (b"<message", b"<iq type='result' id='1'", b"<iq type='get' id='2' from='a' to='b'"):
        peer.say(start + b">" + content + b"</" + start.split()[0][1:] + b">")

    heard = peer.heard()
    assert 1 == heard.count("<policy-violation ")
    assert heard.startswith("<iq type='error' from='b' to='a' id='2'><error type='modify'>")
    assert ([], False) == (peer.received, peer.transport.disconnecting)


@pytest.mark.parametrize("address", [b"@", b"", b"a..b"])
def test_addressesThatAreNoneEndTheStream(clock: Clock, address: bytes) -> None:
    """
    A header from nobody is answered with improper-addressing.
    """
    transport = StringTransport()
    stream = LinkStream(ConnectComponentAuthenticator("push.example", "sesame"), clock)
    stream.makeConnection(transport)

    stream.dataReceived(HEADER.replace(b"id=", b"from='" + address + b"' id="))

    assert b"improper-addressing" in transport.value()


def test_charactersThatXmlDoesNotHaveAreReplaced(peer: Peer) -> None:
    """
    What a push network says cannot make the server hang up on us.
    """
    message = Element((None, "message"))
    message.addElement("body", content="bell\x07, half\ud83d, \uffff, fine\U0001f514\n")

    peer.stream.send(message)

    assert "<message><body>bell\ufffd, half\ufffd, \ufffd, fine\U0001f514\n</body></message>" == peer.heard()


def test_restartsForgetTheRestOfTheRead(peer: Peer) -> None:
    """
    What stands in the same read behind what restarts the stream is not part of the new one.
    """
    peer.stream.addObserver("/proceed", lambda element: peer.stream.reset())

    peer.say(b"<proceed xmlns='urn:x'/><iq type='get' id='1'/>")
    peer.say(HEADER + b"<iq type='get' id='2'/>")

    assert ["2"] == [stanza["id"] for stanza in peer.received]


def test_whoDoesNotReadIsNotRead(peer: Peer, clock: Clock) -> None:
    """
    While what we wrote is not read, nothing is read; when it has been, all goes on.
    """
    drained: list[bool] = []
    peer.stream.drained = lambda: drained.append(True)

    peer.stream.pauseProducing()
    assert ("paused", True) == (peer.transport.producerState, peer.stream.congested)
    clock.advance(STALLED - 1)
    peer.stream.resumeProducing()

    assert ("producing", False, [True]) == (peer.transport.producerState, peer.stream.congested, drained)
    clock.advance(STALLED)
    assert not peer.transport.disconnected


def test_whoNeverReadsIsHungUpOn(peer: Peer, clock: Clock) -> None:
    """
    After half a minute without reading anything a peer is given up.
    """
    peer.stream.pauseProducing()

    clock.advance(STALLED)

    assert peer.transport.disconnected


def test_finishingWaitsForThePeer(peer: Peer, clock: Clock) -> None:
    """
    6120 section 4.4: we say that we are done, take what the peer has said before it knew, and let it say so, too.
    """
    peer.stream.finish()
    peer.stream.send(Element((None, "message")))
    peer.say(b"<message/>")
    assert ("</stream:stream>", False, 1) == (peer.heard(), peer.transport.disconnecting, len(peer.received))

    peer.say(b"</stream:stream>")

    assert ("", True, False) == (peer.heard(), peer.transport.disconnecting, peer.transport.disconnected)


def test_finishingDoesNotWaitForEver(peer: Peer, clock: Clock) -> None:
    """
    A peer that does not close its side is left to itself.
    """
    peer.stream.pauseProducing()
    peer.stream.finish()
    assert "producing" == peer.transport.producerState

    clock.advance(CLOSING)

    assert peer.transport.disconnected


def test_thePeerMayFinish(peer: Peer, clock: Clock) -> None:
    """
    When the peer is done, so are we.
    """
    peer.say(b"</stream:stream>")

    assert ("</stream:stream>", True) == (peer.heard(), peer.transport.disconnecting)


def test_nothingIsSaidToWhoIsGone(clock: Clock) -> None:
    """
    What a peer said before its connection was lost is heard; whoever answers to that knows that it is gone.
    """
    peer = Peer(clock, turns=Turns())
    peer.stream.peerAuthenticated()
    usable: list[bool] = []
    peer.stream.receive = lambda stanza: usable.append(peer.stream.usable)
    peer.stream.pauseProducing()
    peer.say(b"<message/>" * 300)

    peer.stream.connectionLost(Failure(ConnectionError()))
    clock.advance(0)

    assert ({True, False}, 300) == (set(usable), len(usable))
    assert sorted(usable, reverse=True) == usable
    assert [] == clock.getDelayedCalls()


def test_aLostConnectionLeavesNothingBehind(peer: Peer, clock: Clock) -> None:
    """
    No timer outlives its connection, and what is sent afterwards is ignored.
    """
    peer.stream.pauseProducing()

    peer.stream.connectionLost(Failure(ConnectionError()))
    peer.stream.send(Element((None, "message")))
    peer.stream.finish()

    assert ([], "") == (clock.getDelayedCalls(), peer.heard())
