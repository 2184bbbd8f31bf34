"""
What the answers of Ubuntu Touch's push server mean.

A refusal names itself with a label; the label and the status decide together. What has no label was not said by a push
server, and is judged by its status.
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
    Throttled,
)
from pushsvc.exchange import Response
from pushsvc.providers.statuses import USUAL, ofStatus

TOO_MANY_PENDING = (413, "too-many-pending")

_LABELS: Mapping[tuple[int, str], type[DeliveryError]] = {
    (400, "unknown-token"): DeviceGone,
    # Nobody has credentials here: the token is another application's.
    (401, "unauthorized"): DeviceGone,
    (400, "invalid-request"): BadRequest,
    (400, "io-error"): BadRequest,
    (405, "invalid-request"): BadRequest,
    (411, "invalid-request"): BadRequest,
    (415, "invalid-request"): BadRequest,
    (413, "invalid-request"): PayloadTooLarge,
    # Even after all that waited was to give way.
    TOO_MANY_PENDING: Throttled,
    (500, "internal"): ProviderDown,
    (503, "unavailable"): ProviderDown,
}

_STATUSES: Mapping[int, type[DeliveryError]] = {**USUAL, 407: ProviderRefused}

_LABEL = re.compile(r"[a-z-]{1,40}")


def isSuccess(response: Response) -> bool:
    """
    Whether the push was accepted.
    """
    return response.status == 200 and response.json().get("ok") is True


def labelOf(response: Response) -> tuple[int, str]:
    """
    The status, and what the server calls the refusal; empty when there is nothing that can be read.
    """
    label = response.json().get("error")
    return response.status, label if isinstance(label, str) and _LABEL.fullmatch(label) else ""


def verdictOn(response: Response, now: float) -> DeliveryError:
    """
    What to raise.

    :param now: seconds since 1970.
    """
    status, label = labelOf(response)
    # Never the message: it may quote what we sent.
    text = f"push server: {status} {label}".rstrip()
    meaning = _LABELS.get((status, label)) or ofStatus(status, _STATUSES)
    if meaning is BadRequest and _isTooLarge(response):
        meaning = PayloadTooLarge
    wait = response.retryAfter(now)
    if meaning is Throttled:
        # What is pending is this device's.
        return Throttled(text, wait, lane=status == 429)
    if meaning is ProviderDown:
        # After these, what we asked may have been done all the same.
        return ProviderDown(text, maybeSent=status in (200, 500, 502, 504), retryAfter=wait)
    return meaning(text)


def _isTooLarge(response: Response) -> bool:
    message = response.json().get("message")
    return isinstance(message, str) and "too large" in message.lower()
