"""
A stand-in for a push service (RFC 8030) that wants to know who pushes (RFC 8292), and the browser behind it.

It is strict, as autopush is, and keeps nothing: the path of an endpoint, ``/wpush/KEY/ID``, says for whose public key
the subscription was made; ``-`` for a key: for anybody's. What we encrypt and sign is read by libraries that are not
ours: ``http-ece`` and ``py-vapid``.
"""

import base64
import json
import re
import secrets
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import http_ece
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from py_vapid import Vapid02

from tests.standins.network import Answer, Network, Seen, main

LARGEST = 4096
DAY = 86400
_PATH = re.compile(r"/wpush/([A-Za-z0-9_-]+)/([A-Za-z0-9_-]+)")
_AUTHORIZATION = re.compile(r"vapid t=([A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+), ?k=([A-Za-z0-9_-]+)")
_URGENCIES = ("very-low", "low", "normal", "high")


def toText(value: bytes) -> str:
    """
    Base64url without padding.
    """
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode("ascii")


def toBytes(text: str) -> bytes:
    """
    What it was.
    """
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class Browser:
    """
    A device with a subscription.

    :ivar endpoint: where to push.
    """

    def __init__(self, origin: str, serverKey: str | None = None) -> None:
        self._key = generate_private_key(SECP256R1())
        self._auth = secrets.token_bytes(16)
        self.endpoint = f"{origin}/wpush/{serverKey or '-'}/secret-{secrets.token_urlsafe(12)}"
        point = self._key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.p256dh, self.auth = toText(point), toText(self._auth)

    def subscription(self) -> str:
        """
        As ``JSON.stringify`` writes it.
        """
        keys = {"p256dh": self.p256dh, "auth": self.auth}
        return json.dumps({"endpoint": self.endpoint, "expirationTime": None, "keys": keys})

    def decrypted(self, body: bytes) -> bytes:
        """
        What a push says.
        """
        text: bytes = http_ece.decrypt(body, private_key=self._key, auth_secret=self._auth, version="aes128gcm")
        return text

    def read(self, seen: Seen) -> Any:
        """
        What a recorded push says.
        """
        assert self.endpoint.endswith(seen["path"])
        return json.loads(self.decrypted(toBytes(seen["body"])))


class PushService(Network):
    """
    The push service.

    :ivar taken: the pushes that it took.
    """

    def __init__(self, clock: Callable[[], float] = time.time, record: Path | None = None) -> None:
        super().__init__(clock, record)
        self.taken: list[Seen] = []

    def read(self, content: bytes) -> Any:
        return toText(content)

    def answer(self, seen: Seen) -> Answer:
        path = _PATH.fullmatch(seen["path"])
        if path is None:
            return errno(404, 102)
        if seen["method"] != "POST":
            return {"status": 405}
        wrong = _wrong(seen["headers"], toBytes(seen["body"]))
        if wrong is not None:
            return wrong
        if path[1] != "-":
            who = self._authorized(seen["headers"])
            if who is None:
                return errno(401, 109)
            if who != path[1]:
                return errno(403, 109)
        self.taken.append(seen)
        origin = f"https://{seen['headers']['host']}"
        ttl = min(int(seen["headers"]["ttl"]), 30 * DAY)
        return {"status": 201, "headers": {"Location": f"{origin}/m/{len(self.taken)}", "TTL": str(ttl)}, "text": ""}

    def _authorized(self, headers: dict[str, str]) -> str | None:
        """
        The public key of who is authorized.
        """
        said = _AUTHORIZATION.fullmatch(headers.get("authorization", ""))
        # The library reads them without the blank that the RFC's examples have.
        if said is None or not Vapid02.verify(f"vapid t={said[1]},k={said[2]}"):
            return None
        head, claims = (json.loads(toBytes(part)) for part in said[1].split(".")[:2])
        now = self.clock()
        if head.get("alg") != "ES256" or head.get("typ") != "JWT":
            return None
        if claims.get("aud") != f"https://{headers['host']}" or not now < claims.get("exp", 0) <= now + DAY:
            return None
        if not re.fullmatch(r"mailto:[^@]+@[^@]+\.[^@]+|https://.+", claims.get("sub", "")):
            return None
        return said[2]


def errno(status: int, number: int, **headers: str) -> Answer:
    """
    An entry for the script: an error as Mozilla words it.
    """
    body = {"code": status, "errno": number, "error": "words", "message": "more words"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return {"status": status, "headers": {"Content-Type": "application/json", **named}, "body": body}


def writeKey(path: Path) -> tuple[Path, str]:
    """
    A key for VAPID in a file, and its public half in text.
    """
    key = generate_private_key(SECP256R1())
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path, toText(key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))


def _wrong(headers: dict[str, str], body: bytes) -> Answer | None:
    if not re.fullmatch(r"[0-9]+", headers.get("ttl", "")):
        return errno(400, 111)
    if "topic" in headers and not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", headers["topic"]):
        return errno(400, 113)
    if headers.get("urgency", "normal") not in _URGENCIES:
        return errno(400, 111)
    if len(body) > LARGEST:
        return errno(413, 104)
    if headers.get("content-encoding") != "aes128gcm" or len(body) < 16 + 4 + 1 + 65 + 1 + 16:
        return errno(400, 110)
    rs, length = int.from_bytes(body[16:20], "big"), body[20]
    if length != 65 or body[21] != 4 or rs < len(body) - 21 - length:
        return errno(400, 110)
    return None


if __name__ == "__main__":
    main(lambda arguments: PushService(record=arguments.record), description="A stand-in for a push service.")
