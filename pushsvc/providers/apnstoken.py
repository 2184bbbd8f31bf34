"""
Provider tokens: how whoever holds a key of Apple's speaks to APNs.

One is good for an hour, and APNs takes offence when a key brings a new one more often than every twenty minutes. ES256
signatures differ each time, so every token that is made is a new one: all apps with the same key share theirs.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary, WeakValueDictionary

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from twisted.internet.interfaces import IReactorTime

# Seconds after which a token is renewed.
LASTS = 50 * 60
# Seconds before which it is not, whatever is said of it.
AT_LEAST = 20 * 60
# Seconds by which a clock may step back without anybody noticing.
SKEW = 60


@dataclass(frozen=True)
class Key:
    """
    A key that Apple's developer portal made, and whose it is.

    :ivar private: loaded once.
    """

    keyId: str
    teamId: str
    private: EllipticCurvePrivateKey = field(repr=False)

    @property
    def identity(self) -> tuple[str, str, bytes]:
        """
        What tells it from others.
        """
        public = self.private.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return self.teamId, self.keyId, public


class ProviderToken:
    """
    The token of one key, always a good one.

    :param clock: says when a token was made; it may be put right at any time.
    :param monotonic: seconds that only ever pass: how old a token is.
    """

    def __init__(self, key: Key, clock: IReactorTime, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._key = key
        self._clock = clock
        self._monotonic = monotonic
        self._token: str | None = None
        self._made = 0.0
        self._says = 0.0

    def get(self) -> str:
        """
        The token.
        """
        if self._token is None or (self._age() >= AT_LEAST and (self._age() >= LASTS or self._isOdd())):
            return self._renewed()
        return self._token

    def after(self, refused: str) -> str | None:
        """
        What to say instead of a token that APNs calls expired.

        :returns: None when it is too early for another.
        """
        if self._token is not None and self._token != refused:
            return self._token
        return None if self._token is not None and self._age() < AT_LEAST else self._renewed()

    def _age(self) -> float:
        return self._monotonic() - self._made

    def _isOdd(self) -> bool:
        # From before the clock was put right: APNs takes none from the future, and none that seems older than an hour.
        return not -SKEW <= self._clock.seconds() - self._says < LASTS

    def _renewed(self) -> str:
        self._made = self._monotonic()
        self._says = self._clock.seconds()
        claims = {"iss": self._key.teamId, "iat": int(self._says)}
        self._token = jwt.encode(claims, self._key.private, algorithm="ES256", headers={"kid": self._key.keyId})
        return self._token


# Makers of providers meet nowhere but here. By clock, so that what lives on another one (a test, say) has its own, and
# weakly: a token lasts as long as an app that uses it, over a reload too.
_tokens: "WeakKeyDictionary[Any, WeakValueDictionary[tuple[str, str, bytes], ProviderToken]]" = WeakKeyDictionary()


def sharedToken(key: Key, clock: IReactorTime, monotonic: Callable[[], float] = time.monotonic) -> ProviderToken:
    """
    The token of a key: the same for all who ask for it.
    """
    ofClock = _tokens.setdefault(clock, WeakValueDictionary())
    token = ofClock.get(key.identity)
    if token is None:
        token = ofClock[key.identity] = ProviderToken(key, clock, monotonic)
    return token


def readKey(path: Path, keyId: str, teamId: str) -> Key:
    """
    Read a ``.p8`` file.

    :raises ValueError: it cannot be used; the text says why, and nothing of what is in it.
    """
    try:
        pem = path.read_bytes()
    except OSError as e:
        raise ValueError(f"{path}: cannot be read: {e.strerror}") from None
    try:
        private = load_pem_private_key(pem, password=None)
    except Exception:
        # Whatever it says may quote the key.
        raise ValueError(f"{path}: not a private key in PEM, as Apple's .p8 files are") from None
    if not isinstance(private, EllipticCurvePrivateKey) or not isinstance(private.curve, SECP256R1):
        raise ValueError(f"{path}: not a key for ES256, as Apple's .p8 files are")
    return Key(keyId, teamId, private)
