"""
Streams between servers, fuzzed from the other end (dialback, SASL EXTERNAL): whatever a peer says, it speaks for whom
it has proven to be, and for nobody else.

An input is what the peer says, in reads that lines of ``--`` divide. Such a line may say more: ``-- TLS`` is a
handshake, if there is to be one, in which the peer shows a trusted certificate of evil.example; ``-- WAIT`` is half a
minute.
"""

import re
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure
from twisted.words.xish.domish import Element

from pushsvc.jids import addressOf
from pushsvc.links.s2s.approach import Approach, Unreached
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.incoming import Incoming
from pushsvc.links.s2s.keys import Keys
from pushsvc.links.s2s.negotiation import Negotiation
from pushsvc.links.s2s.ourselves import Ourselves, Settings
from pushsvc.links.s2s.outgoing import Outgoing
from pushsvc.links.s2s.peerstream import PeerStream
from pushsvc.links.s2s.verifying import Asking, CannotTell
from pushsvc.wire.gate import refusal
from tests.fuzz.bugs import noBugs

US, OTHER, EVIL = "push.example", "other.example", "evil.example"
WAIT = 31.0

_DIVIDER = re.compile(rb"\n-- ?(TLS|WAIT|)\n")


class Certificates:
    """
    Nobody looks at them here.
    """

    def forAccepting(self, host: str | None, direct: bool) -> object:
        return self

    def forConnecting(self, host: str, peer: str, direct: bool) -> object:
        return self


class Tube(StringTransport):
    """
    A connection on which TLS is a matter of words.
    """

    def __init__(self) -> None:
        super().__init__(lenient=True)
        self.shaking = False

    def startTLS(self, options: object) -> None:
        assert not self.shaking
        self.shaking = True

    def getHandle(self) -> None:
        return None


class Evil(PeerStream):
    """
    A stream with evil.example, as its certificate says.
    """

    def isTrusted(self, domain: str) -> bool:
        return self.secure and domain == EVIL


class Scene:
    """
    One stream, and all that is said on it.

    :ivar received: the stanzas that were taken.
    """

    def __init__(self, make: Callable[[Ourselves], Negotiation], kind: type[Evil] = Evil) -> None:
        self.clock = Clock()
        self.received: list[Element] = []
        self.tube = Tube()
        ourselves = Ourselves(
            frozenset((US, OTHER)), Certificates(), Keys("a secret of sixteen"), self.clock, Settings()
        )
        self.negotiation = make(ourselves)
        self.stream = kind(self.negotiation, ourselves, self._receive)

    def play(self, data: bytes) -> None:
        with noBugs():
            self.stream.makeConnection(self.tube)
            read, *others = _DIVIDER.split(data)
            self._hear(read)
            for event, read in zip(others[::2], others[1::2], strict=True):
                if event == b"TLS" and self.tube.shaking:
                    self.tube.shaking = False
                    self.stream.handshakeCompleted()
                elif event == b"WAIT":
                    self.clock.advance(WAIT)
                self._hear(read)
            self.stream.connectionLost(Failure(ConnectionDone()))
        assert [] == self.clock.getDelayedCalls()
        self.tube.value().decode("utf-8")

    def _hear(self, read: bytes) -> None:
        # While hands are shaken there is no XML, and from who has been hung up on there is nothing.
        if not self.tube.shaking and not self.tube.disconnected:
            self.stream.dataReceived(read)

    def _receive(self, stanza: Any) -> None:
        assert self.stream.secure
        self.received.append(stanza)
        # As a link does.
        refusal(stanza)


def incoming(data: bytes, kind: type[Evil] = Evil) -> Scene:
    """
    A peer that comes to us.

    :raises AssertionError: it got further than it should.
    """
    believed: set[Pair] = set()
    joined: list[Pair] = []

    async def verify(pair: Pair, streamId: str, key: str, whence: str) -> bool:
        assert pair.local in (US, OTHER) and pair.remote not in (US, OTHER)
        if key == "unsure":
            raise CannotTell("remote-server-timeout")
        if key == "slow":
            await Deferred()
        if key == "valid":
            believed.add(pair)
        return key == "valid"

    scene = Scene(lambda ours: Incoming(ours, verify, lambda stream, pair: joined.append(pair), False), kind)
    scene.play(data)

    # EXTERNAL is for who has the certificate.
    proven = believed | ({Pair(US, EVIL), Pair(OTHER, EVIL)} if b"TLS" in data else set())
    assert set(joined) <= proven and scene.stream.pairs <= proven
    for stanza in scene.received:
        sender, recipient = addressOf(stanza["from"]), _domainOf(stanza["to"])
        assert sender is not None and (recipient, sender.domain) in proven
    return scene


def _domainOf(text: str) -> str:
    return text.partition("/")[0].rpartition("@")[2].lower()


SECURED = (
    b"<stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' from='evil.example' to='push.example'"
    b" xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
    b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>\n-- TLS\n"
)


def dialback(data: bytes) -> None:
    """
    A peer that says who it is by dialback, from its first word on. The key ``valid`` is.
    """
    incoming(data)


def external(data: bytes) -> None:
    """
    A peer under TLS, that has a certificate.
    """
    incoming(SECURED + data)


def outgoing(data: bytes) -> None:
    """
    A server that we came to: to say something, or to ask whether a key is its own.
    """
    for make in (
        lambda ourselves: Outgoing(ourselves, Pair(US, EVIL), direct=False),
        lambda ourselves: Asking(ourselves, Pair(US, EVIL), False, "stream-id", "key"),
    ):
        scene = Scene(make)
        approach = scene.negotiation
        assert isinstance(approach, Approach)
        reached: list[Any] = []
        approach.ready.addBoth(reached.append)

        scene.play(data)

        (result,) = reached
        if result is scene.stream:
            # A read may end in the middle of a word.
            words = _DIVIDER.sub(b"", data)
            assert scene.stream.secure and (b"valid" in words or b"success" in words)
        else:
            result.trap(Unreached)
        assert scene.stream.pairs <= {Pair(US, EVIL)}
        assert not scene.received or scene.stream.bidi
