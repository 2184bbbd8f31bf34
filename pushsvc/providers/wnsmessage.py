"""
A notification as WNS takes it: raw, which wakes the app and shows nothing by itself.

Its body is base64 of JSON, as clients of mod_push expect: what ``payload`` says, and ``push-id``. Of raw notifications
WNS keeps one for a device that is away, the newest: what is older is replaced without our asking for it.
"""

from base64 import b64encode
from collections.abc import Mapping

from pushsvc.model import Notification
from pushsvc.providers.payload import ANY_ID, ENVELOPE, encoded, fitting, pushed

# Bytes of a body that WNS takes.
LIMIT = 5000
# Seconds, the most that a notification is kept.
LONGEST_TTL = 2_419_200


def bodyOf(notification: Notification, pushId: str) -> bytes:
    """
    The body, with as much of the notification as fits.
    """
    return fitting(notification, lambda smaller: b64encode(encoded(pushed(smaller, pushId))), LIMIT)


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


# Characters of an encrypted payload for which there is room: three bytes become four.
PAYLOAD_SIZE = LIMIT // 4 * 3 - len(encoded(pushed(ENVELOPE, ANY_ID)))
