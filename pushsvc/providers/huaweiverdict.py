"""
What Huawei's answers mean.

HTTP's status says little: 200 comes with ``code``, which says the rest, and errors come with it, too. Of tokens that
are not taken v3 says why.
"""

import json
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
    Refused,
    Throttled,
)
from pushsvc.exchange import Response
from pushsvc.providers.statuses import USUAL, ofStatus

SUCCESS, PARTIAL, NO_TOKEN = "80000000", "80100000", "80300007"
# Of the token under which we speak.
EXPIRED = ("80200003", "80200005")
# Huawei reads what is sent, and does not like it.
WITHHELD = ("80100016", "80100018")

CODES: Mapping[str, type[DeliveryError]] = {
    # Unless it is said why.
    PARTIAL: DeviceGone,
    NO_TOKEN: DeviceGone,
    # Parameters, body, ttl, collapse key, image, number of tokens, of those of test messages.
    **dict.fromkeys(("80100001", "80100003", "80100004", "80100013", "80100022", "80300010", "80300030"), BadRequest),
    **dict.fromkeys(EXPIRED, ProviderRefused),
    # Credentials are wrong, or not for this app or project; Huawei's own token endpoint does not know them.
    "80200001": ProviderRefused,
    "80600003": ProviderRefused,
    # A token of ours that is good for too long.
    "80300036": ProviderRefused,
    # Rights: to push at all, to push urgently; a receipt's address; a penalty.
    **dict.fromkeys(("80300002", "80300011", "80300013", "80300037"), ProviderRefused),
    "80300008": PayloadTooLarge,
    # Too many tasks, too many test messages.
    "80100017": Throttled,
    "80300029": Throttled,
    "81000001": ProviderDown,
}

# Why tokens are not taken.
REASONS: Mapping[str, type[DeliveryError]] = {
    "tokenFormatError": DeviceGone,
    "tokenPlatformNotSupport": DeviceGone,
    # Of another project; or the phone got HarmonyOS 5 since, and another token with it. When all tokens seem to be of
    # another project, it is ours that is wrong: the delivery knows that.
    "noRight": DeviceGone,
    "countryNotSupport": Refused,
    # Of the app, all of them.
    **dict.fromkeys(("noPushTypeRight", "noRightToSendThisLiveNotificationEvent"), ProviderRefused),
    **dict.fromkeys(("notSupportPlayVoice", "atomicUnableSendUnsubscribedMsg"), ProviderRefused),
    **dict.fromkeys(("differentImgVerifyPolicy", "appinfoError"), ProviderRefused),
    "disableSendHuaweiMsgBecauseOfPenalty": ProviderRefused,
}

# What is not known yet, by how it begins: request, authentication, rights and tokens, OAuth, inner errors.
FAMILIES: Mapping[str, type[DeliveryError]] = {
    "8010": BadRequest,
    "8020": ProviderRefused,
    "8030": Refused,
    "8060": ProviderRefused,
    "8100": ProviderDown,
}

STATUSES: Mapping[int, type[DeliveryError]] = {
    **USUAL,
    # Flow control: of the app.
    503: Throttled,
}

# Seconds to wait when it is too much, or Huawei is in trouble, and not said for how long.
QUOTA_PAUSE = 30.0
TROUBLE_PAUSE = 10.0

_CODE = re.compile(r"8[0-9]{7}")
_WORD = re.compile(r"[A-Za-z]{1,60}")


@dataclass(frozen=True)
class Answer:
    """
    An answer, as far as it can be read.

    :ivar listed: the token stands among those that are not taken.
    :ivar reason: why.
    """

    status: int
    code: str | None
    listed: bool = False
    reason: str | None = None

    @property
    def isSuccess(self) -> bool:
        """
        Whether the push was accepted.
        """
        if self.code == PARTIAL:
            # There was one token; when it is none of the bad ones, it was the good one.
            return not self.listed
        return self.code == SUCCESS and self.status < 300

    @property
    def isWithheld(self) -> bool:
        """
        Whether it will not be delivered for what is in it.
        """
        return self.code in WITHHELD

    @property
    def wantsNewToken(self) -> bool:
        """
        Whether it is our token that has run out.
        """
        return self.code in EXPIRED or (self.code is None and self.status == 401)

    def __str__(self) -> str:
        # Never the message: it lists tokens.
        words = [str(self.status), *(word for word in (self.code, self.reason) if word)]
        return "Huawei: " + " ".join(words)


def answerOf(response: Response, token: str) -> Answer:
    """
    Read an answer.

    :param token: of the device that was to be woken.
    """
    said = response.json()
    code = said.get("code")
    code = str(code) if isinstance(code, (str, int)) and _CODE.fullmatch(str(code)) else None
    illegal = list(_illegal(said.get("msg")))
    reasons = [reason for reason, tokens in illegal if token in tokens]
    if not reasons and code == NO_TOKEN:
        # There was only one.
        reasons = [reason for reason, _ in illegal]
    return Answer(response.status, code, bool(reasons), next(filter(None, reasons), None))


def verdictOn(answer: Answer, response: Response, now: float) -> DeliveryError:
    """
    What to raise.

    :param now: seconds since 1970.
    """
    meaning, text, wait = _meaning(answer), str(answer), response.retryAfter(now)
    if meaning is Throttled:
        return Throttled(text, QUOTA_PAUSE if wait is None else wait, lane=True)
    if meaning is ProviderDown:
        maybeSent = answer.code is None and answer.status in (200, 502, 504)
        return ProviderDown(text, maybeSent, TROUBLE_PAUSE if wait is None else wait)
    return meaning(text)


def _meaning(answer: Answer) -> type[DeliveryError]:
    code = answer.code
    if code in (PARTIAL, NO_TOKEN) and answer.reason is not None:
        return REASONS.get(answer.reason, Refused)
    known = CODES.get(code) or FAMILIES.get(code[:4]) if code is not None else None
    return ofStatus(answer.status, STATUSES) if known is None else known


def _illegal(text: Any) -> Iterator[tuple[str | None, list[Any]]]:
    """
    The tokens that are not taken, and why: v1 and v2 do not say, v3 sorts them by it. Both write JSON into a text.
    """
    try:
        said = json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return
    if not isinstance(said, dict):
        return
    if isinstance(said.get("illegal_tokens"), list):
        yield None, said["illegal_tokens"]
    sorted_ = said.get("illegalTokens")
    if isinstance(sorted_, list):
        yield None, sorted_
    for reason, tokens in sorted_.items() if isinstance(sorted_, dict) else ():
        if isinstance(tokens, list):
            # Huawei's own examples have blanks around it.
            yield (reason.strip() if _WORD.fullmatch(reason.strip()) else "?"), tokens
