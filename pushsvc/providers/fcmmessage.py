"""
A notification as FCM takes it: a data message, which wakes the app and shows nothing by itself.

Its data is what ``payload`` says, all of it strings, and ``push-id``: the same in every attempt, so that an app that
has seen it may ignore it.

There is no collapse key: FCM lets through twenty collapsible messages a device and then one in three minutes.
What is waiting for a device is replaced by what is newer in our own outbox already.
"""

import json
from typing import Any

from pushsvc.errors import PayloadTooLarge
from pushsvc.model import Notification, Priority, Target
from pushsvc.providers.payload import ANY_ID, ENVELOPE, fieldsOf

# Bytes of data that FCM takes in one message.
LIMIT = 4096
# Seconds, the most that FCM keeps a message.
LONGEST_TTL = 2_419_200


def messageOf(target: Target, notification: Notification, pushId: str, ttl: float) -> bytes:
    """
    The body of the request, with as much of the notification as fits.

    :param ttl: seconds that FCM may keep it.
    """
    smaller: Notification | None = notification
    while smaller is not None:
        data = dataOf(smaller, pushId)
        body = _encoded(
            {
                "message": {
                    target.details.get("kind", "token"): target.token,
                    "data": data,
                    "android": {
                        "priority": "HIGH" if smaller.priority is Priority.HIGH else "NORMAL",
                        "ttl": f"{min(max(0, int(ttl)), LONGEST_TTL)}s",
                    },
                }
            }
        )
        if len(body) <= LIMIT or len(_encoded(data)) <= LIMIT:
            return body
        smaller = smaller.smaller()
    raise PayloadTooLarge("nothing is left to leave out")


def dataOf(notification: Notification, pushId: str) -> dict[str, str]:
    """
    The data of the message: what the app on the phone reads.
    """
    return {"push-id": pushId, **{name: str(value) for name, value in fieldsOf(notification).items()}}


def _encoded(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


# Characters of an encrypted payload for which there is room.
PAYLOAD_SIZE = LIMIT - len(_encoded(dataOf(ENVELOPE, ANY_ID)))
