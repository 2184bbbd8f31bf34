"""
Who we are to push services (VAPID, RFC 8292): a key pair of our own, for each of them a token signed with it.

A token is good for one push service and at most a day, and signing costs more than all the rest of a push; so each is
made once and renewed when half its time is over.
"""

from collections import OrderedDict
from pathlib import Path

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from twisted.internet.interfaces import IReactorTime

from pushsvc.providers.base64url import decoded, encoded

# Seconds that a token is good for: the RFC allows 24 hours, and clocks differ.
LASTS = 12 * 3600
# Push services whose tokens are kept.
REMEMBERED = 1024


class Signer:
    """
    A key, and who is behind it.

    :ivar publicKey: as browsers want it, ``applicationServerKey``: base64url.
    """

    def __init__(self, key: EllipticCurvePrivateKey, subject: str) -> None:
        self._key = key
        self._subject = subject
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.publicKey = encoded(point)

    def authorization(self, origin: str, now: float) -> str:
        """
        What a push service is told, in the header of that name.

        :param now: seconds since 1970.
        """
        claims = {"aud": origin, "exp": int(now) + LASTS, "sub": self._subject}
        token = jwt.encode(claims, self._key, algorithm="ES256")
        return f"vapid t={token}, k={self.publicKey}"


class Authorizations:
    """
    What all push services are told, always good.
    """

    def __init__(self, signer: Signer, clock: IReactorTime, remembered: int = REMEMBERED) -> None:
        self._signer = signer
        self._clock = clock
        self._remembered = remembered
        self._made: OrderedDict[str, tuple[float, str]] = OrderedDict()

    def get(self, origin: str) -> str:
        """
        What one of them is told.
        """
        now = self._clock.seconds()
        made, authorization = self._made.get(origin, (now, ""))
        # Also when the clock was put back since: nobody takes what is good for longer than a day.
        if not authorization or not 0 <= now - made < LASTS / 2:
            made, authorization = self._made[origin] = now, self._signer.authorization(origin, now)
            if len(self._made) > self._remembered:
                self._made.popitem(last=False)
        self._made.move_to_end(origin)
        return authorization


def readKey(path: Path) -> EllipticCurvePrivateKey:
    """
    Read a key: PEM, or, as the web's tools write it, the 32 bytes of it in base64url.

    :raises ValueError: it cannot be used; the text says why, and nothing of what is in it.
    """
    try:
        content = path.read_bytes()
    except OSError as e:
        raise ValueError(f"{path}: cannot be read: {e.strerror}") from None
    try:
        private = load_pem_private_key(content, None) if b"-----BEGIN" in content else _ofNumber(content)
    except Exception:
        # Whatever it says may quote the key.
        raise ValueError(f"{path}: neither a private key in PEM nor one in base64url") from None
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise ValueError(f"{path}: not a key on the curve P-256 (prime256v1)")
    return private


def _ofNumber(content: bytes) -> EllipticCurvePrivateKey:
    number = decoded(content.decode("ascii").strip())
    if len(number) != 32:
        raise ValueError
    return derive_private_key(int.from_bytes(number, "big"), SECP256R1())
