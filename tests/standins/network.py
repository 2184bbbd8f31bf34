"""
What stand-ins for push networks have in common: they record, and answer as told or as they think right.

In a test's own process they are resources for `tests.standins.fcm.listen`; `main` makes a process of one::

    python -m tests.standins.mongoosepush --port P --certificate F --key F --record FILE.jsonl

Once it listens it prints ``listening on PORT``.

Every request is recorded: a line of JSON with ``time``, ``method``, ``path``, ``headers``, ``body`` and the ``status``
answered (None while none was).

``PUT /_script`` with a JSON list says how the next requests are answered, one entry each, as in `tests.standins.fcm`.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request

from tests.standins.fcm import bodyOf, listen

Seen = dict[str, Any]
Answer = dict[str, Any]


class Network(Resource):
    """
    A network. Subclasses say what they answer.

    :ivar requests: what was asked, oldest first.
    :ivar script: how the next requests are answered; an entry with a ``path`` is for those that end like it only.
    :ivar scripted: the end of the paths that entries without one are for.
    """

    isLeaf = True
    scripted = ""

    def __init__(self, clock: Callable[[], float] = time.time, record: Path | None = None) -> None:
        super().__init__()
        self.requests: list[Seen] = []
        self.script: list[Answer] = []
        self.clock = clock
        self._record = record

    def answer(self, seen: Seen) -> Answer:
        """
        What it thinks right: an entry as in the script.
        """
        raise NotImplementedError

    def read(self, content: bytes) -> Any:
        """
        A body, as it is recorded.
        """
        return _parsed(content)

    def render(self, request: Request) -> Any:
        # As it came: how it is encoded matters.
        path = request.uri.decode("ascii").partition("?")[0]
        content = request.content.read()
        if path == "/_script":
            self.script.extend(json.loads(content))
            return b""
        headers = {
            name.decode("ascii").lower(): values[0].decode("latin-1")
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        seen: Seen = {
            "time": self.clock(),
            "method": request.method.decode("ascii"),
            "path": path,
            "headers": headers,
            "body": self.read(content),
            "status": None,
        }
        self.requests.append(seen)
        answer = self._scripted(path) or self.answer(seen)
        if answer.get("hang") or answer.get("reset") is True:
            self._write(seen)
            if answer.get("reset"):
                request.transport.abortConnection()
            return NOT_DONE_YET
        seen["status"] = answer.get("status", 200)
        self._write(seen)
        request.setResponseCode(seen["status"])
        for name, value in answer.get("headers", {}).items():
            request.setHeader(name, value)
        if answer.get("reset") == "middle":
            request.setHeader("Content-Length", "1000")
            request.write(bodyOf(answer))
            request.channel.loseConnection()
            return NOT_DONE_YET
        return bodyOf(answer)

    def _scripted(self, path: str) -> Answer | None:
        for index, entry in enumerate(self.script):
            if path.endswith(entry.get("path", self.scripted)):
                return self.script.pop(index)
        return None

    def _write(self, seen: Seen) -> None:
        if self._record is not None:
            with self._record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(seen) + "\n")


def main(
    make: Callable[[argparse.Namespace], Network], *more: str, description: str = "A stand-in for a network."
) -> None:
    """
    Serve until stopped.

    :param more: options that this network has.
    """
    from twisted.internet import reactor

    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--record", type=Path)
    for option in more:
        parser.add_argument(option)
    arguments = parser.parse_args()

    def failed(failure: Any) -> None:
        print(failure.getErrorMessage(), file=sys.stderr)
        reactor.stop()

    listening = listen(reactor, make(arguments), arguments.certificate, arguments.key, arguments.port)
    listening.addCallbacks(lambda port: print(f"listening on {port.getHost().port}", flush=True), failed)
    reactor.run()


def _parsed(content: bytes) -> Any:
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
