"""
What the answers of push services mean (RFC 8030, 8292; and what Mozilla, Google and UnifiedPush's servers make of it).
"""

import re
from collections.abc import Mapping

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

_MEANING: Mapping[int, type[DeliveryError]] = {
    400: BadRequest,
    401: ProviderRefused,
    403: ProviderRefused,
    404: DeviceGone,
    408: ProviderDown,
    410: DeviceGone,
    413: PayloadTooLarge,
    425: ProviderDown,
    429: Throttled,
}

# Mozilla's errnos that say more than the status: https://autopush.readthedocs.io, error codes.
_ERRNOS: Mapping[int, type[DeliveryError]] = {
    102: DeviceGone,
    103: DeviceGone,
    104: PayloadTooLarge,
    105: DeviceGone,
    106: DeviceGone,
    109: ProviderRefused,
    201: ProviderDown,
    202: ProviderDown,
}
# "Could not deliver now, try again at once."
_AT_ONCE = 202

# Seconds to wait when a push service says that it is too much, and not for how long.
PAUSE = 60.0

_WORD = re.compile(r"[A-Za-z]{1,40}")


def isSuccess(response: Response) -> bool:
    """
    Whether the push was taken: 201, says the RFC; others say 200, 202 or 204.
    """
    return 200 <= response.status < 300


def verdictOn(response: Response, origin: str, now: float) -> DeliveryError:
    """
    What to raise.

    :param origin: who answered, for the operator.
    :param now: seconds since 1970.
    """
    word, errno = _said(response)
    text = f"Web Push: {origin}: {response.status} {word}".rstrip()
    meaning = _meaning(response.status, word, errno)
    wait = response.retryAfter(now)
    if meaning is Throttled:
        # It is this endpoint that gets too many.
        return Throttled(text, PAUSE if wait is None else wait)
    if meaning is ProviderDown:
        if wait is None and errno == _AT_ONCE:
            wait = 0.0
        return ProviderDown(text, maybeSent=response.status in (502, 504), retryAfter=wait)
    return meaning(text)


def _meaning(status: int, word: str, errno: int | None) -> type[DeliveryError]:
    if status == 400 and word == "UnauthorizedRegistration":
        return ProviderRefused
    if errno is not None and errno in _ERRNOS and (status < 500) == (errno < 200):
        return _ERRNOS[errno]
    # Elsewhere, says a 3xx; but that is not where the client told us to go. Nor is it our bug.
    return _MEANING.get(status) or (Refused if status < 500 else ProviderDown)


def _said(response: Response) -> tuple[str, int | None]:
    """
    A word for the operator, and Mozilla's errno.
    """
    said = response.json()
    errno = said.get("errno")
    if isinstance(errno, int) and not isinstance(errno, bool) and 0 <= errno < 1000:
        return f"errno {errno}", errno
    # Apple's reason; ntfy's and others' code; Google writes a word into a page.
    word = said.get("reason")
    if not isinstance(word, str) and b"UnauthorizedRegistration" in response.body[:1000]:
        word = "UnauthorizedRegistration"
    return (word, None) if isinstance(word, str) and _WORD.fullmatch(word) else ("", None)
