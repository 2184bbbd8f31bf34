"""
A stand-in for MongoosePush, written after its OpenAPI schema: what is not after it gets 422, as from the real one.

Behind it are an APNs that knows the topic ``org.example.chat`` and wants one, and an FCM. A device id that holds
``unregistered`` is that of a device which is gone.
"""

import json
import re
from typing import Any
from urllib.parse import unquote

from tests.standins.network import Answer, Network, Seen, main

TOPIC = "org.example.chat"
_PATH = re.compile(r"/(v2|v3)/notification/([^/]*)")
_ENCODED = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-F]{2})+")
_INT32 = range(-(2**31), 2**31)


def _isInteger(value: Any) -> bool:
    return type(value) is int and value in _INT32


def _isText(value: Any) -> bool:
    return isinstance(value, str)


ALERT = {
    "title": _isText,
    "body": _isText,
    "badge": _isInteger,
    "click_action": _isText,
    "tag": _isText,
    "sound": _isText,
}
REQUEST = {
    "service": lambda value: value in ("apns", "fcm"),
    "mode": lambda value: value in ("prod", "dev"),
    "priority": lambda value: value in ("normal", "high"),
    "time_to_live": _isInteger,
    "mutable_content": lambda value: isinstance(value, bool),
    "tags": lambda value: isinstance(value, list) and all(map(_isText, value)),
    "topic": _isText,
    "alert": lambda value: isinstance(value, dict),
    "data": lambda value: isinstance(value, dict),
}
# What the networks behind it say, for v2, and MongoosePush's own word for it with its status, for v3.
WORDS = {
    "unregistered": ("UNREGISTERED", 410),
    "invalid_request": ("INVALID_ARGUMENT", 400),
    "payload_too_large": ("PayloadTooLarge", 413),
    "internal_config": ("MissingTopic", 503),
}


def reason(status: int, word: str) -> Answer:
    """
    An entry for the script: an error of v3.
    """
    return {"status": status, "body": {"reason": word}}


def details(word: str, status: int = 500) -> Answer:
    """
    The same of v2.
    """
    return {"status": status, "body": {"details": word}}


def complaint(pointer: str) -> Answer:
    """
    What both say to what is not after the schema.
    """
    error = {"title": "Invalid value", "source": {"pointer": pointer}, "message": "Unexpected field: secret-token"}
    return {"status": 422, "body": {"errors": [error]}}


class MongoosePushStandIn(Network):
    """
    The gateway.

    :ivar pushes: what was handed on: the request with ``device_id``.
    """

    scripted = ""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        super().__init__(*arguments, **more)
        self.pushes: list[dict[str, Any]] = []

    def answer(self, seen: Seen) -> Answer:
        match = _PATH.fullmatch(seen["path"])
        if match is None or seen["method"] != "POST":
            return {"status": 404, "text": "Not found"}
        if seen["headers"].get("content-type") != "application/json":
            return {"status": 415, "text": ""}
        version, device = match.groups()
        if not _ENCODED.fullmatch(device):
            return {"status": 404, "text": "Not found"}
        wrong = _wrong(seen["body"])
        if wrong is not None:
            return complaint(wrong)
        word = _refusal(unquote(device), seen["body"])
        if word is not None:
            said, status = WORDS[word]
            return reason(status, word) if version == "v3" else details(said)
        self.pushes.append({**seen["body"], "device_id": unquote(device)})
        return {"text": "null"}


def _wrong(body: Any) -> str | None:
    """
    The first place that is not after the schema.
    """
    if not isinstance(body, dict):
        return "/"
    for name, value in body.items():
        if name not in REQUEST or not REQUEST[name](value):
            return f"/{name}"
    if "service" not in body:
        return "/service"
    if "alert" not in body and "data" not in body:
        return "/data"
    alert = body.get("alert", {"title": "", "body": ""})
    for name, value in alert.items():
        if name not in ALERT or not ALERT[name](value):
            return f"/alert/{name}"
    return next((f"/alert/{name}" for name in ("body", "title") if name not in alert), None)


def _refusal(device: str, body: dict[str, Any]) -> str | None:
    """
    What the networks have against it, in MongoosePush's words.
    """
    isSilent = "alert" not in body
    if body["service"] == "apns" and "topic" not in body and isSilent:
        # Its default topic is for alerts only.
        return "internal_config"
    if body["service"] == "apns" and body.get("topic", TOPIC) != TOPIC:
        return "invalid_request"
    if body["service"] == "apns" and isSilent and body.get("priority") == "high":
        return "internal_config"
    if body["service"] == "fcm" and any(isinstance(value, (dict, list)) for value in body.get("data", {}).values()):
        return "invalid_request"
    size = len(json.dumps({key: body[key] for key in ("alert", "data") if key in body}, ensure_ascii=False).encode())
    if size > 4096:
        return "payload_too_large"
    return "unregistered" if "unregistered" in device else None


if __name__ == "__main__":
    main(
        lambda said: MongoosePushStandIn(record=said.record), description="A stand-in for MongoosePush, APNs and FCM."
    )
