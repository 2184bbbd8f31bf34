"""
What was said about a peer's certificate while TLS shook hands.
"""

from dataclasses import dataclass, field
from math import inf
from typing import Any
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID
from OpenSSL import SSL
from OpenSSL.crypto import X509

ALPN = b"xmpp-server"

_INVALID_PURPOSE = 26
# OpenSSL's numbers (x509_vfy.h), in words an operator can use.
_REASONS = {
    2: "its issuer is not known",
    7: "a signature is wrong",
    9: "not valid yet",
    10: "expired",
    18: "self-signed",
    19: "its root is not trusted",
    20: "its issuer is not known",
    21: "its issuer is not known",
    24: "issued by what is no authority",
    _INVALID_PURPOSE: "not made for this use",
    47: "beyond what its issuer may certify",
    48: "beyond what its issuer may certify",
    66: "its key is too short",
    67: "the key of its issuer is too short",
    68: "signed with a digest that is too weak",
}


@dataclass(frozen=True)
class Verdict:
    """
    What a peer's certificate is worth, whomever it names.

    :ivar reason: why it is not trusted; else empty.
    :ivar onlyDNS: an authority above it is constrained, which OpenSSL applies to DNS-IDs only: no other name counts.
    :ivar until: when it expires, or one that it leans on: POSIX time.
    """

    trusted: bool
    reason: str
    certificate: x509.Certificate | None
    onlyDNS: bool = False
    until: float = inf


@dataclass
class Handshake:
    """
    What a connection is for, and what OpenSSL thinks of its peer.

    :ivar byName: the peer's TLS says which host it wants.
    :ivar faults: numbers, in the order found.
    :ivar onlyServer: the peer, a client here, has a certificate that is not for clients, or an authority above it has.
    """

    accepting: bool
    direct: bool
    byName: bool
    faults: list[int] = field(default_factory=list)
    onlyServer: bool = False


# Beside the connections, for their own place for data is taken by Twisted.
_handshakes: WeakKeyDictionary[SSL.Connection, Handshake] = WeakKeyDictionary()


def recorded(connection: SSL.Connection, handshake: Handshake) -> SSL.Connection:
    """
    A connection whose handshake is kept with it.
    """
    _handshakes[connection] = handshake
    return connection


def handshakeOf(connection: SSL.Connection) -> Handshake:
    """
    Its handshake.
    """
    return _handshakes[connection]


def note(connection: SSL.Connection, certificate: X509, fault: int, depth: int, fine: int) -> bool:
    """
    For OpenSSL, certificate by certificate and fault by fault: go on, whatever it is.
    """
    if fine:
        return True
    handshake = _handshakes[connection]
    # Public authorities certify servers, and no clients, and some say so of themselves; here both ends are servers.
    if handshake.accepting and fault == _INVALID_PURPOSE:
        handshake.onlyServer = True
    else:
        handshake.faults.append(fault)
    return True


def verdict(transport: Any) -> Verdict:
    """
    What the peer's certificate is worth. To be asked once the handshake is complete.

    :param transport: what a protocol has been given, by ``startTLS`` or by a wrapper.
    """
    connection = transport.getHandle()
    if not isinstance(connection, SSL.Connection) or connection not in _handshakes:
        return Verdict(False, "no TLS", None)
    handshake = _handshakes[connection]
    try:
        # From the peer's to the root's; what OpenSSL has verified, not what the peer has sent. Reading it takes its
        # time, and nobody asks for more than the first fault.
        chain = [] if handshake.faults else connection.get_verified_chain(as_cryptography=True) or []
        certificate = chain[0] if chain else connection.get_peer_certificate(as_cryptography=True)
        isServers = bool(chain) and all(_isServers(each) for each in chain)
        onlyDNS = not chain or any(_isConstrained(each) for each in chain[1:])
        until = min((each.not_valid_after_utc.timestamp() for each in chain), default=inf)
    except Exception:  # what OpenSSL could read, cryptography need not
        return Verdict(False, "a certificate that cannot be read", None)
    if certificate is None:
        return Verdict(False, "no certificate", None)
    faults = handshake.faults or ([_INVALID_PURPOSE] if handshake.onlyServer and not isServers else [])
    if faults:
        reason = _REASONS.get(faults[0], f"OpenSSL's verification error {faults[0]}")
        return Verdict(False, reason, certificate, onlyDNS)
    return Verdict(True, "", certificate, onlyDNS, until)


def _isServers(certificate: x509.Certificate) -> bool:
    try:
        uses = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return True
    return ExtendedKeyUsageOID.SERVER_AUTH in uses


def _isConstrained(authority: x509.Certificate) -> bool:
    return any(extension.oid == ExtensionOID.NAME_CONSTRAINTS for extension in authority.extensions)
