"""
One attempt: what the provider's answer means for the notification.
"""

from dataclasses import dataclass, replace

from pushsvc import errors
from pushsvc.delivery.backoff import Backoff
from pushsvc.model import Target, Waiting


@dataclass(frozen=True)
class Verdict:
    """
    What becomes of a notification after an attempt.

    :ivar word: how it is counted: ``delivered``, ``discarded``, ``gone``, ``throttled``, ``down``, ``refused``, ...
    :ivar retryIn: seconds after which it is tried again; None: it is done with.
    :ivar again: what to send instead, at once.
    :ivar isWell: whether its lane is well, whatever became of the notification; None: there is no saying.
    :ivar lanePause: seconds that the network asks us to leave the whole lane alone.
    :ivar devicePause: seconds that it asks us to leave this device alone.
    """

    word: str
    retryIn: float | None = None
    again: Waiting | None = None
    isWell: bool | None = True
    lanePause: float | None = None
    devicePause: float | None = None


DELIVERED, DISCARDED = Verdict("delivered"), Verdict("discarded")


def ofError(error: errors.DeliveryError, waiting: Waiting, backoff: Backoff) -> Verdict:
    """
    The verdict on anything but a device that is gone.
    """
    if isinstance(error, errors.Throttled):
        delay = backoff.delay(waiting.attempts, error.retryAfter)
        if error.lane:
            return Verdict("throttled", delay, isWell=False, lanePause=delay)
        return Verdict("throttled", delay, isWell=None, devicePause=delay)
    if isinstance(error, errors.ProviderDown):
        return Verdict("down", backoff.delay(waiting.attempts, error.retryAfter), isWell=False)
    if isinstance(error, errors.ProviderRefused):
        return Verdict("refused", backoff.delay(waiting.attempts), isWell=False)
    if isinstance(error, errors.PayloadTooLarge):
        smaller = waiting.notification.smaller()
        return Verdict("too-large", again=None if smaller is None else replace(waiting, notification=smaller))
    if isinstance(error, errors.Refused):
        return Verdict("rejected")
    return Verdict("bad-request")


def ofGone(waiting: Waiting, now: Target | None, backoff: Backoff) -> Verdict:
    """
    The verdict on a device of which the network says that it is gone.

    :param now: where its notifications go now, when it is not.
    """
    if now is None:
        return Verdict("gone")
    if now.token != waiting.target.token:
        return Verdict("moved", again=replace(waiting, target=now))
    return Verdict("doubted", backoff.delay(waiting.attempts))
