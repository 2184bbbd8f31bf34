"""
TLS between servers.
"""

import ssl
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key as loadKey
from cryptography.x509.oid import ExtendedKeyUsageOID
from OpenSSL import SSL
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure

from pushsvc.links.s2s.tls import Certificates, Files, verdict
from tests.links.s2s.handshaking import End, Stranger, handshake
from tests.standins.certificates import CA, Certificate, domain, service, xmppAddress

TLS12 = (SSL.TLS1_2_VERSION, SSL.TLS1_2_VERSION)
TLS13 = (SSL.TLS1_3_VERSION, SSL.TLS1_3_VERSION)

SERVER = [ExtendedKeyUsageOID.SERVER_AUTH]
CLIENT = [ExtendedKeyUsageOID.CLIENT_AUTH]
CODE = [ExtendedKeyUsageOID.CODE_SIGNING]


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CA:
    return CA(tmp_path_factory.mktemp("ca"))


def lower(ca: CA, *uses: Any, constraint: str = "") -> CA:
    """
    An authority that is for some uses, or names, only.
    """
    extensions: list[Any] = [x509.ExtendedKeyUsage(uses)] if uses else []
    if constraint:
        extensions.append(x509.NameConstraints([x509.DNSName(constraint)], None))
    return ca.below(f"below {x509.random_serial_number():x}", extensions, critical=bool(constraint))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> CA:
    """
    An authority that nobody trusts.
    """
    return CA(tmp_path_factory.mktemp("elsewhere"), "Elsewhere")


def files(certificate: Certificate) -> Files:
    return Files(certificate.certificate, certificate.key)


@pytest.fixture(scope="module")
def ours(ca: CA) -> Certificates:
    """
    Two hosts with certificates of their own, and one for whoever else.
    """
    return Certificates(
        {"push.example": files(ca.issue("push.example")), "bücher.example": files(ca.issue("xn--bcher-kva.example"))},
        files(ca.issue("default.example")),
        ca.certificate,
    )


def only(certificate: Certificate, ca: CA) -> Certificates:
    return Certificates({}, files(certificate), ca.certificate)


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
    ("host", "name", "shown"),
    [
        ("push.example", None, "push.example"),
        ("PUSH.example", None, "push.example"),
        ("bücher.example", None, "xn--bcher-kva.example"),
        ("xn--bcher-kva.example", None, "xn--bcher-kva.example"),
        ("other.example", None, "default.example"),
        ("", None, "default.example"),
        # The stream header has been read: it goes before what TLS asks for.
        ("push.example", b"xn--bcher-kva.example", "push.example"),
        ("other.example", b"push.example", "default.example"),
        (None, b"push.example", "push.example"),
        (None, b"PUSH.example", "push.example"),
        (None, b"xn--bcher-kva.example", "xn--bcher-kva.example"),
        (None, b"other.example", "default.example"),
        (None, b"..", "default.example"),
        (None, b"\xff\xfe", "default.example"),
        (None, None, "default.example"),
    ],
)
@pytest.mark.parametrize("versions", [TLS12, TLS13])
@pytest_twisted.ensureDeferred
async def test_0368_1_theCertificateIsThatOfTheHostAskedFor(ours, ca, host, name, shown, versions):
    """
    STARTTLS: that of the stream header's ``to``. Direct TLS: that of the server name in TLS. Else the default.
    """
    peer = Stranger(ca.issue("peer.example"), versions, serverName=name)

    accepted, theirs = await handshake(ours.forAccepting(host, host is None), peer)

    assert [shown] == theirs.names
    assert accepted.verdict.trusted


@pytest_twisted.ensureDeferred
async def test_withoutADefaultTheFirstHostIsIt(ca):
    """
    Where no default is configured, the first host's certificate is shown to whoever asks for an unknown one.
    """
    ours = Certificates({"a.example": files(ca.issue("a.example")), "b.example": files(ca.issue("b.example"))})

    _, theirs = await handshake(ours.forAccepting(None, True), Stranger(serverName=b"c.example"))

    assert ["a.example"] == theirs.names


@pytest_twisted.ensureDeferred
async def test_theWholeChainIsShown(ca):
    """
    Those certificates that lead to the root are sent along, in both roles.
    """
    ours = only(ca.below().issueTo(domain("push.example")), ca)

    _, theirs = await handshake(ours.forAccepting(None, False), Stranger())
    accepted, _ = await handshake(
        Stranger(ca.issue("a.example")), ours.forConnecting("push.example", "a.example", False)
    )

    assert (2, 1) == (theirs.chain, accepted.chain)


@pytest.mark.parametrize(
    ("direct", "offered", "agreed"),
    [
        (True, (), b""),
        (True, (b"xmpp-server",), b"xmpp-server"),
        (True, (b"h2", b"xmpp-server"), b"xmpp-server"),
        # Prosody offers it behind STARTTLS, too.
        (False, (b"xmpp-server",), b""),
        (False, (b"xmpp-client",), b""),
    ],
)
@pytest_twisted.ensureDeferred
async def test_0368_1_theProtocolIsNamedInDirectTLS(ours, direct, offered, agreed):
    """
    ALPN ``xmpp-server`` is chosen in direct TLS where it is offered, and not missed where nothing is.
    """
    accepted, theirs = await handshake(ours.forAccepting("push.example", direct), Stranger(protocols=offered))

    assert agreed == accepted.protocol == theirs.protocol


@pytest_twisted.ensureDeferred
async def test_0368_1_whoSpeaksSomethingElseIsToldSo(ours):
    """
    A client that offers other protocols only gets the alert that says so.
    """
    accepted, theirs = await handshake(ours.forAccepting(None, True), Stranger(protocols=(b"xmpp-client",)))

    assert isinstance(accepted, Failure)
    assert isinstance(theirs, Failure)
    assert "no application protocol" in str(theirs.value)


@pytest_twisted.ensureDeferred
async def test_0368_1_serversThatDoNotKnowALPNAreFine(ours, ca):
    """
    Connecting by direct TLS, we do not insist on an answer to ALPN.
    """
    accepted, connected = await handshake(
        Stranger(ca.issue("a.example")), ours.forConnecting("push.example", "a.example", True)
    )

    assert connected.verdict.trusted
    assert b"" == connected.protocol
    assert b"a.example" == accepted.asked


@pytest.mark.parametrize(("peer", "asked"), [("127.0.0.1", None), ("[::1]", None), ("bücher.example", True)])
@pytest_twisted.ensureDeferred
async def test_theServerNameIsADomain(ours, ca, peer, asked):
    """
    TLS asks for a domain in A-labels; addresses are not asked for.
    """
    accepted, _ = await handshake(Stranger(ca.issue("a.example")), ours.forConnecting("push.example", peer, False))

    assert (b"xn--bcher-kva.example" if asked else None) == accepted.asked


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


@pytest.fixture
def pair(tmp_path: Path, ca: CA) -> Files:
    """
    Files that may change.
    """
    pair = Files(tmp_path / "fullchain.pem", tmp_path / "privkey.pem")
    put(ca.issue("first.example"), pair)
    return pair


def put(certificate: Certificate, pair: Files) -> None:
    pair.certificate.write_bytes(certificate.certificate.read_bytes())
    pair.key.write_bytes(certificate.key.read_bytes())


async def shownBy(ours: Certificates) -> list[str]:
    _, theirs = await handshake(ours.forAccepting(None, True), Stranger())
    return theirs.names


@pytest_twisted.ensureDeferred
async def test_newFilesAreShownAfterAReload(ca, pair):
    """
    New files count once they are read again, not before.
    """
    ours = Certificates({}, pair, ca.certificate)
    put(ca.issue("second.example"), pair)
    before = await shownBy(ours)
    ours.reload()

    assert ["first.example"] == before
    assert ["second.example"] == await shownBy(ours)


@pytest_twisted.ensureDeferred
async def test_newRootsAreTrustedAfterAReload(tmp_path, ca, elsewhere, pair):
    """
    The file of roots is read again with the others.
    """
    trust = tmp_path / "trust.pem"
    trust.write_bytes(ca.certificate.read_bytes())
    ours = Certificates({}, pair, trust)
    peer = Stranger(elsewhere.issue("a.example"))
    before, _ = await handshake(ours.forAccepting(None, False), peer)
    trust.write_bytes(ca.certificate.read_bytes() + elsewhere.certificate.read_bytes())
    ours.reload()
    after, _ = await handshake(ours.forAccepting(None, False), peer)

    assert not before.verdict.trusted
    assert after.verdict.trusted


def unreadable(pem: bytes) -> bytes:
    """
    The same certificate with a name that cryptography takes as it is, and OpenSSL does not: bytes, and no text.
    """
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    name = b"\x06\x03\x55\x04\x03\x0c"  # a common name, as UTF-8
    body = b64encode(der.replace(name, name[:-1] + b"\x04"))  # as an octet string
    return b"-----BEGIN CERTIFICATE-----\n" + body + b"\n-----END CERTIFICATE-----\n"


def locked(key: bytes) -> bytes:
    return loadKey(key, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


BREAKAGES: dict[str, tuple[str, Any]] = {
    # the file that is to be named: what becomes of it
    "no certificate file": ("fullchain.pem", lambda old, ca: None),
    "an empty certificate file": ("fullchain.pem", lambda old, ca: b""),
    "half a certificate": ("fullchain.pem", lambda old, ca: old[: len(old) // 2]),
    "a certificate of garbage": (
        "fullchain.pem",
        lambda old, ca: b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ),
    "no key file": ("privkey.pem", lambda old, ca: None),
    "half a key": ("privkey.pem", lambda old, ca: old[: len(old) // 2]),
    "a key that needs a passphrase": ("privkey.pem", lambda old, ca: locked(old)),
    "another's key": ("privkey.pem", lambda old, ca: ca.issue("other.example").key.read_bytes()),
    "another's certificate": ("fullchain.pem", lambda old, ca: ca.issue("other.example").certificate.read_bytes()),
    "a certificate that OpenSSL cannot read": (
        "fullchain.pem",
        lambda old, ca: old + unreadable(CA(ca.certificate.parent / "odd", "odd").certificate.read_bytes()),
    ),
    "a root that OpenSSL cannot read": (
        "trust.pem",
        lambda old, ca: old + unreadable(CA(ca.certificate.parent / "odd", "odd").certificate.read_bytes()),
    ),
    "no roots": ("trust.pem", lambda old, ca: b"none"),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
@pytest_twisted.ensureDeferred
async def test_brokenFilesChangeNothing(tmp_path, ca, pair, breakage):
    """
    What is wrong with a file is said, with its name; the old ones stay in use, and peers are trusted as before.
    """
    name, change = BREAKAGES[breakage]
    (tmp_path / "trust.pem").write_bytes(ca.certificate.read_bytes())
    ours = Certificates({"push.example": pair}, None, tmp_path / "trust.pem")
    broken = tmp_path / name
    changed = change(broken.read_bytes(), ca)
    if changed is None:
        broken.unlink()
    else:
        broken.write_bytes(changed)

    with pytest.raises(ValueError, match=name) as refusal:
        ours.reload()
    with pytest.raises(ValueError, match=name):
        Certificates({"push.example": pair}, None, tmp_path / "trust.pem")

    assert "BEGIN" not in str(refusal.value)
    accepted, theirs = await handshake(ours.forAccepting(None, True), Stranger(ca.issue("a.example")))
    assert ["first.example"] == theirs.names
    assert accepted.verdict.trusted


def test_aHostNeedsACertificate():
    """
    Without any certificate there is nothing to accept connections with.
    """
    with pytest.raises(ValueError, match="no certificate"):
        Certificates({})


def test_itIsKnownWhenCertificatesExpire(ca):
    """
    The date of each host's certificate can be watched; an expired one is no reason not to start.
    """
    ours = Certificates(
        {
            "a.example": files(ca.issueTo(domain("a.example"))),
            "b.example": files(ca.issueTo(domain("b.example"), expired=True)),
        },
        files(ca.issue("default.example")),
    )
    now = datetime.now(UTC)
    expected = {
        "a.example": now + timedelta(days=30),
        "b.example": now - timedelta(days=1),
        "*": now + timedelta(days=30),
    }

    assert expected.keys() == ours.expires().keys()
    for host, date in expected.items():
        assert abs(ours.expires()[host] - date.timestamp()) < 60


def test_keysAreNotShown(ca):
    """
    What is shown for finding faults has no key in it.
    """
    from pushsvc.links.s2s.keypairs import keyPairIn

    assert "key" not in repr(keyPairIn(files(ca.issue("a.example")))).lower().replace("keypair", "")
