"""
What the answers of SimplePush's servers mean.

Mozilla's server says it with an errno in JSON, others with the status alone. Clients name servers: what a server does
not like is no alarm.
"""

from collections.abc import Mapping

from pushsvc.errors import (
    BadRequest,
    DeliveryError,
    DeviceGone,
    PayloadTooLarge,
    ProviderDown,
    Refused,
    Throttled,
)
from pushsvc.exchange import Response

_ERRNOS: Mapping[int, type[DeliveryError]] = {
    # No such endpoint; no such device.
    102: DeviceGone,
    103: DeviceGone,
    104: PayloadTooLarge,
    105: DeviceGone,
    106: DeviceGone,
    # An endpoint of Web Push.
    108: Refused,
    201: ProviderDown,
    202: ProviderDown,
}
# "Could not deliver now, try again at once."
_AT_ONCE = 202

_MEANINGS: Mapping[int, type[DeliveryError]] = {
    400: BadRequest,
    404: DeviceGone,
    408: ProviderDown,
    410: DeviceGone,
    413: PayloadTooLarge,
    425: ProviderDown,
    429: Throttled,
}


def isSuccess(response: Response) -> bool:
    """
    Whether the push was taken: 200 when the device is there, 202 when it is kept.
    """
    return 200 <= response.status < 300


def verdictOn(response: Response, now: float) -> DeliveryError:
    """
    What to raise.

    :param now: seconds since 1970.
    """
    status, errno = response.status, _errnoOf(response)
    text = f"SimplePush: {status}" + (f" errno {errno}" if errno is not None else "")
    wait = response.retryAfter(now)
    meaning = _meaning(status, errno)
    if meaning is Throttled:
        return Throttled(text, wait)
    if meaning is ProviderDown:
        if wait is None and errno == _AT_ONCE:
            wait = 0.0
        # After these, what we asked may have been done all the same.
        return ProviderDown(text, maybeSent=status in (500, 502, 504), retryAfter=wait)
    return meaning(text)


def _meaning(status: int, errno: int | None) -> type[DeliveryError]:
    meaning = _ERRNOS.get(errno or 0)
    # What is said of a device is believed with a status that fits only.
    if meaning is not None and (meaning is ProviderDown) == (status >= 500):
        return meaning
    # We have no credentials there, and follow nobody elsewhere: a 3xx, 401 or 403 is this endpoint's for good.
    return _MEANINGS.get(status, ProviderDown if status >= 500 else Refused)


def _errnoOf(response: Response) -> int | None:
    errno = response.json().get("errno") if response.status >= 400 else None
    return errno if type(errno) is int and 0 < errno < 1000 else None
