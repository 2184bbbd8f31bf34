"""
What MongoosePush's answers mean.

v3 says it with a ``reason`` of its own, v2 with ``details``, which are the word of APNs or FCM behind it; both agree
with HTTP's status, which decides where there is no word that we know. What it refuses as a whole has ``errors``.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from pushsvc.errors import (
    BadRequest,
    DeliveryError,
    DeviceGone,
    PayloadTooLarge,
    ProviderDown,
    ProviderRefused,
    Refused,
    Throttled,
)
from pushsvc.exchange import Response
from pushsvc.providers.mongoosepushdevice import APNS
from pushsvc.providers.statuses import USUAL, ofStatus

# v3: MongoosePush's own words.
REASONS: Mapping[str, type[DeliveryError]] = {
    "unregistered": DeviceGone,
    # A token that is none is among what is meant. So are mistakes of ours, and nothing tells them apart.
    "invalid_request": Refused,
    "invalid_notification": BadRequest,
    "no_matching_pool": ProviderRefused,
    "payload_too_large": PayloadTooLarge,
    "too_many_requests": Throttled,
    # Trouble of the network, or with MongoosePush's own credentials there: it does not say which.
    "service_internal": ProviderDown,
    "internal_config": ProviderRefused,
    "connection_lost": ProviderDown,
    "unable_to_connect": ProviderDown,
    "unspecified": ProviderDown,
}

# v2: the networks' words.
DETAILS: Mapping[str, type[DeliveryError]] = {
    **REASONS,
    "Unregistered": DeviceGone,
    "UNREGISTERED": DeviceGone,
    **dict.fromkeys(("BadDeviceToken", "DeviceTokenNotForTopic", "INVALID_ARGUMENT", "SENDER_ID_MISMATCH"), Refused),
    **dict.fromkeys(("BadCollapseId", "BadMessageId", "BadPath", "BadPriority", "BadExpirationDate"), BadRequest),
    **dict.fromkeys(("DuplicateHeaders", "MethodNotAllowed", "MissingDeviceToken", "PayloadEmpty"), BadRequest),
    "PayloadTooLarge": PayloadTooLarge,
    **dict.fromkeys(("TooManyRequests", "TooManyProviderTokenUpdates", "QUOTA_EXCEEDED"), Throttled),
    **dict.fromkeys(("TopicDisallowed", "BadTopic", "MissingTopic"), ProviderRefused),
    **dict.fromkeys(("ExpiredProviderToken", "InvalidProviderToken", "MissingProviderToken"), ProviderRefused),
    **dict.fromkeys(("BadCertificate", "BadCertificateEnvironment", "Forbidden"), ProviderRefused),
    **dict.fromkeys(("APNS_AUTH_ERROR", "THIRD_PARTY_AUTH_ERROR"), ProviderRefused),
    **dict.fromkeys(("ServiceUnavailable", "Shutdown", "InternalServerError", "IdleTimeout"), ProviderDown),
    **dict.fromkeys(("UNAVAILABLE", "INTERNAL", "UNSPECIFIED"), ProviderDown),
}

# Where something wants to know who we are, it stands before MongoosePush, which does not; where there is nothing, it is
# not this version of it.
STATUSES: Mapping[int, type[DeliveryError]] = {
    **USUAL,
    # Without a word this is not about the device.
    410: ProviderRefused,
    422: BadRequest,
}

# What is wrong may be what the device chose when it registered: not the operator's move then.
CHOSEN: Mapping[str, str] = {
    "no_matching_pool": "mode",
    "internal_config": "topic",
    "TopicDisallowed": "topic",
    "BadTopic": "topic",
}

# Seconds to wait when it is too much, or in trouble, and not said for how long.
QUOTA_PAUSE = 60.0
TROUBLE_PAUSE = 10.0

_WORD = re.compile(r"[A-Za-z_]{1,40}")
_POINTER = re.compile(r"[A-Za-z0-9_/]{1,80}")


def isSuccess(response: Response) -> bool:
    """
    Whether the push was handed on. What says so is JSON: ``null``, or nothing.
    """
    if response.status not in (200, 202, 204):
        return False
    try:
        return not response.body or not isinstance(json.loads(response.body), dict)
    except (ValueError, RecursionError):
        return False


def verdictOn(response: Response, now: float, details: Mapping[str, str]) -> DeliveryError:
    """
    What to raise.

    :param now: seconds since 1970.
    :param details: the target's.
    """
    said = response.json()
    word = _matching(_WORD, said.get("reason")) or _matching(_WORD, said.get("details"))
    text = " ".join(("MongoosePush:", str(response.status), *([word] if word else _complaints(said))))
    meaning = _meaning(response.status, word, said)
    if meaning is ProviderRefused and CHOSEN.get(word or "") in details:
        meaning = Refused
    wait = response.retryAfter(now)
    if meaning is Throttled:
        # APNs says so of a device. FCM's quota is the project's, and without a word it is the gateway who says so.
        ofDevice = word == "TooManyRequests" or (word in REASONS and details.get("service") == APNS)
        return Throttled(text, QUOTA_PAUSE if wait is None else wait, lane=not ofDevice)
    if meaning is ProviderDown:
        maybeSent = word == "connection_lost" or response.status in (200, 202, 204, 502, 504)
        return ProviderDown(text, maybeSent, TROUBLE_PAUSE if wait is None else wait)
    return meaning(text)


def isSchemaComplaint(response: Response) -> bool:
    """
    Whether this is how MongoosePush answers what is not after its schema. Older ones do so with 400.
    """
    return response.status in (400, 422) and isinstance(response.json().get("errors"), list)


def _meaning(status: int, word: str | None, said: Mapping[str, Any]) -> type[DeliveryError]:
    table = REASONS if "reason" in said else DETAILS
    known = table.get(word) if word is not None else None
    return ofStatus(status, STATUSES) if known is None else known


def _complaints(said: Mapping[str, Any]) -> list[str]:
    """
    Which fields it does not like. Never what it says of them: that may quote them.
    """
    errors = said.get("errors")
    if not isinstance(errors, list):
        return []
    sources = [error.get("source") for error in errors[:5] if isinstance(error, dict)]
    pointers = [source.get("pointer") for source in sources if isinstance(source, dict)]
    return [_matching(_POINTER, pointer) or "?" for pointer in pointers]


def _matching(pattern: re.Pattern[str], value: Any) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None
