"""
Throwaway certificates and keys: a CA, what it signs, and a Google service account.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


@dataclass(frozen=True)
class Certificate:
    """
    A certificate and its key, in files.
    """

    certificate: Path
    key: Path


class CA:
    """
    An authority that signs whatever it is asked to, in a folder of its own.

    :ivar certificate: the file to trust.
    """

    def __init__(self, folder: Path, name: str = "Throwaway CA") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._link = b""  # what leads from here to the root
        self.certificate = folder / "ca.pem"
        usage = x509.KeyUsage(
            digital_signature=False,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            key_cert_sign=True,
            crl_sign=True,
            encipher_only=False,
            decipher_only=False,
        )
        builder = (
            _builder(self._name, self._name, self._key.public_key())
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .add_extension(usage, critical=True)
        )
        self.certificate.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))

    def issue(self, *names: str, expired: bool = False, client: bool = False) -> Certificate:
        """
        A server's certificate for these host names and addresses.

        :param client: a client's instead.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        builder = (
            _builder(subject, self._name, key.public_key(), expired)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
            .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        )
        base = names[0].replace(":", "_") + ("-expired" if expired else "")
        issued = Certificate(self._folder / f"{base}.pem", self._folder / f"{base}.key")
        issued.certificate.write_bytes(builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM))
        issued.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return issued

    def issueTo(
        self,
        *alternatives: x509.GeneralName,
        uses: Sequence[x509.ObjectIdentifier] | None = None,
        expired: bool = False,
        selfSigned: bool = False,
        extensions: Sequence[x509.ExtensionType] = (),
    ) -> Certificate:
        """
        A certificate for whatever names, as XMPP servers have them; see `domain`, `service`, `xmppAddress`.

        :param uses: what it may be used for; None: it does not say.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "a peer")])
        builder = _builder(subject, subject if selfSigned else self._name, key.public_key(), expired)
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        if alternatives:
            builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        if uses is not None:
            builder = builder.add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        certificate = builder.sign(key if selfSigned else self._key, hashes.SHA256())
        base = f"peer-{certificate.serial_number:x}"
        issued = Certificate(self._folder / f"{base}.pem", self._folder / f"{base}.key")
        issued.certificate.write_bytes(certificate.public_bytes(Encoding.PEM) + self._link)
        issued.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return issued

    def below(
        self, name: str = "Throwaway CA below", extensions: Sequence[x509.ExtensionType] = (), critical: bool = False
    ) -> "CA":
        """
        An authority that this one vouches for; what it issues comes with its own certificate.

        :param extensions: of that certificate; ``critical`` says whether they are.
        """
        lower = CA(self._folder / name.replace(" ", "-"), name)
        builder = _builder(lower._name, self._name, lower._key.public_key())
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        for extension in extensions:
            builder = builder.add_extension(extension, critical=critical)
        lower._link = builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM) + self._link
        return lower


def domain(name: str) -> x509.GeneralName:
    """
    A DNS-ID.
    """
    return x509.DNSName(name)


def service(name: str) -> x509.GeneralName:
    """
    An SRV-ID, ``_xmpp-server.example.org`` (RFC 4985).
    """
    return x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.7"), _der(0x16, name.encode("ascii")))


def xmppAddress(address: str) -> x509.GeneralName:
    """
    An XmppAddr (RFC 6120, 13.7.1.4).
    """
    return x509.OtherName(x509.ObjectIdentifier("1.3.6.1.5.5.7.8.5"), _der(0x0C, address.encode("utf-8")))


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    return bytes([tag, size] if size < 128 else [tag, 0x82, size >> 8, size & 0xFF]) + content


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, expired: bool = False
) -> x509.CertificateBuilder:
    end = datetime.now(UTC) + timedelta(days=-1 if expired else 30)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(end - timedelta(days=60))
        .not_valid_after(end)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@cache
def rsaKey() -> str:
    """
    An RSA key, PEM: made once a run, for that takes long.
    """
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")


def serviceAccount(tokenURI: str, project: str = "chatninja-1234", key: str | None = None) -> dict[str, str]:
    """
    What Google's console would write into the file.
    """
    return {
        "type": "service_account",
        "project_id": project,
        "private_key_id": "0123456789abcdef",
        "private_key": key or rsaKey(),
        "client_email": f"pushsvc@{project}.iam.gserviceaccount.com",
        "client_id": "1234567890",
        "token_uri": tokenURI,
    }


def writeServiceAccount(path: Path, tokenURI: str, project: str = "chatninja-1234") -> Path:
    """
    The file itself.
    """
    path.write_text(json.dumps(serviceAccount(tokenURI, project)), "utf-8")
    return path


def publicKeyOf(account: Path) -> str:
    """
    What Google keeps of a service account, PEM.
    """
    private = load_pem_private_key(json.loads(account.read_text("utf-8"))["private_key"].encode("ascii"), None)
    return private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")
