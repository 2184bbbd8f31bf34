"""
A peer made by hand, that says what the test tells it to, however wrong that is.
"""

import re
from base64 import b64encode
from typing import Any

from OpenSSL import SSL
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from twisted.internet.protocol import Factory, Protocol
from zope.interface import implementer

from pushsvc.links.s2s.resolve import Candidate
from tests.links.s2s.world import LOOPBACK, World, reactor
from tests.servers.rig.ports import freePort
from tests.standins.certificates import Certificate

STARTTLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
PROCEED = "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
BIDI = "<bidi xmlns='urn:xmpp:bidi'/>"
FEATURES = "<stream:features>%s</stream:features>"
MECHANISMS = "<mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><mechanism>EXTERNAL</mechanism></mechanisms>"
SUCCESS = "<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>"
FAILURE = "<failure xmlns='urn:ietf:params:xml:ns:xmpp-sasl'><not-authorized/></failure>"


def header(sender: str | None = None, recipient: str | None = None, streamId: str = "", version: str = "1.0") -> str:
    """
    The beginning of a stream.
    """
    said = {"from": sender, "to": recipient, "id": streamId, "version": version}
    attributes = "".join(f" {name}='{value}'" for name, value in said.items() if value)
    return (
        "<?xml version='1.0'?><stream:stream xmlns='jabber:server' xmlns:db='jabber:server:dialback' "
        f"xmlns:stream='http://etherx.jabber.org/streams'{attributes}>"
    )


def auth(authzid: str = "=", mechanism: str = "EXTERNAL") -> str:
    """
    SASL.
    """
    text = authzid if authzid in ("=", "") else b64encode(authzid.encode()).decode()
    return f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{text}</auth>"


@implementer(IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator)
class RawTLS:
    """
    TLS that believes everybody.
    """

    def __init__(self, certificate: Certificate | None) -> None:
        self._context = SSL.Context(SSL.TLS_METHOD)
        if certificate is not None:
            self._context.use_certificate_chain_file(str(certificate.certificate))
            self._context.use_privatekey_file(str(certificate.key))
        self._context.set_verify(SSL.VERIFY_PEER, lambda *what: True)

    def clientConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        connection = SSL.Connection(self._context, None)
        connection.set_connect_state()
        return connection

    def serverConnectionForTLS(self, protocol: Any) -> SSL.Connection:
        connection = SSL.Connection(self._context, None)
        connection.set_accept_state()
        return connection


class RawPeer(Protocol):
    """
    One connection.

    :ivar heard: all that was said to it.
    :ivar ended: whether it is over.
    """

    transport: Any

    def __init__(self, world: World, direct: Certificate | None = None) -> None:
        """
        :param direct: TLS comes first, with this certificate.
        """
        self.world = world
        self.heard = ""
        self.ended = False
        self._read = 0
        self._direct = direct

    def connectionMade(self) -> None:
        # At once: the other side has begun with it already.
        if self._direct is not None:
            self.startTLS(self._direct)

    def dataReceived(self, data: bytes) -> None:
        self.heard += data.decode("utf-8", "replace")

    def connectionLost(self, reason: object = None) -> None:
        self.ended = True

    def say(self, text: str | bytes) -> None:
        """
        Say it.
        """
        self.transport.write(text if isinstance(text, bytes) else text.encode())

    async def hears(self, pattern: str) -> "re.Match[str]":
        """
        Wait until this is said, after what was waited for last.
        """

        def found() -> "re.Match[str] | None":
            return re.compile(pattern, re.DOTALL).search(self.heard, self._read)

        match: re.Match[str] = await self.world.until(lambda: found() or (self.ended and found()))
        self._read = match.end()
        return match

    async def isRefused(self) -> str:
        """
        Wait for the end.

        :returns: the stream error that it came with.
        """
        await self.world.until(lambda: self.ended)
        match = re.search(r"<stream:error><([a-z-]+)", self.heard)
        return match[1] if match else ""

    def startTLS(self, certificate: Certificate | None) -> None:
        """
        TLS from here on.
        """
        self.transport.startTLS(RawTLS(certificate))

    async def open(self, sender: str | None, recipient: str | None) -> str:
        """
        Begin a stream, or begin it anew.

        :returns: the features.
        """
        self.say(header(sender, recipient))
        return (await self.hears("<stream:stream.*?<stream:features.*?</stream:features>"))[0]

    async def secure(self, sender: str | None, recipient: str | None, certificate: Certificate | None) -> str:
        """
        Come to where one may authenticate.

        :returns: the features.
        """
        await self.open(sender, recipient)
        self.say(STARTTLS)
        await self.hears("<proceed")
        self.startTLS(certificate)
        return await self.open(sender, recipient)

    async def prove(self, sender: str, recipient: str, certificate: Certificate, bidi: bool = False) -> None:
        """
        Authenticate.
        """
        await self.secure(sender, recipient, certificate)
        self.say((BIDI if bidi else "") + auth())
        await self.hears("<success")
        await self.open(sender, recipient)

    @property
    def streamId(self) -> str:
        """
        What we called the stream last.
        """
        return re.findall(r"<stream:stream[^>]* id='([^']*)'", self.heard)[-1]


async def dial(world: World, port: int) -> RawPeer:
    """
    Connect to a server.
    """
    peer = RawPeer(world)
    world.cleanups.append(lambda: _hangUp(peer))
    factory = Factory.forProtocol(lambda: peer)
    factory.noisy = False
    await world.come(TCP4ClientEndpoint(reactor, LOOPBACK, port).connect(factory))
    return peer


def _hangUp(peer: RawPeer) -> None:
    if peer.transport is not None and not peer.ended:
        peer.transport.abortConnection()


class RawServer:
    """
    Somebody who is connected to.

    :ivar peers: the connections, in order.
    """

    def __init__(self, world: World, *domains: str, direct: Certificate | None = None) -> None:
        """
        :param direct: TLS comes first, with this certificate.
        """
        self.world = world
        self._direct = direct
        self.peers: list[RawPeer] = []
        self._taken = 0
        factory = Factory.forProtocol(self._make)
        factory.noisy = False
        # Nobody else gets it once we are gone.
        port = reactor.listenTCP(freePort(), factory, interface=LOOPBACK)
        self.port = port.getHost().port
        world.cleanups.append(port.stopListening)
        for domain in domains:
            world.places[domain] = [self.candidate()]

    def candidate(self, direct: bool = False) -> Any:
        """
        Where it is.
        """
        return Candidate("raw", self.port, direct, (LOOPBACK,))

    def _make(self) -> RawPeer:
        peer = RawPeer(self.world, self._direct)
        self.peers.append(peer)
        self.world.cleanups.append(lambda: _hangUp(peer))
        return peer

    async def next(self) -> RawPeer:
        """
        The next one to connect.
        """
        await self.world.until(lambda: len(self.peers) > self._taken)
        self._taken += 1
        return self.peers[self._taken - 1]

    async def secured(self, domain: str, certificate: Certificate | None, features: str = "") -> RawPeer:
        """
        The next one to connect, under TLS, with features offered.
        """
        peer = await self.next()
        await self.accept(peer, domain, certificate, features)
        return peer

    async def accept(self, peer: RawPeer, domain: str, certificate: Certificate | None, features: str = "") -> None:
        """
        Take it until it is under TLS.
        """
        await peer.hears("<stream:stream[^>]*>")
        peer.say(header(domain, streamId="one") + FEATURES % STARTTLS)
        await peer.hears("<starttls")
        peer.say(PROCEED)
        peer.startTLS(certificate)
        await self.greet(peer, domain, features)

    async def greet(self, peer: RawPeer, domain: str, features: str) -> None:
        """
        Answer a header.
        """
        await peer.hears("<stream:stream[^>]*>")
        peer.say(header(domain, streamId="two") + FEATURES % features)
