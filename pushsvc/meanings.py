"""
What the words of verdicts mean, for those who do not know push networks: the user whose phone stays silent, and the
operator who is asked about it.
"""

from collections.abc import Mapping

MEANINGS: Mapping[str, str] = {
    "delivered": "The push network took the notification.",
    "discarded": "The push network took the notification, but said that it will not deliver it.",
    "gone": "The push network no longer knows the device: the app was removed, or has to register again.",
    "moved": "The device has registered again meanwhile; the notification went to where it is now.",
    "doubted": "The push network says that the device is gone, which is not believed yet; it is tried again.",
    "throttled": "The push network asked for fewer notifications; it is tried again when it allows them.",
    "down": "The push network could not be reached or had trouble of its own; it is tried again.",
    "refused": "The push network does not accept this service's credentials; the operator of the service has to act.",
    "rejected": "The push network will not take notifications for this device; registering again may help.",
    "too-large": "The notification was too large for the push network.",
    "bad-request": "The push network did not understand the notification: a fault of this service, for its operator.",
    "unknown-app": "The app is not configured at this service any more; the operator of the service has to act.",
    "crashed": "A fault of this service, for its operator; it is tried again.",
}


def meaningOf(word: str) -> str:
    """
    The sentence for a word.
    """
    return MEANINGS.get(word, f"Something that this version has no words for ({word}).")
