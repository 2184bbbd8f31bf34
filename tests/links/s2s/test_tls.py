"""
TLS between servers: what becomes of a handshake, and what a peer's certificate is worth.
"""

import ssl
from typing import Any

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import SSL
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure

from pushsvc.links.s2s.tls import verdict
from tests.links.s2s.authorities import TLS12, TLS13, lower
from tests.links.s2s.handshaking import End, Stranger, handshake
from tests.standins.certificates import domain, service, xmppAddress

SERVER = [ExtendedKeyUsageOID.SERVER_AUTH]
CLIENT = [ExtendedKeyUsageOID.CLIENT_AUTH]
CODE = [ExtendedKeyUsageOID.CODE_SIGNING]


@pytest.mark.parametrize("direct", [False, True])
@pytest.mark.parametrize("versions", [TLS12, TLS13])
@pytest_twisted.ensureDeferred
async def test_bothEndsProveWhoTheyAre(ours, ca, versions, direct):
    """
    Accepting and connecting, STARTTLS and direct TLS, TLS 1.2 and 1.3: each end trusts the other's certificate.
    """
    peer = ca.issue("peer.example")

    accepted, theirs = await handshake(
        ours.forAccepting("push.example", direct), Stranger(peer, versions, protocols=(b"xmpp-server",) * direct)
    )
    _, connected = await handshake(Stranger(peer, versions), ours.forConnecting("push.example", "peer.example", direct))

    for seen in (accepted, connected):
        assert (True, "") == (seen.verdict.trusted, seen.verdict.reason)
        assert ["peer.example"] == seen.names
        assert peer.certificate.read_bytes().startswith(seen.verdict.certificate.public_bytes(Encoding.PEM))
    assert ["push.example"] == theirs.names
    assert theirs.version == {TLS12: "TLSv1.2", TLS13: "TLSv1.3"}[versions]


@pytest_twisted.ensureDeferred
async def test_weUnderstandOurselves(ours):
    """
    Both ends may be ours.
    """
    accepted, connected = await handshake(
        ours.forAccepting(None, True), ours.forConnecting("push.example", "BÜCHER.example", True)
    )

    assert accepted.verdict.trusted and connected.verdict.trusted
    assert ["push.example"] == accepted.names
    assert ["xn--bcher-kva.example"] == connected.names
    assert b"xmpp-server" == accepted.protocol == connected.protocol
    assert b"xn--bcher-kva.example" == accepted.asked


VARIANTS: dict[str, tuple[Any, str, str]] = {
    # how it is made: why it is not trusted when its owner connects to us; when we connect to its owner
    "good": (lambda ca, other: ca.issueTo(domain("a.example")), "", ""),
    "server only": (lambda ca, other: ca.issueTo(domain("a.example"), uses=SERVER), "", ""),
    "client only": (lambda ca, other: ca.issueTo(domain("a.example"), uses=CLIENT), "", "not made for this use"),
    "for code": (
        lambda ca, other: ca.issueTo(domain("a.example"), uses=CODE),
        "not made for this use",
        "not made for this use",
    ),
    "SRV-ID alone": (lambda ca, other: ca.issueTo(service("_xmpp-server.a.example"), uses=SERVER), "", ""),
    "expired": (lambda ca, other: ca.issueTo(domain("a.example"), expired=True), "expired", "expired"),
    "self-signed": (lambda ca, other: ca.issueTo(domain("a.example"), selfSigned=True), "self-signed", "self-signed"),
    "of nobody we know": (
        lambda ca, other: other.issueTo(domain("a.example")),
        "its issuer is not known",
        "its issuer is not known",
    ),
    "by an authority below": (lambda ca, other: ca.below().issueTo(domain("a.example"), uses=SERVER), "", ""),
    "server only, by an authority for servers only": (
        lambda ca, other: lower(ca, *SERVER).issueTo(domain("a.example"), uses=SERVER),
        "",
        "",
    ),
    "by an authority for servers only": (lambda ca, other: lower(ca, *SERVER).issueTo(domain("a.example")), "", ""),
    "below an authority for servers only": (
        lambda ca, other: lower(lower(ca, *SERVER)).issueTo(domain("a.example"), uses=SERVER),
        "",
        "",
    ),
    "client only, by an authority for servers only": (
        lambda ca, other: lower(ca, *SERVER).issueTo(domain("a.example"), uses=CLIENT),
        "not made for this use",
        "not made for this use",
    ),
    "server only, by an authority for clients only": (
        lambda ca, other: lower(ca, *CLIENT).issueTo(domain("a.example"), uses=SERVER),
        "not made for this use",
        "not made for this use",
    ),
    "by an authority for code": (
        lambda ca, other: lower(ca, *CODE).issueTo(domain("a.example")),
        "not made for this use",
        "not made for this use",
    ),
    "beyond what the authority may": (
        lambda ca, other: lower(ca, constraint="corp.example").issueTo(domain("a.example")),
        "beyond what its issuer may certify",
        "beyond what its issuer may certify",
    ),
    "expired and server only": (
        lambda ca, other: ca.issueTo(domain("a.example"), expired=True, uses=SERVER),
        "expired",
        "expired",
    ),
}


@pytest.mark.parametrize("versions", [TLS12, TLS13])
@pytest.mark.parametrize("variant", VARIANTS)
@pytest_twisted.ensureDeferred
async def test_0178_1_theVerdictIsRecordedAndEndsNothing(ours, ca, elsewhere, variant, versions):
    """
    Whatever a peer's certificate is, the handshake succeeds, and the verdict says what is wrong with it. One that is
    only for servers is good enough for a server that connects.
    """
    make, accepting, connecting = VARIANTS[variant]
    peer = Stranger(make(ca, elsewhere), versions)

    accepted, _ = await handshake(ours.forAccepting("push.example", False), peer)
    _, connected = await handshake(peer, ours.forConnecting("push.example", "a.example", False))

    assert (accepting == "", accepting) == (accepted.verdict.trusted, accepted.verdict.reason)
    assert (connecting == "", connecting) == (connected.verdict.trusted, connected.verdict.reason)
    assert accepted.verdict.certificate is not None and connected.verdict.certificate is not None


@pytest.mark.parametrize("isDeep", [False, True])
@pytest_twisted.ensureDeferred
async def test_belowAConstrainedAuthorityOnlyDNSCounts(ours, ca, isDeep):
    """
    OpenSSL applies constraints to DNS-IDs; what else an authority that has some certifies, directly or not, is not
    believed.
    """
    above = lower(ca, constraint="corp.example")
    peer = Stranger((lower(above) if isDeep else above).issueTo(xmppAddress("victim.example")))
    free = Stranger(ca.below().issueTo(xmppAddress("victim.example")))

    for stranger, constrained in ((peer, True), (free, False)):
        accepted, _ = await handshake(ours.forAccepting("push.example", False), stranger)
        _, connected = await handshake(stranger, ours.forConnecting("push.example", "victim.example", False))

        assert [True, True] == [seen.verdict.trusted for seen in (accepted, connected)]
        assert [constrained, constrained] == [seen.verdict.onlyDNS for seen in (accepted, connected)]


@pytest.mark.parametrize("versions", [TLS12, TLS13])
@pytest_twisted.ensureDeferred
async def test_aPeerWithoutCertificateIsLetIn(ours, versions):
    """
    A client without a certificate may still prove itself by dialback.
    """
    accepted, _ = await handshake(ours.forAccepting("push.example", False), Stranger(None, versions))

    assert (False, "no certificate", None) == (
        accepted.verdict.trusted,
        accepted.verdict.reason,
        accepted.verdict.certificate,
    )


@pytest_twisted.ensureDeferred
async def test_anUnreadableCertificateIsNotTrusted(ours, ca):
    """
    An extension that is garbage makes a certificate untrusted, and nothing else.
    """
    garbage = x509.UnrecognizedExtension(x509.oid.ExtensionOID.EXTENDED_KEY_USAGE, b"\x30\x05garbage")
    peer = Stranger(ca.issueTo(domain("a.example"), extensions=[garbage]))

    accepted, _ = await handshake(ours.forAccepting("push.example", False), peer)

    assert not accepted.verdict.trusted
    assert accepted.verdict.reason


def test_withoutTLSNobodyIsTrusted():
    """
    A connection without TLS has no verdict but this one.
    """

    class Plain:
        def getHandle(self) -> object:
            return object()

    assert (False, "no TLS", None) == (lambda v: (v.trusted, v.reason, v.certificate))(verdict(Plain()))


@pytest.mark.parametrize(
    "stranger",
    [
        {"versions": (SSL.TLS1_VERSION, SSL.TLS1_1_VERSION), "ciphers": b"ALL:@SECLEVEL=0"},
        {"versions": TLS12, "ciphers": b"AES128-GCM-SHA256"},
        {"versions": TLS12, "ciphers": b"ECDHE-ECDSA-AES128-SHA"},
    ],
)
@pytest_twisted.ensureDeferred
async def test_oldTLSIsRefused(ours, stranger):
    """
    What is older than TLS 1.2, or encrypts as they did then, is refused.
    """
    accepted, theirs = await handshake(ours.forAccepting("push.example", False), Stranger(**stranger))

    assert isinstance(accepted, Failure)
    assert isinstance(theirs, Failure)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest_twisted.ensureDeferred
async def test_noSessionIsResumed(ours, version):
    """
    Every connection shows its certificates anew.
    """
    from twisted.internet import reactor
    from twisted.internet.protocol import Factory

    def twice(port: int) -> list[bool | None]:
        import socket

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        context.minimum_version = context.maximum_version = version
        session, reused = None, []
        for _ in range(2):
            with (
                socket.create_connection(("127.0.0.1", port), 5) as plain,
                context.wrap_socket(plain, session=session) as connection,
            ):
                connection.recv(2)  # tickets come before what is said
                session = connection.session
                reused.append(connection.session_reused)
                connection.unwrap()  # sessions that end otherwise are never resumed
        return reused

    class Greeter(End):
        def handshakeCompleted(self) -> None:
            super().handshakeCompleted()
            self.transport.write(b"hi")

    listening = reactor.listenTCP(
        0, Factory.forProtocol(lambda: Greeter(ours.forAccepting("push.example", False))), interface="127.0.0.1"
    )
    try:
        assert [False, False] == await deferToThread(twice, listening.getHost().port)
    finally:
        await listening.stopListening()
