"""
A notification as MongoosePush takes it, with names and types as its schema has them: it refuses what it does not know.

=======  ============================================  ================================================================
         when                                          what
=======  ============================================  ================================================================
alert    sender and body are known, or the app has     ``title`` and ``tag``: the sender; ``body``; ``badge``: the
         an ``alert-body`` for messages that matter    message-count. ``data``: what the alert does not show
silent   the device wants it so (``silent``), and      ``data``: everything
         else
=======  ============================================  ================================================================

This is how MongooseIM's own connector does it, which sends nothing at all where sender or body are missing. Data bears
``payload``'s names, its numbers as numbers, and ``push-id``: the same in every attempt.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic.dataclasses import dataclass

from pushsvc.config import options
from pushsvc.errors import BadRequest, PayloadTooLarge
from pushsvc.model import Kind, Notification, Priority, Target
from pushsvc.providers.mongoosealert import notShown, saysWhoAndWhat, shortened
from pushsvc.providers.mongoosepushdevice import APNS, FCM, LONGEST_TTL, option
from pushsvc.providers.payload import ANY_ID, ENVELOPE, encoded, fieldsOf

# Bytes that both networks take, and what they put around ours at most.
LIMIT = 4096 - 128


@dataclass(frozen=True, config=options, kw_only=True)
class Shape:
    """
    What an app's pushes look like, and by which of MongoosePush's pools they go: keys of ``[apps.NAME]``.

    :ivar mode: the environment of devices that do not say; None: MongoosePush's own default.
    :ivar topic: the bundle id of devices that do not say, for ``apns``; silent pushes have it too.
    :ivar tags: what the pool that sends has to have been given.
    :ivar alertTitle: the title of an alert when nobody knows who wrote.
    :ivar alertBody: what an alert says when nobody knows what was written; None: such pushes are silent.
    :ivar mutableContent: alerts go through the app's service extension, unless the device says otherwise.
    """

    mode: Literal["prod", "dev"] | None = None
    topic: str | None = None
    tags: tuple[str, ...] = ()
    alertTitle: str = "New message"
    alertBody: str | None = None
    mutableContent: bool = False

    def body(self, target: Target, notification: Notification, pushId: str, ttl: float) -> bytes:
        """
        The body of the request, with as much of the notification as fits.

        :param ttl: seconds that the network may keep it.
        :raises PayloadTooLarge: not even an empty one does.
        """
        about = self._about(target, ttl)
        isAlert = option(target.details, "silent") is not True and self._isAlert(notification)
        smaller: Notification | None = notification
        while smaller is not None:
            content = self._content(target.details, smaller, pushId, isAlert)
            if len(encoded(content)) <= LIMIT:
                isHigh = self._isHigh(target.details, notification)
                if about["service"] == APNS and "alert" not in content:
                    # What wakes an app in the background and is in a hurry, APNs refuses.
                    isHigh = False
                return encoded({**about, "priority": "high" if isHigh else "normal", **content})
            smaller = smaller.smaller()
        raise PayloadTooLarge("nothing is left to leave out")

    def payloadSize(self) -> int:
        """
        How many characters of an encrypted payload fit.
        """
        longest = {"sound": "x" * 64, "click_action": "x" * 64}
        envelopes = [replace(ENVELOPE, kind=kind) for kind in (Kind.MESSAGE, Kind.CALL)]
        around = [self._content(longest, envelope, ANY_ID, self._isAlert(envelope)) for envelope in envelopes]
        return max(0, LIMIT - max(len(encoded(content)) for content in around))

    def _about(self, target: Target, ttl: float) -> dict[str, Any]:
        details = target.details
        service = details.get("service")
        if service not in (APNS, FCM):
            raise BadRequest("MongoosePush: a device of no service")
        wanted = option(details, "time_to_live")
        mode = option(details, "mode") or self.mode
        topic = option(details, "topic") or (self.topic if service == APNS else None)
        about: dict[str, Any] = {"service": service}
        about["time_to_live"] = max(0, min(int(ttl), LONGEST_TTL if wanted is None else wanted))
        about |= {"mode": mode} if mode else {}
        about |= {"topic": topic} if topic else {}
        about |= {"tags": list(self.tags)} if self.tags else {}
        return about

    def _isAlert(self, notification: Notification) -> bool:
        if notification.kind is Kind.CLEAR:
            return False
        if saysWhoAndWhat(notification):
            return True
        matters = notification.encrypted is not None or notification.priority is Priority.HIGH
        return self.alertBody is not None and matters and notification.kind is Kind.MESSAGE

    def _isHigh(self, details: Mapping[str, str], notification: Notification) -> bool:
        wanted = option(details, "priority")
        return notification.priority is Priority.HIGH if wanted is None else wanted == "high"

    def _content(
        self, details: Mapping[str, str], notification: Notification, pushId: str, isAlert: bool
    ) -> dict[str, Any]:
        said = fieldsOf(notification)
        knows = saysWhoAndWhat(notification)
        if not isAlert or not (knows or self.alertBody is not None):
            return {"data": {"push-id": pushId, **said}}
        sender = said.get("last-message-sender")
        alert: dict[str, Any] = {
            "title": sender or self.alertTitle,
            "body": shortened(str(said["last-message-body"])) if knows else self.alertBody,
            "tag": sender,
            "badge": said.get("message-count"),
            "sound": option(details, "sound"),
            "click_action": option(details, "click_action"),
        }
        mutable = option(details, "mutable_content")
        content: dict[str, Any] = {
            "alert": {name: value for name, value in alert.items() if value is not None},
            "data": {"push-id": pushId, **notShown(said)},
        }
        if self.mutableContent if mutable is None else mutable:
            content["mutable_content"] = True
        return content
