"""
The files of our certificates: read, and read again.
"""

from base64 import b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from cryptography import x509
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.hazmat.primitives.serialization import load_pem_private_key as loadKey

from pushsvc.links.s2s.tls import Certificates, Files
from tests.links.s2s.authorities import files
from tests.links.s2s.handshaking import Stranger, handshake
from tests.standins.certificates import CA, Certificate, domain


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
