"""
What WNS' answers mean.

Its status says most of it; that a notification was accepted only to be dropped, or that there were too many for one
channel, is said in a header, with 200.
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

RECEIVED = "received"
DROPPED = "dropped"
THROTTLED = "channelthrottled"

_MEANINGS: Mapping[int, type[DeliveryError]] = {
    400: BadRequest,
    # A new access token, too, was not taken.
    401: ProviderRefused,
    403: ProviderRefused,
    404: DeviceGone,
    405: BadRequest,
    406: Throttled,
    407: ProviderRefused,
    408: ProviderDown,
    # The channel has ended: they do after thirty days.
    410: DeviceGone,
    413: PayloadTooLarge,
    425: ProviderDown,
    429: Throttled,
}

# As documented, and as it has been seen ever since.
_STATUS_HEADERS = ("x-wns-status", "x-wns-notificationstatus")
_WORD = re.compile(r"[a-z]{1,40}")


def statusOf(response: Response) -> str | None:
    """
    What WNS says became of the notification; None: it does not, so that this is not WNS.
    """
    for header in _STATUS_HEADERS:
        word = response.headers.get(header, "").strip().lower()
        if _WORD.fullmatch(word):
            return word
    # Words may be new, or left out; that there is a number for it is not.
    return RECEIVED if "x-wns-msg-id" in response.headers else None


def verdictOn(response: Response, now: float, tokenIsTaken: bool) -> DeliveryError:
    """
    What to raise.

    :param now: seconds since 1970.
    :param tokenIsTaken: WNS has taken pushes to others under the same access token.
    """
    status, word = response.status, statusOf(response)
    # Never the description: it may quote the channel.
    text = f"WNS: {status} {word or ''}".rstrip()
    if status == 200:
        if word == THROTTLED:
            return Throttled(text, _wait(response, now))
        return ProviderDown(text, maybeSent=True)
    meaning = _MEANINGS.get(status)
    if meaning is None:
        meaning = BadRequest if 400 <= status < 500 else ProviderDown
    if status == 403 and tokenIsTaken:
        # We are who we are: it is the channel that is another app's.
        return Refused(text)
    if meaning is Throttled:
        # 406 is about this channel.
        return Throttled(text, _wait(response, now), lane=status != 406)
    if meaning is ProviderDown:
        # After these, what we asked may have been done all the same.
        return ProviderDown(text, maybeSent=status in (500, 502, 504), retryAfter=_wait(response, now))
    return meaning(text)


def _wait(response: Response, now: float) -> float | None:
    said = response.headers.get("x-wns-continue-after")
    if said is not None:
        response = Response(response.status, {"retry-after": said})
    return response.retryAfter(now)
