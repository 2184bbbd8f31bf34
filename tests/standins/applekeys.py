"""
What Apple's developer portal hands out: keys for provider tokens, and client certificates.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

KEY_ID = "ABC123DEFG"
TEAM_ID = "DEF123GHIJ"
TOPIC = "org.example.chat"


def pem(key: Any, passphrase: str | None = None) -> bytes:
    """
    A private key.
    """
    encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase.encode("utf-8"))
    written: bytes = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
    return written


def publicPEM(key: Any) -> str:
    """
    The public half of a private key.
    """
    written: bytes = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return written.decode("ascii")


@cache
def signingKey(name: str) -> ec.EllipticCurvePrivateKey:
    """
    A key for provider tokens; the same for the same name.
    """
    return ec.generate_private_key(ec.SECP256R1())


def writeKey(path: Path, name: str = "first") -> Path:
    """
    Its ``.p8`` file.
    """
    path.write_bytes(pem(signingKey(name)))
    return path


@dataclass(frozen=True)
class Issued:
    """
    A client certificate and its key, as values.
    """

    certificate: x509.Certificate
    key: Any

    @property
    def pem(self) -> bytes:
        """
        The certificate alone.
        """
        return self.certificate.public_bytes(Encoding.PEM)

    def pkcs12(self, passphrase: str | None, others: tuple[x509.Certificate, ...] = ()) -> bytes:
        """
        Both, as Keychain exports them.
        """
        encryption = NoEncryption() if passphrase is None else BestAvailableEncryption(passphrase.encode("utf-8"))
        return pkcs12.serialize_key_and_certificates(b"push", self.key, self.certificate, others, encryption)


class AppleCA:
    """
    Signs client certificates for push.

    :ivar root: its own certificate.
    """

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Throwaway WWDR")])
        self.root = (
            self._builder(self._name, self._key.public_key(), datetime.now(UTC) + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(self._key, hashes.SHA256())
        )

    @property
    def pem(self) -> bytes:
        """
        What to trust.
        """
        return self.root.public_bytes(Encoding.PEM)

    def issue(self, topic: str | None = TOPIC, ends: datetime | None = None, key: Any = None) -> Issued:
        """
        A certificate for an app.
        """
        key = key or ec.generate_private_key(ec.SECP256R1())
        names = [x509.NameAttribute(NameOID.COMMON_NAME, f"Apple Push Services: {topic}")]
        if topic is not None:
            names.insert(0, x509.NameAttribute(NameOID.USER_ID, topic))
        builder = (
            self._builder(x509.Name(names), key.public_key(), ends or datetime.now(UTC) + timedelta(days=30))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
        )
        return Issued(builder.sign(self._key, hashes.SHA256()), key)

    def _builder(self, subject: x509.Name, public: Any, ends: datetime) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - timedelta(days=60))
            .not_valid_after(ends)
        )
