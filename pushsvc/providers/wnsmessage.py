"""
A notification as WNS takes it: raw, which wakes the app and shows nothing by itself.

Its body is base64 of JSON, as clients of mod_push expect: what ``payload`` says, and ``push-id``. Of raw notifications
WNS keeps one for a device that is away, the newest: what is older is replaced without our asking for it.
"""

import json
from base64 import b64encode
from collections.abc import Mapping

from pushsvc.errors import PayloadTooLarge
from pushsvc.model import Notification
from pushsvc.providers.payload import ANY_ID, ENVELOPE, fieldsOf

# Bytes of a body that WNS takes.
LIMIT = 5000
# Seconds, the most that a notification is kept.
LONGEST_TTL = 2_419_200


def bodyOf(notification: Notification, pushId: str) -> bytes:
    """
    The body, with as much of the notification as fits.
    """
    smaller: Notification | None = notification
    while smaller is not None:
        body = b64encode(_encoded(smaller, pushId))
        if len(body) <= LIMIT:
            return body
        smaller = smaller.smaller()
    raise PayloadTooLarge("nothing is left to leave out")


def headersOf(ttl: float) -> Mapping[str, str]:
    """
    The headers of a push, but for our access token.

    :param ttl: seconds that WNS may keep it.
    """
    kept = min(int(ttl), LONGEST_TTL)
    return {
        "Content-Type": "application/octet-stream",
        "X-WNS-Type": "wns/raw",
        "X-WNS-RequestForStatus": "true",
        # Unless told, WNS keeps no raw notifications: for now or never there is nothing to tell.
        **({"X-WNS-Cache-Policy": "cache", "X-WNS-TTL": str(kept)} if kept > 0 else {}),
    }


def _encoded(notification: Notification, pushId: str) -> bytes:
    data = {"push-id": pushId, **fieldsOf(notification)}
    return json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


# Characters of an encrypted payload for which there is room: three bytes become four.
PAYLOAD_SIZE = LIMIT // 4 * 3 - len(_encoded(ENVELOPE, ANY_ID))
