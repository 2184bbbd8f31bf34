"""
A stand-in for the push server of UBports, as strict as its source.

Tokens are base64 of ``application::device``, as that server makes them.
"""

import base64
import json
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.standins.network import Answer, Network, Seen, main

BODY_LIMIT = 4096
DATA_LIMIT = 2048

_DATE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def tokenOf(application: str, device: str) -> str:
    """
    What the server gives a device for an application.
    """
    return base64.b64encode(f"{application}::{device}".encode()).decode("ascii")


def refusal(status: int, label: str, message: str = "") -> Answer:
    """
    An entry for the script: an error as the server words it.
    """
    headers = {"Content-Type": "application/json"}
    return {"status": status, "headers": headers, "body": {"error": label, "message": message or label}}


class UBports(Network):
    """
    The push server.

    :ivar pending: what devices have not fetched, by token: the bodies of the pushes.
    :ivar most: how many of them may wait for an application.
    """

    def __init__(self, clock: Callable[[], float] = time.time, record: Path | None = None) -> None:
        super().__init__(clock, record)
        self.pending: dict[str, list[Answer]] = {}
        self.most = 100

    @property
    def arrived(self) -> list[Answer]:
        """
        The pushes that wait for some device.
        """
        return [push for pushes in self.pending.values() for push in pushes]

    def answer(self, seen: Seen) -> Answer:
        if seen["path"] != "/notify":
            return {"status": 404, "text": "404 page not found\n"}
        wrong = self._wrongRequest(seen) or self._wrongBody(seen["body"])
        if wrong is not None:
            return wrong
        said = seen["body"]
        try:
            decoded = base64.b64decode(said["token"], validate=True).decode()
        except ValueError:
            return refusal(400, "unknown-token", "Unknown token")
        if not decoded.startswith(said["appid"] + "::"):
            return refusal(401, "unauthorized", "Unauthorized")
        waiting = self.pending.setdefault(said["token"], [])
        tag = said.get("replace_tag")
        others = [push for push in waiting if not tag or push.get("replace_tag") != tag]
        if said.get("clear_pending"):
            others = []
        elif len(others) >= self.most:
            full = refusal(413, "too-many-pending", "Too many pending notifications for this application")
            full["body"]["extra"] = others[-1]["data"]
            return full
        waiting[:] = [*others, said]
        return {"headers": {"Content-Type": "application/json"}, "body": {"ok": True}}

    def _wrongRequest(self, seen: Seen) -> Answer | None:
        headers = seen["headers"]
        length = headers.get("content-length", "")
        if seen["method"] != "POST":
            return refusal(405, "invalid-request", "Wrong request method, should be POST")
        if not length:
            return refusal(411, "invalid-request", "A Content-Length must be provided")
        if int(length) > BODY_LIMIT:
            return refusal(413, "invalid-request", "Request body too large")
        if headers.get("content-type") != "application/json":
            return refusal(415, "invalid-request", "Wrong content type, should be application/json")
        return None

    def _wrongBody(self, said: Any) -> Answer | None:
        if not isinstance(said, dict) or not isinstance(said.get("clear_pending", False), bool):
            return refusal(400, "invalid-request", "Malformed JSON Object")
        if not said.get("appid") or not said.get("token"):
            return refusal(400, "invalid-request", "Missing id field")
        if "data" not in said:
            return refusal(400, "invalid-request", "Missing data field")
        if len(json.dumps(said["data"], ensure_ascii=False, separators=(",", ":")).encode()) > DATA_LIMIT:
            return refusal(400, "invalid-request", "Data too large")
        if not _DATE.fullmatch(said.get("expire_on", "")):
            return refusal(400, "invalid-request", "Invalid expiration date")
        if datetime.fromisoformat(said["expire_on"]) < datetime.fromtimestamp(self.clock(), UTC):
            return refusal(400, "invalid-request", "Past expiration date")
        return None


if __name__ == "__main__":
    main(lambda arguments: UBports(record=arguments.record), description="A stand-in for the push server of UBports.")
