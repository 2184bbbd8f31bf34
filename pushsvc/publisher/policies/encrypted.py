"""
End-to-end encrypted summaries (``tigase:push:encrypt:0``): what is told can be read by the device alone.

A client gives a key of 16 bytes when it enables. What would be told to its service is written as JSON, encrypted by
AES-128 in GCM, and sent with its initialisation vector; the ciphertext ends with the tag.
"""

import base64
import binascii
import json
import secrets
from collections.abc import Sequence
from dataclasses import replace

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from zope.interface import implementer, moduleProvides

from pushsvc.concurrently import atOnce
from pushsvc.enablement import Enablement
from pushsvc.event import Event, Stanza
from pushsvc.ipushsvc import IPushPolicy, IPushPolicyKind
from pushsvc.model import Encrypted, Kind, Notification
from pushsvc.publisher.default import Publish
from pushsvc.publisher.importance import isImportant, isSubscription, isUrgent

moduleProvides(IPushPolicyKind)

KEY_BYTES = 16
IV_BYTES = 12
# Bytes that texts are cut down to: Apple takes no more than four kilobytes of everything together.
BODY_MAX = 255
SENDER_MAX = 1024
# What stands for a message that only its device can read.
UNREADABLE = "New secure message. Open to see the message"


@implementer(IPushPolicy)
class EncryptedSummaries:
    """
    Encrypts for the services whose clients asked for it; the others are told as ever.
    """

    concerning = None
    shouldPublish = None
    prepareNotification = None

    async def publishNotification(
        self, event: Event, notification: Notification, services: Sequence[Enablement], publish: Publish
    ) -> None:
        keys = [(service, readKey(service.extras.get("encrypt", ""))) for service in services]
        await atOnce(
            publish(notification if key is None else sealed(key, event, notification), service)
            for service, key in keys
        )


def readKey(text: str) -> bytes | None:
    """
    The key that a client gave, in base64; None: it is none.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == KEY_BYTES else None


def sealed(key: bytes, event: Event, notification: Notification) -> Notification:
    """
    The same, for nobody's eyes but the device's.
    """
    iv = secrets.token_bytes(IV_BYTES)
    text = json.dumps(_told(event, notification), ensure_ascii=False).encode("utf-8", "replace")
    payload = AESGCM(key).encrypt(iv, text, None)
    calling = notification.kind is Kind.CALL
    encrypted = Encrypted(_base64(iv), _base64(payload), "voip" if calling else None)
    return replace(notification, summary=None, encrypted=encrypted)


def _told(event: Event, notification: Notification) -> dict[str, object]:
    summary = notification.summary
    told: dict[str, object] = {}
    if summary is not None and summary.messageCount is not None:
        told["unread"] = summary.messageCount
    latest = _latest(event)
    if latest is None:
        return told
    # Nobody but the device reads it, so that nothing is gained by leaving the sender out.
    if latest.sender is not None:
        told["sender"] = _cut(latest.sender, SENDER_MAX)
    if latest.call is not None and latest.call.rings:
        return told | {"type": "call", "sid": _cut(latest.call.sid), "media": list(latest.call.media)}
    told["type"] = "subscribe" if isSubscription(latest) else "groupchat" if latest.type == "groupchat" else "chat"
    if latest.nick is not None:
        told["nickname"] = _cut(latest.nick)
    if latest.encrypted:
        told["message"] = UNREADABLE
    elif latest.body is not None:
        told["message"] = _cut(latest.body)
    return told


def _latest(event: Event) -> Stanza | None:
    for matters in (isUrgent, isImportant, isSubscription):
        for stanza in reversed(event.stanzas):
            if matters(stanza):
                return stanza
    return None


def _cut(text: str, most: int = BODY_MAX) -> str:
    return text.encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def makePolicy(default: IPushPolicy) -> IPushPolicy:
    return EncryptedSummaries()
