"""
What FCM's answers mean.

An answer says it up to three times, each time more vaguely: the errorCode of its FcmError, the status of Google's
APIs, the status of HTTP. The first that we know decides.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

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

_CODES: Mapping[str, type[DeliveryError]] = {
    "UNREGISTERED": DeviceGone,
    # The token is one of another project: of an app that this account cannot wake.
    "SENDER_ID_MISMATCH": DeviceGone,
    "QUOTA_EXCEEDED": Throttled,
    # The key for APNs or web push that is stored in the Firebase project.
    "THIRD_PARTY_AUTH_ERROR": ProviderRefused,
    "APNS_AUTH_ERROR": ProviderRefused,
    "INVALID_ARGUMENT": BadRequest,
    "UNAVAILABLE": ProviderDown,
    "INTERNAL": ProviderDown,
}

_STATUSES: Mapping[str, type[DeliveryError]] = {
    "INVALID_ARGUMENT": BadRequest,
    "OUT_OF_RANGE": BadRequest,
    "FAILED_PRECONDITION": ProviderRefused,
    "UNAUTHENTICATED": ProviderRefused,
    "PERMISSION_DENIED": ProviderRefused,
    # Without UNREGISTERED it is the project that was not found.
    "NOT_FOUND": ProviderRefused,
    "RESOURCE_EXHAUSTED": Throttled,
    "ABORTED": ProviderDown,
    "CANCELLED": ProviderDown,
    "DEADLINE_EXCEEDED": ProviderDown,
    "INTERNAL": ProviderDown,
    "UNAVAILABLE": ProviderDown,
    "UNKNOWN": ProviderDown,
}

_HTTP = USUAL

# Seconds to wait when FCM says that it is too much, or in trouble, and not for how long: what its guide asks for.
QUOTA_PAUSE = 60.0
TROUBLE_PAUSE = 10.0

_WORD = re.compile(r"[A-Z_]{1,40}")
_FIELD = re.compile(r"[A-Za-z0-9_.\[\]-]{1,80}")


@dataclass(frozen=True)
class Complaint:
    """
    An answer that is not a success, as far as it can be read.

    :ivar code: of the FcmError.
    :ivar fields: of our message that it does not like.
    """

    status: int
    code: str | None
    word: str | None
    text: str
    fields: tuple[str, ...]

    @property
    def wantsNewToken(self) -> bool:
        """
        Whether it is our access token that has run out.
        """
        return self.code is None and (self.status == 401 or self.word == "UNAUTHENTICATED")

    def __str__(self) -> str:
        # Never the text: it may quote the token.
        words = [str(self.status), *(word for word in (self.code or self.word,) if word), *self.fields]
        return "FCM: " + " ".join(words)


def isSuccess(response: Response) -> bool:
    """
    Whether the message was accepted.
    """
    return response.status == 200 and isinstance(response.json().get("name"), str)


def complaintOf(response: Response) -> Complaint:
    """
    Read an answer that is not a success.
    """
    error = response.json().get("error")
    if not isinstance(error, dict):
        return Complaint(response.status, None, None, "", ())
    details = list(_objects(error.get("details")))
    violations = [violation for detail in details for violation in _objects(detail.get("fieldViolations"))]
    texts = [error.get("message"), *(violation.get("description") for violation in violations)]
    codes = [detail.get("errorCode") for detail in details if str(detail.get("@type")).endswith(".FcmError")]
    return Complaint(
        status=response.status,
        code=_word(codes[0]) if codes else None,
        word=_word(error.get("status")),
        text=" ".join(text for text in texts if isinstance(text, str)).lower(),
        fields=tuple(_named(violation.get("field")) for violation in violations),
    )


def verdictOn(complaint: Complaint, response: Response, now: float) -> DeliveryError:
    """
    What to raise.

    :param now: seconds since 1970.
    """
    text = str(complaint)
    meaning = _meaning(complaint)
    wait = response.retryAfter(now)
    if meaning is Throttled:
        # There is a quota of the project, and one of each device. When it does not say which, one device is not to stop
        # all others: whoever sends notices soon that it hears the same of each.
        ofProject = complaint.code is None or "quota metric" in complaint.text or "project" in complaint.text
        return Throttled(text, QUOTA_PAUSE if wait is None else wait, lane=ofProject)
    if meaning is ProviderDown:
        # After these, what we asked may have been done all the same.
        maybeSent = response.status in (200, 502, 504)
        return ProviderDown(text, maybeSent, TROUBLE_PAUSE if wait is None else wait)
    return meaning(text)


def _meaning(complaint: Complaint) -> type[DeliveryError]:
    meaning = _CODES.get(complaint.code or "") or _STATUSES.get(complaint.word or "")
    if meaning is None:
        meaning = ofStatus(complaint.status, _HTTP)
    if meaning is not BadRequest:
        return meaning
    # INVALID_ARGUMENT is three things; only its text tells them apart.
    if "not a valid fcm registration token" in complaint.text:
        return DeviceGone
    if "too big" in complaint.text or "too large" in complaint.text:
        return PayloadTooLarge
    return BadRequest


def _objects(values: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(values, list):
        yield from (value for value in values if isinstance(value, dict))


def _word(value: Any) -> str | None:
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def _named(value: Any) -> str:
    return value if isinstance(value, str) and _FIELD.fullmatch(value) else "?"
