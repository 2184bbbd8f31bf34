"""
Web Push's encryption (RFC 8291): only the device can read a push, and nobody on the way learns how long it is.

The content encoding is aes128gcm (RFC 8188), in one record, with a fresh key and salt for each push.
"""

import os
from functools import lru_cache
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ec import (
    ECDH,
    SECP256R1,
    EllipticCurvePrivateKey,
    EllipticCurvePublicKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF, HKDFExpand
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from pushsvc.providers.base64url import decoded

# Bytes: every push service takes that many, and some no more (RFC 8030, 7.2).
LARGEST = 4096
# Bytes of a body that are not its text: salt, record size, our public key with its length; delimiter; tag.
OVERHEAD = 16 + 4 + 1 + 65 + 1 + 16

_RECORD_SIZE = LARGEST.to_bytes(4, "big")
_DELIMITER = b"\x02"
# Devices whose keys are kept ready.
_REMEMBERED = 4096


class Peer(NamedTuple):
    """
    Who is to read it.

    :ivar key: its public key; ``point`` is the same as it is written.
    :ivar auth: what else only it and we know.
    """

    key: EllipticCurvePublicKey
    point: bytes
    auth: bytes


@lru_cache(_REMEMBERED)
def peerOf(p256dh: str, auth: str) -> Peer:
    """
    A device, as its subscription has it.

    :raises ValueError: these cannot be its keys; the text says which.
    """
    try:
        point = decoded(p256dh)
        # Compressed ones are points too, but not in RFC 8291.
        if len(point) != 65:
            raise ValueError
        key = EllipticCurvePublicKey.from_encoded_point(SECP256R1(), point)
    except ValueError:
        raise ValueError("p256dh: not a public key, which is a point on P-256 in base64url") from None
    try:
        secret = decoded(auth)
        if len(secret) != 16:
            raise ValueError
    except ValueError:
        raise ValueError("auth: not 16 bytes in base64url") from None
    return Peer(key, point, secret)


def encrypted(
    text: bytes,
    peer: Peer,
    size: int | None = None,
    own: EllipticCurvePrivateKey | None = None,
    salt: bytes | None = None,
) -> bytes:
    """
    The body of a push.

    :param size: bytes that it is to have; None: as many as it takes.
    :param own: our key for this push; None: a fresh one.
    :param salt: of this push; None: a fresh one.
    :raises ValueError: the text is too long for that size.
    """
    padding = 0 if size is None else size - OVERHEAD - len(text)
    if padding < 0 or len(text) + OVERHEAD > LARGEST:
        raise ValueError("too long")
    own = own or generate_private_key(SECP256R1())
    salt = salt or os.urandom(16)
    point = own.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    info = b"WebPush: info\0" + peer.point + point
    shared = HKDF(SHA256(), 32, peer.auth, info).derive(own.exchange(ECDH(), peer.key))
    pseudorandom = HKDF.extract(SHA256(), salt, shared)
    key = HKDFExpand(SHA256(), 16, b"Content-Encoding: aes128gcm\0").derive(pseudorandom)
    nonce = HKDFExpand(SHA256(), 12, b"Content-Encoding: nonce\0").derive(pseudorandom)
    sealed = AESGCM(key).encrypt(nonce, text + _DELIMITER + bytes(padding), None)
    return salt + _RECORD_SIZE + bytes([len(point)]) + point + sealed
