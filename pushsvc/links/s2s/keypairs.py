"""
Certificates and keys as they lie in files.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key


class Files(NamedTuple):
    """
    Where a host's certificate is, followed by those that lead to its root, and where its key.
    """

    certificate: Path
    key: Path


@dataclass(frozen=True)
class KeyPair:
    """
    What a host shows, and proves to be its own.

    :ivar chain: the host's certificate, and those that lead to its root.
    :ivar expires: when the first of them does, POSIX time.
    """

    chain: tuple[x509.Certificate, ...]
    key: Any = field(repr=False)
    expires: float


def keyPairIn(files: Files) -> KeyPair:
    """
    :raises ValueError: they cannot be read, or do not belong together; the text names the file.
    """
    chain = certificatesIn(files.certificate)
    key = _parsed(files.key, "not a private key without a passphrase", lambda pem: load_pem_private_key(pem, None))
    public = _parsed(files.certificate, "a key of a kind that is not known", lambda _: chain[0].public_key())
    if public != key.public_key():
        raise ValueError(f"{files.key}: not the key of the first certificate in {files.certificate}")
    return KeyPair(chain, key, min(each.not_valid_after_utc.timestamp() for each in chain))


def certificatesIn(file: Path) -> tuple[x509.Certificate, ...]:
    """
    :raises ValueError: it cannot be read, or there is none; the text names the file.
    """
    return tuple(_parsed(file, "not a file of certificates", x509.load_pem_x509_certificates))


def _parsed(file: Path, complaint: str, parse: Callable[[bytes], Any]) -> Any:
    try:
        pem = file.read_bytes()
    except OSError as e:
        raise ValueError(f"{file}: cannot be read: {e.strerror}") from None
    try:
        return parse(pem)
    except Exception:  # cryptography has many, and some would show what they found
        raise ValueError(f"{file}: {complaint}") from None
