"""
A stand-in for who receives webhooks: it verifies what it gets, by another library than that which signs, and keeps it.

The secret is given with ``--secret``. The path ``/gone/...`` has been taken down.
"""

import base64
import json
import time
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC

from tests.standins.network import Answer, Network, Seen, main

# Seconds by which clocks may differ, and which a request may take.
TOLERANCE = 300


class Receiver(Network):
    """
    Who receives them.

    :ivar taken: what came, as it was understood.
    """

    def __init__(self, secret: bytes, clock: Callable[[], float] = time.time, record: Path | None = None) -> None:
        super().__init__(clock, record)
        self.taken: list[Answer] = []
        self._secret = secret

    def read(self, content: bytes) -> str:
        return content.decode("utf-8")

    def answer(self, seen: Seen) -> Answer:
        if seen["path"].startswith("/gone/"):
            return {"status": 410, "text": ""}
        if seen["method"] != "POST":
            return {"status": 405, "text": ""}
        if seen["headers"].get("content-type") != "application/json":
            return {"status": 415, "text": ""}
        if not self._isGenuine(seen["headers"], seen["body"].encode("utf-8")):
            return {"status": 401, "text": ""}
        said = json.loads(seen["body"])
        if said["push-id"] != seen["headers"]["webhook-id"] or len(seen["body"].encode("utf-8")) > 4096:
            return {"status": 400, "text": ""}
        self.taken.append(said)
        return {"status": 204, "text": ""}

    def _isGenuine(self, headers: dict[str, str], body: bytes) -> bool:
        identifier, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
        if not timestamp.isdigit() or abs(self.clock() - int(timestamp)) > TOLERANCE:
            return False
        mac = HMAC(self._secret, SHA256())
        for part in (identifier.encode(), b".", timestamp.encode(), b".", body):
            mac.update(part)
        version, _, signature = headers.get("webhook-signature", "").partition(",")
        try:
            mac.verify(base64.b64decode(signature, validate=True))
        except (InvalidSignature, ValueError):
            return False
        return version == "v1"


if __name__ == "__main__":
    main(
        lambda arguments: Receiver(arguments.secret.encode("utf-8"), record=arguments.record),
        "--secret",
        description="A stand-in for who receives webhooks.",
    )
