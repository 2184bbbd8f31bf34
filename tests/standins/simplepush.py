"""
A stand-in for a server of SimplePush, as Mozilla's was: ``PUT`` to an endpoint below ``/spush/v1/`` or ``/push/``.

Like a phone, it hands on only what has a greater version than the last. Tokens that begin with ``gone`` are those of
phones that are no more.
"""

import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs

from tests.standins.network import Answer, Network, Seen, main

DATA_LIMIT = 4096
BELOW = ("/spush/v1/", "/push/")


def refusal(status: int, errno: int) -> Answer:
    """
    An entry for the script: an error as Mozilla's server words it.
    """
    return {"status": status, "body": {"code": status, "errno": errno, "error": "…", "message": "…"}}


class SimplePush(Network):
    """
    The server, with the phones.

    :ivar woken: what phones were woken with: their token, the version and the data.
    :ivar ignored: what came too late for them.
    :ivar gone: tokens of phones that are no more.
    :ivar asleep: tokens of phones for which it is kept.
    """

    def __init__(self, clock: Callable[[], float] = time.time, record: Path | None = None) -> None:
        super().__init__(clock, record)
        self.woken: list[tuple[str, int, str | None]] = []
        self.ignored: list[tuple[str, int, str | None]] = []
        self.gone: set[str] = set()
        self.asleep: set[str] = set()
        self._versions: dict[str, int] = {}

    def answer(self, seen: Seen) -> Answer:
        below = next((each for each in BELOW if seen["path"].startswith(each)), None)
        if below is None:
            return {"status": 404, "text": "404"}
        token = seen["path"].removeprefix(below)
        if seen["method"] != "PUT":
            return refusal(405, 101)
        if not token or "/" in token:
            return refusal(400, 102)
        if token in self.gone or token.startswith("gone"):
            return refusal(410, 103)
        if not seen["headers"].get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return refusal(400, 101)
        form = parse_qs(str(seen["body"]), keep_blank_values=True)
        said = form.get("version", [str(int(self.clock()))])[0]
        if not said.isascii() or not said.isdigit():
            return refusal(400, 101)
        data = form.get("data", [None])[0]
        if data is not None and len(data.encode()) > DATA_LIMIT:
            return refusal(400, 104)
        grown = int(said) > self._versions.get(token, 0)
        (self.woken if grown else self.ignored).append((token, int(said), data))
        self._versions[token] = max(int(said), self._versions.get(token, 0))
        return {"status": 202 if token in self.asleep else 200, "body": {}}


if __name__ == "__main__":
    main(lambda arguments: SimplePush(record=arguments.record), description="A stand-in for SimplePush.")
