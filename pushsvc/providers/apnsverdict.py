"""
What APNs' answers mean.

A refusal names its reason in JSON; that decides. What is not JSON, or a reason of the future, is judged by its status.
"""

import math
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
from pushsvc.providers.statuses import USUAL, ofStatus

EXPIRED_TOKEN = "ExpiredProviderToken"
# Said of a connection, or of what it leads to, not of the push on it: another connection may take it.
AT_ONCE = frozenset({"IdleTimeout", "ServiceUnavailable", "Shutdown"})
WRONG_TOPIC = "DeviceTokenNotForTopic"
TOO_MANY_TOKENS = "TooManyProviderTokenUpdates"
# The topic of calls is one that we may not push to, though the app's own may be.
NOT_FOR_US = frozenset({"BadTopic", "TopicDisallowed"})

_REASONS: Mapping[str, type[DeliveryError]] = {
    # 400
    "BadTopic": ProviderRefused,
    "MissingTopic": ProviderRefused,
    "TopicDisallowed": ProviderRefused,
    "BadCollapseId": BadRequest,
    "BadExpirationDate": BadRequest,
    "BadMessageId": BadRequest,
    "BadPriority": BadRequest,
    "DuplicateHeaders": BadRequest,
    "InvalidPushType": BadRequest,
    "MissingDeviceToken": BadRequest,
    "PayloadEmpty": BadRequest,
    "IdleTimeout": ProviderDown,
    # 403
    "BadCertificate": ProviderRefused,
    "BadCertificateEnvironment": ProviderRefused,
    EXPIRED_TOKEN: ProviderRefused,
    "Forbidden": ProviderRefused,
    "InvalidProviderToken": ProviderRefused,
    "MissingProviderToken": ProviderRefused,
    "UnrelatedKeyIdInToken": ProviderRefused,
    "BadEnvironmentKeyIdInToken": ProviderRefused,
    # As seen, though not as documented.
    "BadEnvironmentKeyInToken": ProviderRefused,
    # 404, 405
    "BadPath": BadRequest,
    "MethodNotAllowed": BadRequest,
    # 413
    "PayloadTooLarge": PayloadTooLarge,
    # 429: the first is about one device; the second about us, and a further token would only make it worse.
    "TooManyRequests": Throttled,
    TOO_MANY_TOKENS: Throttled,
    # 500, 503
    "InternalServerError": ProviderDown,
    "ServiceUnavailable": ProviderDown,
    "Shutdown": ProviderDown,
}

# That a device is gone is believed only when all of it fits: nothing takes it back.
_GONE = frozenset(
    {
        # Also what every token of the other environment gets; `pushsvc.delivery.dismissals` looks out for that.
        (400, "BadDeviceToken"),
        (400, WRONG_TOPIC),
        (410, "ExpiredToken"),
        (410, "Unregistered"),
    }
)

_STATUSES: Mapping[int, type[DeliveryError]] = {
    **USUAL,
    407: ProviderRefused,
    # For a reason that we do not know: no device is forgotten for that.
    410: ProviderDown,
    421: ProviderDown,
}

_REASON = re.compile(r"[A-Za-z]{1,60}")


def isSuccess(response: Response) -> bool:
    """
    Whether the push was accepted: APNs says no more than its id.
    """
    return response.status == 200 and ("apns-id" in response.headers or not response.body)


def reasonOf(response: Response) -> str | None:
    """
    Why it was not, in APNs' word; None when it has none that can be read.
    """
    reason = response.json().get("reason")
    return reason if isinstance(reason, str) and _REASON.fullmatch(reason) else None


def verdictOn(
    response: Response, now: float, topicIsAGuess: bool = False, isOfCalls: bool = False
) -> DeliveryError:
    """
    What to raise.

    :param now: seconds since 1970.
    :param topicIsAGuess: the app has several topics, and the device did not say which is its own.
    :param isOfCalls: the topic was that of the app's calls.
    """
    status, reason = response.status, reasonOf(response)
    text = f"APNs: {status} {reason or ''}".rstrip()
    meaning = _REASONS.get(reason or "") or ofStatus(status, _STATUSES)
    if (status, reason) in _GONE:
        if reason == WRONG_TOPIC and topicIsAGuess:
            return Refused(f"{text}: it has to register with its topic")
        return DeviceGone(text, _since(response.json().get("timestamp")))
    if isOfCalls and reason in NOT_FOR_US:
        return Refused(f"{text}: our credentials are not for calls")
    if meaning is Throttled:
        return Throttled(text, response.retryAfter(now), lane=reason == TOO_MANY_TOKENS)
    if meaning is ProviderDown:
        # After these, what we asked may have been done all the same.
        return ProviderDown(text, maybeSent=status in (200, 500, 502, 504), retryAfter=response.retryAfter(now))
    return meaning(text)


def _since(milliseconds: Any) -> float | None:
    if isinstance(milliseconds, bool) or not isinstance(milliseconds, (int, float)):
        return None
    try:
        since = float(milliseconds) / 1000
    except OverflowError:
        return None
    return since if math.isfinite(since) and since > 0 else None
