"""
Devices that may be pushed to, and what is kept of what they and their servers must know.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest

# Secrets issued for one registration of which any may be used: the last used one and those issued since.
SECRETS_KEPT = 8
# Some vocabularies give none: then none is what the owner's server, and nobody else, publishes with.
NO_SECRET = ""


@dataclass(frozen=True)
class Target:
    """
    Where a notification goes: which app, and what its network needs to find the device.

    :ivar key: what newer notifications are matched with older ones by: a registration's node, a token, an enablement.
    :ivar app: the app's name in the configuration.
    :ivar token: the network's name of the device.
    :ivar details: what else the app's provider wants to know of the device.
    """

    key: str = field(repr=False)
    app: str
    token: str = field(repr=False)
    details: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True)
class Registration:
    """
    One device that may be pushed to.

    Identified by owner, device id and room; the node stays for life, everything else may change.

    :ivar host: the pubsub host on which the node is.
    :ivar owner: bare JID.
    :ivar room: bare JID of the one room this registration is for, or None.
    :ivar digests: of the secret that was used last, and of those issued since, oldest first.
    :ivar registered: seconds since 1970.
    :ivar renewed: seconds since 1970 of the newest registration.
    """

    node: str = field(repr=False)
    host: str
    owner: str = field(repr=False)
    deviceId: str = field(repr=False)
    target: Target
    digests: tuple[bytes, ...] = field(repr=False)
    registered: float
    renewed: float
    deviceName: str | None = field(default=None, repr=False)
    room: str | None = field(default=None, repr=False)

    def usedDigest(self, secret: str) -> bytes | None:
        """
        Which of the digests a secret belongs to; None: to none of them.

        All are compared, each in constant time.
        """
        given = digest(secret)
        found = None
        for known in self.digests:
            if compare_digest(given, known):
                found = known
        return found


def digest(secret: str) -> bytes:
    """
    What is kept of a secret. Secrets are random and long, so that one round of SHA-256 is enough.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def tokenId(token: str) -> str:
    """
    A name for a device of which only its token is known. Not the token itself: names are shown to people.
    """
    return f"token-{hashlib.sha256(token.encode('utf-8', 'surrogatepass')).hexdigest()[:32]}"


def isTokenId(deviceId: str) -> bool:
    """
    Whether a device is called by its token.
    """
    return re.fullmatch(r"token-[0-9a-f]{32}", deviceId) is not None


def withSecret(digests: tuple[bytes, ...], issued: bytes) -> tuple[bytes, ...]:
    """
    The digests to keep once a further secret has been issued: the last used one and the newest.
    """
    if len(digests) < SECRETS_KEPT:
        return (*digests, issued)
    return (digests[0], *digests[2:], issued)


@dataclass(frozen=True)
class Device:
    """
    What a client says of its device when it registers.
    """

    id: str = field(repr=False)
    name: str | None = field(default=None, repr=False)
    room: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Credentials:
    """
    What a client tells its own server, so that it can publish: the answer to a registration.

    :ivar facts: what it may want to know of the app besides.
    """

    jid: str
    node: str = field(repr=False)
    secret: str | None = field(default=None, repr=False)
    facts: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True)
class Offer:
    """
    An app, as clients may be told of it.

    :ivar app: the app's name in the configuration.
    :ivar provider: the provider's name, such as ``fcm``.
    :ivar ids: what clients of Tigase's family know it by.
    :ivar features: what its provider can do beyond waking.
    :ivar payloadSize: how long an encrypted payload may be; None when the provider does not say.
    """

    app: str
    provider: str
    ids: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    payloadSize: int | None = None
