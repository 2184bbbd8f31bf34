"""
What a phone shows of a message by itself, as MongooseIM's own connector has it: who wrote is the title and the tag,
what he wrote is the text, how many wait is the badge. Where it is not told who wrote what, MongooseIM sends nothing at
all.
"""

from collections.abc import Mapping

from pushsvc.model import Notification

# Characters of a text that an alert shows; a phone shows fewer.
LONGEST_BODY = 800
# Of the fields, those that an alert shows.
SHOWN = ("last-message-body", "last-message-sender", "message-count")


def saysWhoAndWhat(notification: Notification) -> bool:
    """
    Whether it is told who wrote what.
    """
    summary = notification.summary
    return summary is not None and bool(summary.lastMessageSender and summary.lastMessageBody)


def shortened(text: str) -> str:
    """
    As much of a text as an alert shows.
    """
    return text if len(text) <= LONGEST_BODY else text[: LONGEST_BODY - 1] + "…"


def notShown(said: Mapping[str, str | int]) -> dict[str, str | int]:
    """
    What the alert leaves to the data: nothing is told twice, for there is little room.

    :param said: the fields of the notification.
    """
    return {name: value for name, value in said.items() if name not in SHOWN}
