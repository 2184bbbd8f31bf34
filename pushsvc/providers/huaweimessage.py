"""
A notification as Huawei takes it: by v1 and v2 (phones with HMS), or by v3 (HarmonyOS 5 and later).

v1 and v2 have data messages, which wake the app and show nothing by themselves. v3 has push types:

=====  ==============================================  ==============================================================
0      something to show: important, with a body,      a text, which HarmonyOS shows while the app is not in front,
       encrypted, or a call                            and data for the app, once it is opened or if it is in front
6      everything else                                 data for the app: at once if it is in front; else when
                                                       HarmonyOS likes
10     a call, for apps that may (``in-app-calls``)    data for the app, which has to show the call itself
=====  ==============================================  ==============================================================

Data is what ``payload`` says, and ``push-id``: the same in every attempt. Nothing collapses at Huawei: its groups are
an app's, and two accounts on one phone would take each other's place in them.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from pushsvc.config import options
from pushsvc.errors import PayloadTooLarge
from pushsvc.model import Kind, Notification, Priority
from pushsvc.providers.payload import ANY_ID, ENVELOPE, encoded, pushed

ALERT, BACKGROUND, IN_APP_CALL = "0", "6", "10"
# Bytes that Huawei takes, tokens aside.
LIMIT = 4096
# Bytes that are around what is measured here and around no token.
AROUND = 64
# Seconds, the most that Huawei keeps a push, and those that it advises for calls.
LONGEST_TTL = 1_296_000
RINGS = 60
# Characters of a text that are shown; all of it is in the data.
SHOWN = 200


@dataclass(frozen=True, config=options, kw_only=True)
class Shape:
    """
    What an app's pushes look like: keys of ``[apps.NAME]``.

    :ivar category: of messages, as Huawei has granted it to the app. None: v3 says ``IM``, and the others do not say.
    :ivar urgent: Huawei has granted the app data messages of high urgency (v1, v2).
    :ivar inAppCalls: Huawei has granted the app messages for calls (v3).
    :ivar alertTitle: the title of what HarmonyOS shows (v3).
    :ivar alertBody: its text.
    :ivar callBody: its text for a call.
    :ivar showMessage: who wrote what, as far as the server tells, is the title and the text (v3).
    :ivar withoutBody: how a phone is woken by a message of which neither body nor importance is told (v3).
    """

    category: str | None = Field(default=None, pattern="^[A-Z_]{1,64}$")
    urgent: bool = False
    inAppCalls: bool = False
    alertTitle: str = Field(default="New message", min_length=1)
    alertBody: str = Field(default="Open the app to read it", min_length=1)
    callBody: str = Field(default="Incoming call", min_length=1)
    showMessage: bool = False
    withoutBody: Literal["background", "alert"] = "background"

    def pushType(self, notification: Notification) -> str:
        """
        How v3 is to wake the device.
        """
        if notification.kind is Kind.CALL:
            return IN_APP_CALL if self.inAppCalls else ALERT
        if notification.kind is Kind.CLEAR or notification.priority is Priority.LOW:
            return BACKGROUND
        summary = notification.summary
        hasBody = summary is not None and summary.lastMessageBody is not None
        if notification.priority is Priority.HIGH or hasBody or notification.encrypted is not None:
            return ALERT
        return ALERT if self.withoutBody == "alert" else BACKGROUND

    def dataMessage(
        self, token: str, notification: Notification, pushId: str, ttl: float, onlyLook: bool = False
    ) -> bytes:
        """
        The body of a request of v1 and v2, with as much of the notification as fits.

        :param ttl: seconds that Huawei may keep it.
        :param onlyLook: nothing is sent.
        :raises PayloadTooLarge: not even an empty one does.
        """
        body = _fitting(lambda smaller: self._dataBody(smaller, notification.priority, pushId, ttl), notification)
        return encoded({"validate_only": onlyLook, "message": {**body, "token": [token]}})

    def scenario(self, pushType: str, token: str, notification: Notification, pushId: str, ttl: float) -> bytes:
        """
        The body of a request of v3, likewise. The push type stays what it is: it is chosen for the whole.
        """
        body = _fitting(lambda smaller: self._scenarioBody(pushType, smaller, pushId, ttl), notification)
        return encoded({**body, "target": {"token": [token]}})

    def payloadSize(self) -> int:
        """
        How many characters of an encrypted payload fit, by whichever version and push type.
        """
        return max(0, LIMIT - AROUND - max(len(encoded(body)) for body in self._bodies(ENVELOPE)))

    def checkShape(self) -> None:
        """
        Whether a push fits in which nothing is told.

        :raises ValueError: it does not.
        """
        if max(len(encoded(body)) for body in self._bodies(Notification())) > LIMIT - AROUND:
            raise ValueError("alert-title, alert-body or call-body is too long: no push would fit")

    def _bodies(self, notification: Notification) -> Iterator[dict[str, Any]]:
        for kind in (Kind.MESSAGE, Kind.CALL):
            each = replace(notification, kind=kind)
            yield self._dataBody(each, Priority.NORMAL, ANY_ID, LONGEST_TTL)
            for pushType in (ALERT, IN_APP_CALL):
                yield self._scenarioBody(pushType, each, ANY_ID, LONGEST_TTL)

    def _dataBody(self, notification: Notification, priority: Priority, pushId: str, ttl: float) -> dict[str, Any]:
        android = {"urgency": "HIGH" if self.urgent and priority is Priority.HIGH else "NORMAL"}
        android["ttl"] = f"{_seconds(ttl, LONGEST_TTL)}s"
        android |= {"category": self.category} if self.category else {}
        return {"data": _text(pushed(notification, pushId)), "android": android}

    def _scenarioBody(self, pushType: str, notification: Notification, pushId: str, ttl: float) -> dict[str, Any]:
        options = {"ttl": _seconds(ttl, RINGS if notification.kind is Kind.CALL else LONGEST_TTL)}
        if pushType == BACKGROUND:
            # For chats that have asked for it; for other apps it is as if it were not there.
            options["backgroundMode"] = 1
        return {"payload": self._payload(pushType, notification, pushId), "pushOptions": options}

    def _payload(self, pushType: str, notification: Notification, pushId: str) -> dict[str, Any]:
        data = pushed(notification, pushId)
        if pushType != ALERT:
            return {"extraData": _text(data)}
        title, body = self._texts(notification, data)
        return {
            "notification": {
                "category": self.category or "IM",
                "title": title,
                "body": body,
                "clickAction": {"actionType": 0, "data": data},
                # In front, the app gets the data at once and is its own master of what to show.
                "foregroundShow": False,
                # What was sent twice is shown once.
                "appMessageId": pushId,
            }
        }

    def _texts(self, notification: Notification, data: Mapping[str, str | int]) -> tuple[str, str]:
        if notification.kind is Kind.CALL:
            return self.alertTitle, self.callBody
        if not self.showMessage or "last-message-body" not in data:
            return self.alertTitle, self.alertBody
        sender = str(data.get("last-message-sender", "")).partition("/")[0]
        return sender or self.alertTitle, str(data["last-message-body"])[:SHOWN]


def _fitting(made: Callable[[Notification], dict[str, Any]], notification: Notification) -> dict[str, Any]:
    smaller: Notification | None = notification
    while smaller is not None:
        body = made(smaller)
        if len(encoded(body)) <= LIMIT - AROUND:
            return body
        smaller = smaller.smaller()
    raise PayloadTooLarge("nothing is left to leave out")


def _seconds(ttl: float, longest: int) -> int:
    # What had no time left would be refused; a second later nobody is told any more.
    return max(1, min(int(ttl), longest))


def _text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
