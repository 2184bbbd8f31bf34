"""
The headers of a push to APNs, but for our credentials.
"""

import hashlib

from pushsvc.model import Kind, Notification, Target
from pushsvc.providers.apnspayload import ALERT, VOIP

# Seconds, the most that APNs keeps a push.
LONGEST_KEPT = 30 * 86400
# Seconds that a phone rings: PushKit's pushes have to become a call on the screen, whenever they arrive.
RINGS = 60


def headersOf(
    pushType: str,
    topic: str,
    notification: Notification,
    urgent: bool,
    pushId: str,
    expires: float,
    now: float,
    collapseId: str,
) -> dict[str, str]:
    """
    The headers of a push.

    The priority is 10 (at once) for calls, and for alerts that are urgent; 5 (when it suits the phone's battery) for
    everything else. Apple allows either for alerts, and background pushes have to have 5. What has a body or is
    encrypted counts as important unless the server says otherwise; so the alerts with 5 are those of an app with
    ``priority = "normal"`` or ``without-body = "alert"``, and of devices that wish it, and all say that they are in no
    hurry.

    :param topic: the app's.
    :param urgent: whether it matters, or the device says that it does.
    :param expires: seconds since 1970.
    :param now: seconds since 1970.
    """
    headers = {
        "apns-topic": f"{topic}.voip" if pushType == VOIP else topic,
        "apns-push-type": pushType,
        "apns-priority": _priority(pushType, notification, urgent),
        "apns-id": pushId.lower(),
        "apns-expiration": _expiration(pushType, expires, now),
    }
    if pushType != VOIP:
        headers["apns-collapse-id"] = collapseId
    return headers


def collapseIdOf(target: Target, notification: Notification, pushId: str, collapse: bool) -> str:
    """
    Of pushes with the same one, the device shows the newest only.

    :param collapse: whether that goes for all pushes of a kind to a device. Else it goes for the attempts for one
        notification, should more than one arrive.
    """
    # Encrypted ones are not interchangeable.
    if not collapse or notification.encrypted is not None:
        return pushId.lower()
    # Apple learns neither node nor account, and 64 bytes is what there is room for.
    return hashlib.sha256(f"{notification.kind.value} {target.key}".encode("utf-8", "surrogatepass")).hexdigest()


def _priority(pushType: str, notification: Notification, urgent: bool) -> str:
    # A background push with any other priority is an error, and one that only sets the badge is in no hurry.
    if pushType == VOIP:
        return "10"
    urgent = urgent or notification.kind is Kind.CALL
    return "10" if pushType == ALERT and urgent and notification.kind is not Kind.CLEAR else "5"


def _expiration(pushType: str, expires: float, now: float) -> str:
    kept = RINGS if pushType == VOIP else LONGEST_KEPT
    # 0: now or never.
    return str(int(min(expires, now + kept))) if expires > now else "0"
