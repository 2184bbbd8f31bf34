"""
How webhooks are signed: as Standard Webhooks (https://www.standardwebhooks.com) has it, so that libraries for that in
many languages can verify it.

=====================  ===============================================================================
``webhook-id``         the push id
``webhook-timestamp``  seconds since 1970 at which this attempt was made
``webhook-signature``  ``v1,`` and, in base64, HMAC-SHA256 over ``id.timestamp.body``
=====================  ===============================================================================
"""

import base64
import binascii
import hashlib
import hmac

# What secrets begin with that are bytes in base64.
PREFIX = "whsec_"
# Bytes.
SHORTEST = 16


def keyOf(secret: str) -> bytes:
    """
    What to sign with.

    :raises ValueError: it is too short, or no base64 where it says that it is; the text says nothing of it.
    """
    key = secret.encode("utf-8")
    if secret.startswith(PREFIX):
        try:
            key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("signing-secret: no base64 after whsec_") from None
    if len(key) < SHORTEST:
        raise ValueError(f"signing-secret: shorter than {SHORTEST} bytes")
    return key


def signed(key: bytes, pushId: str, now: float, body: bytes) -> dict[str, str]:
    """
    The headers that say that it is from us.

    :param now: seconds since 1970.
    """
    timestamp = str(int(now))
    mac = hmac.digest(key, f"{pushId}.{timestamp}.".encode("ascii") + body, hashlib.sha256)
    return {
        "webhook-id": pushId,
        "webhook-timestamp": timestamp,
        "webhook-signature": "v1," + base64.b64encode(mac).decode("ascii"),
    }
