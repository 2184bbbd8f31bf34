"""
A notification as FCM takes it.

Mostly it is a data message, which wakes the app and shows nothing by itself. Its data is what ``payload`` says, all of
it strings, and ``push-id``: the same in every attempt, so that an app that has seen it may ignore it.

Apps of MongooseIM leave it to Android to show messages. Who names his device in MongooseIM's publish-options, or wishes
``silent = false``, gets an alert beside the data, as MongooseIM's connector has it: of a message, if it is told who
wrote what or the app has an ``alert-body`` for those that matter. Calls and encrypted payloads are for the app alone:
Android does not wake apps for what it shows.

There is no collapse key: FCM lets through twenty collapsible messages a device and then one in three minutes.
What is waiting for a device is replaced by what is newer in our own outbox already.
"""

from typing import Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from pushsvc.config import options
from pushsvc.errors import PayloadTooLarge
from pushsvc.model import Kind, Notification, Priority, Target
from pushsvc.providers.mongoosealert import notShown, saysWhoAndWhat, shortened
from pushsvc.providers.payload import ANY_ID, ENVELOPE, encoded, fieldsOf
from pushsvc.providers.wishes import isUrgent, wishesOf

# Bytes of data, and of what is shown, that FCM takes in one message.
LIMIT = 4096
# Seconds, the most that FCM keeps a message.
LONGEST_TTL = 2_419_200
# The most that FCM can count to.
LONGEST_COUNT = 2**31 - 1


@dataclass(frozen=True, config=options, kw_only=True)
class Shape:
    """
    What an app's pushes look like: keys of ``[apps.NAME]``.

    :ivar alerts: whose messages Android shows by itself: of devices that wish it (``silent = false``, or MongooseIM's
        publish options), of all that do not wish otherwise, or of none.
    :ivar alertTitle: the title of an alert when it is not told who wrote.
    :ivar alertBody: its text when it is not told what; None: such pushes are data alone.
    """

    alerts: Literal["wished", "always", "never"] = "wished"
    alertTitle: str = Field(default="New message", min_length=1, max_length=200)
    alertBody: str | None = Field(default=None, min_length=1, max_length=200)

    def message(self, target: Target, notification: Notification, pushId: str, ttl: float) -> bytes:
        """
        The body of the request, with as much of the notification as fits.

        :param ttl: seconds that FCM may keep it.
        """
        isAlert = self._isAlert(target, notification)
        smaller: Notification | None = notification
        while smaller is not None:
            alert = self._alert(target, smaller) if isAlert else {}
            data = dataOf(smaller, pushId, bool(alert))
            body = encoded(
                {
                    "message": {
                        target.details.get("kind", "token"): target.token,
                        "data": data,
                        "android": {
                            "priority": "HIGH" if isUrgent(target.details, smaller) else "NORMAL",
                            "ttl": f"{min(max(0, int(ttl)), LONGEST_TTL)}s",
                            **({"notification": alert} if alert else {}),
                        },
                    }
                }
            )
            if len(body) <= LIMIT or len(encoded(data)) + (len(encoded(alert)) if alert else 0) <= LIMIT:
                return body
            smaller = smaller.smaller()
        raise PayloadTooLarge("nothing is left to leave out")

    def _isAlert(self, target: Target, notification: Notification) -> bool:
        if self.alerts == "never" or notification.kind is not Kind.MESSAGE or notification.encrypted is not None:
            return False
        silent = wishesOf(target.details).silent
        if silent if silent is not None else self.alerts == "wished":
            return False
        return saysWhoAndWhat(notification) or (self.alertBody is not None and notification.priority is Priority.HIGH)

    def _alert(self, target: Target, notification: Notification) -> dict[str, str | int]:
        """
        What is shown; empty when there is too little left to show.
        """
        summary = notification.summary
        sender = summary.lastMessageSender if summary is not None else None
        count = summary.messageCount if summary is not None else None
        told = summary.lastMessageBody if summary is not None and saysWhoAndWhat(notification) else None
        text = self.alertBody if told is None else shortened(told)
        if text is None:
            return {}
        wishes = wishesOf(target.details)
        alert = {
            "title": sender or self.alertTitle,
            "body": text,
            "tag": sender,
            "sound": wishes.sound,
            "click_action": wishes.category,
            "notification_count": min(count, LONGEST_COUNT) if count is not None and count > 0 else None,
        }
        return {name: value for name, value in alert.items() if value is not None}


def dataOf(notification: Notification, pushId: str, isShown: bool = False) -> dict[str, str]:
    """
    The data of the message: what the app on the phone reads.

    :param isShown: whether there is an alert beside it.
    """
    said = fieldsOf(notification)
    if isShown:
        said = notShown(said)
    return {"push-id": pushId, **{name: str(value) for name, value in said.items()}}


# Characters of an encrypted payload for which there is room.
PAYLOAD_SIZE = LIMIT - len(encoded(dataOf(ENVELOPE, ANY_ID)))
