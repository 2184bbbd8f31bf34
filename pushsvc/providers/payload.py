"""
What a notification tells the app on the phone, under the names that every network uses.

==============================  ======================================================================
``kind``                        ``call`` or ``clear``; absent: a message
``message-count``               a number; what XEP-0357's summary says, under its names
``last-message-sender``
``last-message-body``
``pending-subscription-count``  a number
``last-subscription-sender``    not of XEP-0357: Oshiya's and mod_push's
``encrypted-payload``           an end-to-end encrypted payload (``tigase:push:encrypt:0``) and
``encrypted-iv``                its initialisation vector, base64 as they came
``encrypted-type``              ``voip`` for calls; else absent
``event``                       ``account-removed``: the account is gone
``sid``, ``media``              of a call: which, and what with (``audio,video``)
``nickname``                    of who wrote, in a room
``{namespace}name``             an element of the publish that nobody here knows, as XML; only if the operator wants it
==============================  ======================================================================

What is unknown is absent.
"""

import json
from collections.abc import Callable
from typing import Any

from pushsvc.errors import PayloadTooLarge
from pushsvc.model import Encrypted, Kind, Notification

# What service discovery says of a network that hands encrypted payloads on as they come.
ENCRYPTED_FEATURES = ("tigase:push:encrypt:0", "tigase:push:encrypt:aes-128-gcm")

# The most that there is about an encrypted payload: a push id, an IV of twelve bytes, and that it is a call.
ANY_ID = "00000000-0000-0000-0000-000000000000"
ENVELOPE = Notification(Kind.CALL, encrypted=Encrypted("A" * 16, "", "voip"))


def fieldsOf(notification: Notification) -> dict[str, str | int]:
    """
    The fields of a notification.
    """
    said: dict[str, str | int | None] = {}
    if notification.kind is not Kind.MESSAGE:
        said["kind"] = notification.kind.value
    if (summary := notification.summary) is not None:
        said["message-count"] = summary.messageCount
        said["last-message-sender"] = summary.lastMessageSender
        said["last-message-body"] = summary.lastMessageBody
        said["pending-subscription-count"] = summary.pendingSubscriptionCount
        said["last-subscription-sender"] = summary.lastSubscriptionSender
    if (encrypted := notification.encrypted) is not None:
        said["encrypted-payload"] = encrypted.payload
        said["encrypted-iv"] = encrypted.iv
        said["encrypted-type"] = encrypted.type
    fields = {name: value for name, value in said.items() if value is not None}
    return {**notification.more, **fields} if notification.more else fields


def pushed(notification: Notification, pushId: str) -> dict[str, str | int]:
    """
    The same with the push id, which is the same in every attempt.
    """
    return {"push-id": pushId, **fieldsOf(notification)}


def encoded(value: Any) -> bytes:
    """
    JSON, in as few bytes as it takes.
    """
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def fitting(notification: Notification, written: Callable[[Notification], bytes], limit: int) -> bytes:
    """
    As much of a notification as fits.

    :param written: what a push looks like with so much in it.
    :param limit: bytes.
    :raises PayloadTooLarge: nothing does.
    """
    smaller: Notification | None = notification
    while smaller is not None:
        body = written(smaller)
        if len(body) <= limit:
            return body
        smaller = smaller.smaller()
    raise PayloadTooLarge("nothing is left to leave out")
