"""
A notification as the push server of Ubuntu Touch takes it.

Its data is what ``payload`` says and ``push-id``, at the top, where apps that knew mod_push look for it.
"""

import hashlib
from datetime import UTC, datetime

from pushsvc.errors import PayloadTooLarge
from pushsvc.model import Notification, Target
from pushsvc.providers.payload import ANY_ID, ENVELOPE, encoded, pushed

# Bytes that the server takes: of data, and of everything.
DATA_LIMIT = 2048
LIMIT = 4096
# Bytes of a body that token and application id may fill: there is room for all the data beside them.
ADDRESS_LIMIT = 1536
# Seconds that a push is kept at least: what has passed by the server's clock is an error.
SHORTEST_KEPT = 60.0
# Seconds, the most that a push is kept.
LONGEST_KEPT = 2_419_200.0


def messageOf(
    target: Target, notification: Notification, pushId: str, expires: float, now: float, clear: bool = False
) -> bytes:
    """
    The body of the request, with as much of the notification as fits.

    :param expires: seconds since 1970.
    :param now: seconds since 1970.
    :param clear: whether all that still waits for the application on this device gives way to it.
    """
    kept = min(max(expires - now, SHORTEST_KEPT), LONGEST_KEPT)
    head = {
        "appid": target.details.get("application-id", ""),
        "token": target.token,
        "expire_on": datetime.fromtimestamp(int(now + kept), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "replace_tag": replaceTagOf(target, notification, pushId),
        **({"clear_pending": True} if clear else {}),
    }
    smaller: Notification | None = notification
    while smaller is not None:
        data = pushed(smaller, pushId)
        body = encoded({**head, "data": data})
        if len(body) <= DATA_LIMIT or (len(body) <= LIMIT and len(encoded(data)) <= DATA_LIMIT):
            return body
        smaller = smaller.smaller()
    raise PayloadTooLarge("nothing is left to leave out")


def replaceTagOf(target: Target, notification: Notification, pushId: str) -> str:
    """
    What is newer takes the place of what waits under the same tag.
    """
    # Encrypted ones are not interchangeable, but the attempts for one of them are.
    if notification.encrypted is not None:
        return pushId.lower()
    # The server learns neither node nor account.
    return hashlib.sha256(f"{notification.kind.value} {target.key}".encode("utf-8", "surrogatepass")).hexdigest()


# Characters of an encrypted payload for which there is room.
PAYLOAD_SIZE = DATA_LIMIT - len(encoded(pushed(ENVELOPE, ANY_ID)))
