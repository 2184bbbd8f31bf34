"""
Client certificates: the other way to speak to APNs, one app at a time.

A certificate comes as PEM, its key in the same file or in one of its own, or as PKCS#12; what it is, its content says.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from cryptography.hazmat.primitives.serialization.pkcs12 import load_pkcs12
from cryptography.x509.oid import NameOID

from pushsvc.exchange import ClientCertificate

_PEM = b"-----BEGIN "


@dataclass(frozen=True)
class PushCertificate:
    """
    A certificate and its key.

    :ivar shown: to APNs, by our connections.
    :ivar topic: the app that it is for; None when it does not say.
    :ivar ends: seconds since 1970.
    """

    shown: ClientCertificate
    topic: str | None
    ends: float


def readCertificate(path: Path, privateKey: Path | None, passphrase: str | None) -> PushCertificate:
    """
    Read a certificate and its key.

    :param privateKey: where the key is, if not in the same file.
    :param passphrase: what the key, or the whole file, is encrypted with.
    :raises ValueError: they cannot be used; the text says which and why, and nothing of what is in them.
    """
    content = _content(path, "certificate")
    if _PEM in content:
        certificates = _pemCertificates(content, path)
        keyFile, where = (content, f"certificate: {path}") if privateKey is None else _keyFile(privateKey)
        key = _pemKey(keyFile, where, passphrase)
    elif privateKey is not None:
        raise ValueError(f"certificate: {path}: not PEM, and PKCS#12 holds the private-key itself")
    else:
        key, certificates = _pkcs12(content, path, passphrase)
    own = _publicBytes(key)
    for certificate in certificates:
        if _publicBytes(certificate) == own:
            chain = (certificate, *(other for other in certificates if other is not certificate))
            ends = certificate.not_valid_after_utc.timestamp()
            return PushCertificate(ClientCertificate(key, chain), _topic(certificate), ends)
    raise ValueError(f"{'certificate' if privateKey is None else 'private-key'}: the key is not the certificate's")


def _content(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise ValueError(f"{what}: {path}: cannot be read: {e.strerror}") from None


def _keyFile(path: Path) -> tuple[bytes, str]:
    return _content(path, "private-key"), f"private-key: {path}"


def _pemCertificates(content: bytes, path: Path) -> list[x509.Certificate]:
    # Keychain's PEM has lines of text between its blocks, which loading all at once does not mind.
    try:
        return x509.load_pem_x509_certificates(content)
    except ValueError:
        raise ValueError(f"certificate: {path}: no certificate in it that can be read") from None


def _pemKey(content: bytes, where: str, passphrase: str | None) -> Any:
    blocks = [_PEM + block for block in content.split(_PEM)[1:]]
    keys = [block for block in blocks if b"PRIVATE KEY-----" in block.partition(b"\n")[0]]
    if not keys:
        raise ValueError(f"{where}: no key in it")
    try:
        return load_pem_private_key(keys[0], None if passphrase is None else passphrase.encode("utf-8"))
    except TypeError:
        said = "its key needs a passphrase" if passphrase is None else "there is a passphrase, but its key needs none"
    except Exception:
        # Whatever it says may quote the key.
        said = "its key cannot be read" + ("" if passphrase is None else "; is the passphrase right?")
    raise ValueError(f"{where}: {said}")


def _pkcs12(content: bytes, path: Path, passphrase: str | None) -> tuple[Any, list[x509.Certificate]]:
    try:
        bag = load_pkcs12(content, passphrase.encode("utf-8") if passphrase else None)
    except Exception:
        said = "the passphrase is wrong" if passphrase else "a passphrase is missing"
        raise ValueError(f"certificate: {path}: neither PEM nor PKCS#12 that can be opened; perhaps {said}") from None
    if bag.key is None or bag.cert is None:
        raise ValueError(f"certificate: {path}: PKCS#12 without a certificate and its key")
    return bag.key, [bag.cert.certificate, *(other.certificate for other in bag.additional_certs)]


def _publicBytes(keyOrCertificate: Any) -> bytes:
    public: bytes = keyOrCertificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return public


def _topic(certificate: x509.Certificate) -> str | None:
    ids = certificate.subject.get_attributes_for_oid(NameOID.USER_ID)
    return str(ids[0].value) if ids else None
