"""
TLS between servers: who we are to whom, and what a peer's certificate is worth.

No handshake fails because of a peer's certificate. The verdict is recorded, and the stream decides: SASL EXTERNAL,
dialback, or good-bye.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cryptography import x509
from OpenSSL import SSL
from OpenSSL.crypto import X509, X509Store
from OpenSSL.crypto import Error as OpenSSLError
from twisted.internet.interfaces import IOpenSSLClientConnectionCreator, IOpenSSLServerConnectionCreator
from twisted.protocols.tls import TLSMemoryBIOProtocol
from zope.interface import implementer

from pushsvc.addresses import isAddress
from pushsvc.links.s2s.domains import asciiOf
from pushsvc.links.s2s.handshakes import ALPN, Handshake, Verdict, handshakeOf, note, recorded, verdict
from pushsvc.links.s2s.identity import matches
from pushsvc.links.s2s.keypairs import Files, KeyPair, certificatesIn, keyPairIn

__all__ = ["Certificates", "Files", "Verdict", "verdict"]

# Forward secrecy and authenticated encryption, as everybody has had since TLS 1.2; 1.3 has nothing else.
CIPHERS = b"ECDHE+AESGCM:ECDHE+CHACHA20"

# What `expires` calls the certificate of hosts without one of their own.
DEFAULT = "*"


class Certificates:
    """
    What our hosts show, and whose signatures count. Files are read here and by `reload`, at no other time.
    """

    def __init__(self, hosts: Mapping[str, Files], default: Files | None = None, trust: Path | None = None) -> None:
        """
        :param default: for hosts that are not named; the first of those that are, if there is none.
        :param trust: a file with roots besides the platform's, PEM.
        :raises ValueError: there is something wrong with a file; the text names it.
        """
        if not hosts and default is None:
            raise ValueError("no certificate at all")
        self._hosts = {asciiOf(host): files for host, files in hosts.items()}
        self._default = default
        self._trust = trust
        self._shelf = self._read()

    def reload(self) -> None:
        """
        Read all files again; connections that there are keep what they have.

        :raises ValueError: there is something wrong with a file; the text names it, and everything stays as it was.
        """
        self._shelf = self._read()

    def forAccepting(self, host: str | None, direct: bool) -> IOpenSSLServerConnectionCreator:
        """
        :param host: whom the peer's stream header is for; None: whom its TLS asks for, or the default.
        :param direct: TLS from the first byte on.
        """
        return _Accepting(self._shelf, host, direct)

    def forConnecting(self, host: str, peer: str, direct: bool) -> IOpenSSLClientConnectionCreator:
        """
        :param host: who of us connects.
        :param peer: the domain that is asked for, whatever its server is called.
        :param direct: TLS from the first byte on.
        :raises ValueError: the peer's is no domain.
        """
        name = None if isAddress(peer.strip("[]")) else asciiOf(peer)
        return _Connecting(self._shelf, host, name, direct)

    def expires(self) -> dict[str, float]:
        """
        When the certificate of each host does, or one that it leans on: POSIX time.
        """
        return self._shelf.expires()

    def strangers(self, hosts: Iterable[str]) -> list[str]:
        """
        Those of these hosts whose certificate does not name them.
        """
        return [host for host in hosts if not matches(self._shelf.certificateOf(host), host)]

    def _read(self) -> "_Shelf":
        hosts = {host: _usable(files) for host, files in self._hosts.items()}
        default = _usable(self._default) if self._default is not None else None
        trusted = _trustworthy(self._trust) if self._trust is not None else ()
        return _Shelf(hosts, default, trusted)


class _Shelf:
    """
    One state of all files, and the contexts made from it: at once, for in the middle of a handshake there is nobody to
    tell what is wrong with them, and reading all roots of the platform takes its time.
    """

    def __init__(self, hosts: dict[str, KeyPair], default: KeyPair | None, trusted: tuple[X509, ...]) -> None:
        self._hosts = hosts
        self._default = default
        self._trusted = trusted
        # By host; None: the default.
        self._contexts: dict[str | None, SSL.Context] = {host: self._made(pair) for host, pair in hosts.items()}
        self._contexts[None] = self._made(default) if default is not None else next(iter(self._contexts.values()))

    def expires(self) -> dict[str, float]:
        dates = {host: pair.expires for host, pair in self._hosts.items()}
        return dates if self._default is None else {**dates, DEFAULT: self._default.expires}

    def certificateOf(self, host: str) -> x509.Certificate:
        """
        What a host shows.
        """
        pair = self._hosts.get(self._known(host) or "") or self._default or next(iter(self._hosts.values()))
        return pair.chain[0]

    def contextFor(self, host: str | None) -> SSL.Context:
        """
        :param host: in whatever spelling; one that is not known is given the default.
        """
        return self._contexts[self._known(host)]

    def _known(self, host: str | None) -> str | None:
        try:
            name = asciiOf(host) if host else None
        except ValueError:
            return None
        return name if name in self._hosts else None

    def _made(self, pair: KeyPair) -> SSL.Context:
        context = _context(pair)
        context.set_default_verify_paths()
        store = context.get_cert_store()
        assert store is not None
        for certificate in self._trusted:
            store.add_cert(certificate)
        # The peer's certificate is asked for, and not having one is no reason to fail.
        context.set_verify(SSL.VERIFY_PEER, note)
        context.set_alpn_select_callback(_chooseProtocol)
        context.set_tlsext_servername_callback(self._chooseCertificate)
        return context

    def _chooseCertificate(self, connection: SSL.Connection) -> None:
        asked = connection.get_servername()
        if asked and handshakeOf(connection).byName:
            known = self._known(asked.decode("ascii", "replace"))
            if known is not None:
                connection.set_context(self.contextFor(known))


@implementer(IOpenSSLServerConnectionCreator)
class _Accepting:
    def __init__(self, shelf: _Shelf, host: str | None, direct: bool) -> None:
        self._shelf = shelf
        self._host = host
        self._direct = direct

    def serverConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        connection = SSL.Connection(self._shelf.contextFor(self._host), None)
        connection.set_accept_state()
        return recorded(connection, Handshake(True, self._direct, self._host is None))


@implementer(IOpenSSLClientConnectionCreator)
class _Connecting:
    def __init__(self, shelf: _Shelf, host: str, serverName: str | None, direct: bool) -> None:
        self._shelf = shelf
        self._host = host
        self._serverName = serverName
        self._direct = direct

    def clientConnectionForTLS(self, tlsProtocol: TLSMemoryBIOProtocol) -> SSL.Connection:
        connection = SSL.Connection(self._shelf.contextFor(self._host), None)
        connection.set_connect_state()
        if self._serverName is not None:
            connection.set_tlsext_host_name(self._serverName.encode("ascii"))
        if self._direct:
            connection.set_alpn_protos([ALPN])
        return recorded(connection, Handshake(False, self._direct, False))


def _usable(files: Files) -> KeyPair:
    pair = keyPairIn(files)
    try:
        _context(pair)
    except (SSL.Error, OpenSSLError):
        raise ValueError(f"{files.certificate}: OpenSSL refuses it; is its key too short?") from None
    return pair


def _trustworthy(file: Path) -> tuple[X509, ...]:
    """
    Roots that go into a context. What cryptography can read OpenSSL need not.
    """
    store = X509Store()
    try:
        trusted = tuple(X509.from_cryptography(certificate) for certificate in certificatesIn(file))
        for certificate in trusted:
            store.add_cert(certificate)
    except OpenSSLError:
        raise ValueError(f"{file}: OpenSSL refuses a certificate in it") from None
    return trusted


def _context(pair: KeyPair) -> SSL.Context:
    """
    Without roots, which take longer.
    """
    context = SSL.Context(SSL.TLS_METHOD)
    context.set_min_proto_version(SSL.TLS1_2_VERSION)
    context.set_cipher_list(CIPHERS)
    # A resumed session would show no certificate.
    context.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_TICKET)
    context.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    # Most streams are idle most of the time.
    context.set_mode(SSL.MODE_RELEASE_BUFFERS)
    own, *others = pair.chain
    context.use_certificate(own)
    for certificate in others:
        context.add_extra_chain_cert(certificate)
    context.use_privatekey(pair.key)
    return context


def _chooseProtocol(connection: SSL.Connection, offered: list[bytes]) -> Any:
    # Behind STARTTLS the choice is made, and peers may well offer it all the same.
    if not handshakeOf(connection).direct:
        return SSL.NO_OVERLAPPING_PROTOCOLS
    if ALPN not in offered:
        # RFC 7301: who speaks only something else is told so. An error of this kind, if it has the shape that OpenSSL
        # gives them, ends the handshake with an alert.
        raise SSL.Error([("SSL routines", "", "no protocol in common")])
    return ALPN
