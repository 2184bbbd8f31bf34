"""
Two ends that shake hands, over loopback.
"""

from dataclasses import dataclass
from typing import Any

from cryptography import x509
from OpenSSL import SSL
from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint
from twisted.internet.interfaces import (
    IHandshakeListener,
    IOpenSSLClientConnectionCreator,
    IOpenSSLServerConnectionCreator,
)
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from pushsvc.links.s2s.tls import Verdict, verdict
from tests.standins.certificates import Certificate


@dataclass(frozen=True)
class Seen:
    """
    What one end saw of a handshake.

    :ivar names: the peer's DNS-IDs.
    :ivar chain: how many certificates the peer has sent; besides its own, where it is the client.
    :ivar asked: the server name in TLS, where this is the server.
    """

    verdict: Verdict
    names: list[str]
    chain: int
    protocol: bytes
    version: str
    asked: bytes | None


@implementer(IHandshakeListener)
class End(Protocol):
    """
    Speaks TLS from the first byte on.
    """

    def __init__(self, creator: Any) -> None:
        self.creator = creator
        self.seen: Deferred[Seen] = Deferred()
        self.closed: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        self.transport.startTLS(self.creator)

    def handshakeCompleted(self) -> None:
        connection = self.transport.getHandle()
        judged = verdict(self.transport)
        shown = connection.get_peer_certificate(as_cryptography=True)
        self.seen.callback(
            Seen(
                judged,
                namesOf(shown) if shown is not None else [],
                len(connection.get_peer_cert_chain(as_cryptography=True) or []),
                connection.get_alpn_proto_negotiated(),
                connection.get_protocol_version_name(),
                connection.get_servername(),
            )
        )

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if not self.seen.called:
            self.seen.errback(reason)
        self.closed.callback(None)


def namesOf(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except ValueError:
        return []
    return names.get_values_for_type(x509.DNSName)


async def handshake(accepting: Any, connecting: Any) -> tuple[Any, Any]:
    """
    What both ends saw, the accepting one first; where one saw no end of it, its Failure.
    """
    from twisted.internet import reactor

    servers: list[End] = []

    def accept() -> End:
        servers.append(End(accepting))
        return servers[-1]

    listening = Factory.forProtocol(accept)
    port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(listening)
    try:
        dialing = Factory.forProtocol(lambda: End(connecting))
        client = await TCP4ClientEndpoint(reactor, "127.0.0.1", port.getHost().port, timeout=60).connect(dialing)
        # With TLS 1.3 the client may be done, and gone, before the server has heard of its certificate.
        both = DeferredList([servers[0].seen, client.seen] if servers else [client.seen], consumeErrors=True)
        results = await both.addTimeout(60, reactor)
        if len(results) == 1:
            results.insert(0, (await DeferredList([servers[0].seen], consumeErrors=True).addTimeout(60, reactor))[0])
        client.transport.abortConnection()
        await DeferredList([servers[0].closed, client.closed])
    finally:
        await port.stopListening()
    return results[0][1], results[1][1]


@implementer(IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator)
class Stranger:
    """
    Somebody else's TLS, with ways of its own.
    """

    def __init__(
        self,
        certificate: Certificate | None = None,
        versions: tuple[int, int] = (SSL.TLS1_2_VERSION, SSL.TLS1_3_VERSION),
        serverName: bytes | None = None,
        protocols: tuple[bytes, ...] = (),
        ciphers: bytes | None = None,
    ) -> None:
        self.context = SSL.Context(SSL.TLS_METHOD)
        self.context.set_min_proto_version(versions[0])
        self.context.set_max_proto_version(versions[1])
        if ciphers:
            self.context.set_cipher_list(ciphers)
        if certificate:
            self.context.use_certificate_chain_file(str(certificate.certificate))
            self.context.use_privatekey_file(str(certificate.key))
        # Whoever does not look asks for no certificate.
        self.context.set_verify(SSL.VERIFY_PEER, lambda *fault: True)
        self._serverName = serverName
        self._protocols = protocols
        self.session: SSL.Session | None = None

    def clientConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        connection = SSL.Connection(self.context, None)
        connection.set_connect_state()
        if self.session is not None:
            connection.set_session(self.session)
        if self._serverName:
            connection.set_tlsext_host_name(self._serverName)
        if self._protocols:
            connection.set_alpn_protos(list(self._protocols))
        return connection

    def serverConnectionForTLS(self, tlsProtocol: Any) -> SSL.Connection:
        connection = SSL.Connection(self.context, None)
        connection.set_accept_state()
        return connection
