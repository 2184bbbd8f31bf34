"""
A notification as APNs takes it: what iOS does with it under ``aps``, what the app reads beside it.

==============  =============================================  =========================================================
push type       when                                           ``aps``
==============  =============================================  =========================================================
``alert``       something to show: important, with a body,     a text (what iOS shows unless the app's service extension
                encrypted, or a call                           puts its own in its place), sound, ``mutable-content``
``background``  everything else                                ``content-available``: the app is woken, when iOS likes
``voip``        a call, and PushKit's token is known           nothing: the app has to show the call itself
==============  =============================================  =========================================================

What says that nothing is left to read only sets the badge to 0, where badges are wanted.

Beside it stands what ``payload`` says, under its names and with its numbers as numbers, as mod_push had it, and
``push-id``: the same in every attempt, so that an app that has seen it may ignore it.
"""

import json
from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from json.encoder import encode_basestring as _text
from typing import Any, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from pushsvc.config import options
from pushsvc.errors import PayloadTooLarge
from pushsvc.model import Kind, Notification, Priority
from pushsvc.providers.payload import ANY_ID, ENVELOPE, fieldsOf

ALERT, BACKGROUND, VOIP = "alert", "background", "voip"
# Bytes that APNs takes.
LIMITS = {ALERT: 4096, BACKGROUND: 4096, VOIP: 5120}
Argument = Literal[
    "message-count",
    "last-message-sender",
    "last-message-body",
    "pending-subscription-count",
    "last-subscription-sender",
]

_json = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


@dataclass(frozen=True, config=options, kw_only=True)
class Shape:
    """
    What an app's pushes look like: keys of ``[apps.NAME]``.

    :ivar alertTitle: the text's title; None: iOS shows the app's name alone.
    :ivar alertBody: the text.
    :ivar callBody: the text for a call to a device without PushKit's token.
    :ivar titleLocKey: a key of the app's Localizable.strings, instead of the title.
    :ivar locKey: the same instead of the text.
    :ivar callLocKey: the same instead of the text for a call.
    :ivar locArgs: what goes into the localised text: names out of ``payload``, such as ``last-message-sender``.
    :ivar showMessage: who wrote what, as far as the server tells, is the title and the text; for apps without a service
        extension.
    :ivar withoutBody: the push type of a message of which neither body nor importance is told. ``background`` ones iOS
        lets through a few times an hour; ``alert`` always shows something.
    :ivar sound: of alerts; empty: none.
    :ivar category: of alerts: which actions iOS offers.
    :ivar mutableContent: alerts go through the app's service extension.
    :ivar badge: the app's icon bears the message-count. Off, for many servers count only what this push is about.
    :ivar additionalData: goes into every push, beside ``aps``.
    """

    alertTitle: str | None = None
    alertBody: str = "New message"
    callBody: str = "Incoming call"
    titleLocKey: str | None = None
    locKey: str | None = None
    callLocKey: str | None = None
    locArgs: tuple[Argument, ...] = ()
    showMessage: bool = False
    withoutBody: Literal["background", "alert"] = "background"
    sound: str = "default"
    category: str | None = None
    mutableContent: bool = True
    badge: bool = False
    additionalData: dict[str, Any] = Field(default_factory=dict)

    def pushType(self, notification: Notification) -> str:
        """
        How to wake the device, PushKit aside.
        """
        if notification.kind is Kind.CALL:
            return ALERT
        if notification.kind is Kind.CLEAR:
            return ALERT if self.badge else BACKGROUND
        if notification.priority is Priority.LOW:
            return BACKGROUND
        summary = notification.summary
        hasBody = summary is not None and summary.lastMessageBody is not None
        if notification.priority is Priority.HIGH or hasBody or notification.encrypted is not None:
            return ALERT
        return self.withoutBody

    def payload(self, pushType: str, notification: Notification, pushId: str) -> bytes:
        """
        The body of the request, with as much of the notification as fits.

        :raises PayloadTooLarge: not even an empty one does.
        """
        for payload in self.payloads(pushType, notification, pushId):
            return payload
        raise PayloadTooLarge("nothing is left to leave out")

    def payloads(self, pushType: str, notification: Notification, pushId: str) -> Iterator[bytes]:
        """
        All that fit, each with less of the notification than the one before it. The push type stays what it is: it is
        chosen for the whole.
        """
        smaller: Notification | None = notification
        while smaller is not None:
            encoded = self._encoded(pushType, smaller, pushId)
            if len(encoded) <= LIMITS[pushType]:
                yield encoded
            smaller = smaller.smaller()

    def wished(self, sound: str | None, category: str | None, mutableContent: bool | None) -> "Shape":
        """
        The same for a device that wishes it otherwise. None: it does not.
        """
        wished = {"sound": sound, "category": category, "mutableContent": mutableContent}
        shape = copy(self)
        # Not replace: it would want the names that these have in the file, and look at all the others again.
        vars(shape).update({name: value for name, value in wished.items() if value is not None})
        vars(shape).pop("_known", None)
        return shape

    def payloadSize(self) -> int:
        """
        How many characters of an encrypted payload fit, whichever way the device is woken.
        """
        envelopes = [replace(ENVELOPE, kind=kind) for kind in (Kind.MESSAGE, Kind.CALL)]
        return max(0, LIMITS[ALERT] - max(len(self._encoded(ALERT, envelope, ANY_ID)) for envelope in envelopes))

    def checkShape(self) -> None:
        """
        Whether an empty push fits, is JSON, and shows something where it should.

        :raises ValueError: it does not, or is not.
        """
        for key, kind in (("alert-body", Kind.MESSAGE), ("call-body", Kind.CALL)):
            if not self._alert(Notification(kind), {}):
                raise ValueError(f"{key}: is empty, and there is no title: iOS would show nothing")
        if "aps" in self.additionalData:
            raise ValueError("additional-data: aps is not for it to say")
        for kind in (Kind.MESSAGE, Kind.CALL):
            for pushType in LIMITS:
                try:
                    self.payload(pushType, Notification(kind), ANY_ID)
                except PayloadTooLarge:
                    raise ValueError("additional-data or the texts are too long: no push would fit") from None
                except (TypeError, ValueError, RecursionError):
                    raise ValueError("additional-data: holds what JSON cannot say, such as a date") from None

    def _encoded(self, pushType: str, notification: Notification, pushId: str) -> bytes:
        said = fieldsOf(notification)
        # Names too: those of elements that nobody here knows are somebody else's.
        parts = [f"{_text(name)}:{_text(value) if type(value) is str else value}" for name, value in said.items()]
        parts.append(f'"push-id":{_text(pushId)}')
        parts.append(f'"aps":{self._written(pushType, notification, said)}')
        if self.additionalData:
            parts.append(self._additional(said))
        return f"{{{','.join(filter(None, parts))}}}".encode("utf-8", "replace")

    def _written(self, pushType: str, notification: Notification, said: Mapping[str, str | int]) -> str:
        """
        What iOS does with it. Mostly that is the same for all pushes, and is written once.
        """
        if self.badge or self.showMessage or self.locArgs:
            return _json(self._aps(pushType, notification, said))
        key = pushType, notification.kind
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _json(self._aps(pushType, notification, said))
        return known

    @cached_property
    def _known(self) -> dict[tuple[str, Kind], str]:
        return {}

    def _additional(self, said: Mapping[str, str | int]) -> str:
        if "push-id" in self.additionalData or not said.keys().isdisjoint(self.additionalData):
            # A name stands for one thing, and what the notification says is meant.
            left = {name: value for name, value in self.additionalData.items() if name not in ("push-id", *said)}
            return _json(left)[1:-1]
        return self._more

    @cached_property
    def _more(self) -> str:
        return _json(self.additionalData)[1:-1]

    def _aps(self, pushType: str, notification: Notification, said: Mapping[str, str | int]) -> dict[str, Any]:
        if pushType == VOIP:
            return {}
        # Numbers, not truths: iOS takes nothing but 1.
        if pushType == BACKGROUND:
            return {"content-available": 1}
        if notification.kind is Kind.CLEAR:
            return {"badge": 0, "content-available": 1}
        aps: dict[str, Any] = {"alert": self._alert(notification, said)}
        if self.mutableContent:
            aps["mutable-content"] = 1
        if self.sound:
            aps["sound"] = self.sound
        if self.category:
            aps["category"] = self.category
        if self.badge and "message-count" in said:
            aps["badge"] = said["message-count"]
        return aps

    def _alert(self, notification: Notification, said: Mapping[str, str | int]) -> dict[str, Any]:
        calling = notification.kind is Kind.CALL
        text, locKey = (self.callBody, self.callLocKey) if calling else (self.alertBody, self.locKey)
        alert: dict[str, Any] = {}
        if self.titleLocKey:
            alert["title-loc-key"] = self.titleLocKey
        elif self.alertTitle:
            alert["title"] = self.alertTitle
        if locKey:
            alert["loc-key"] = locKey
            if self.locArgs:
                alert["loc-args"] = [str(said.get(name, "")) for name in self.locArgs]
        elif text:
            alert["body"] = text
        if self.showMessage and not calling and "last-message-body" in said:
            shown = {"body": said["last-message-body"]}
            if "last-message-sender" in said:
                shown["title"] = str(said["last-message-sender"]).partition("/")[0]
            elif "title" in alert:
                shown["title"] = alert["title"]
            return shown
        return alert
