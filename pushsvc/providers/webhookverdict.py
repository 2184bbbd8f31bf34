"""
What receivers of webhooks say with the status of HTTP.
"""

from collections.abc import Mapping

from pushsvc.errors import (
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
    401: ProviderRefused,
    403: ProviderRefused,
    404: DeviceGone,
    408: ProviderDown,
    410: DeviceGone,
    413: PayloadTooLarge,
    425: ProviderDown,
    429: Throttled,
}

# Seconds to wait when it is too much, and it is not said for how long.
PAUSE = 60.0
# Seconds; who asks for longer is heeded for this URL only: many may live at one server who know nothing of one another.
LONGEST_FOR_ALL = 900.0


def isSuccess(response: Response) -> bool:
    """
    Whether it was taken.
    """
    return 200 <= response.status < 300


def verdictOn(response: Response, origin: str, now: float) -> DeliveryError:
    """
    What to raise.

    :param origin: who answered, for the operator.
    :param now: seconds since 1970.
    """
    text = f"webhook: {origin}: {response.status}"
    # 5xx has its own reasons: ntfy says 507 as long as nobody has subscribed to a topic of UnifiedPush.
    meaning = _MEANING.get(response.status) or (Refused if response.status < 500 else ProviderDown)
    wait = response.retryAfter(now)
    if meaning is Throttled:
        # To a receiver, we are one visitor.
        wait = PAUSE if wait is None else wait
        return Throttled(text, wait, lane=wait <= LONGEST_FOR_ALL)
    if meaning is ProviderDown:
        return ProviderDown(text, maybeSent=response.status in (502, 504), retryAfter=wait)
    return meaning(text)
