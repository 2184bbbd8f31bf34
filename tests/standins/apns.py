"""
A stand-in for APNs: HTTP/2 over TLS, strict about everything that Apple documents (``apnsrules``).

In a test's own process: `APNsStandIn`, and `apnsserver.listen`, or `StandInHTTP` for no sockets at all. In a process of
its own::

    python -m tests.standins.apns --port P --certificate F --key F --record FILE.jsonl
        --provider-key KEYID:TEAMID:FILE --topic org.example.chat [--client-ca F] [--lively]

``--provider-key`` is a ``.p8`` file, or its public half, whose tokens are accepted; ``--client-ca`` has signed the
client certificates that are, each for the topic in its UID. With ``--lively``, the number of streams goes up and down
as APNs' does. Once it listens it prints ``listening on PORT``.

Every push is recorded: a line of JSON with ``time``, ``path``, ``token`` (of the device), ``headers``, ``body``, the
``connection`` it came by, and the ``status`` and ``reason`` answered (None while nothing was). ``taken`` says whether
the device gets it: an answer that is lost does not take it back.

Whoever speaks HTTP/1.1 to the same port reaches the desk. ``PUT /_script`` with a JSON list says how the next pushes
are answered, one entry each::

    {"status": 410, "reason": "Unregistered", "timestamp": 1790000000000}
    {"status": 502, "text": "<html>"}      any body; "headers" adds some
    {"hang": true}                         no answer
    {"reset": true}                        the connection is cut; nobody gets the push
    {"reset": "after"}                     the push is taken, and the connection is cut without an answer
    {"reset": "middle"}                    the push is taken, and the connection is cut in the middle of the answer
    {"stream": 7}                          the stream is reset with this code; nobody gets the push
    {"goaway": "graceful"}                 the push is taken, and it was the last on this connection
    {"goaway": "hard"}                     not even that: it goes unanswered

With ``"token"``, an entry is for that device; with ``"times"``, for so many pushes. ``PUT /_devices`` with a JSON
object says it of devices, token to entry (or null), for good. ``PUT /_faults`` with ``{"status": 10, "cut": 50}`` fails
every tenth push with a 503 and cuts the connection at every fiftieth, half of these after the push was taken.
``GET /_record`` answers with everything recorded so far, as a JSON list.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from twisted.internet.defer import Deferred
from zope.interface import implementer

from pushsvc.exchange import ConnectionBroke, Request, Response
from pushsvc.ipushsvc import IHTTP
from tests.standins.apnsrules import PATH, Headers, Peer, Rules, Wrong, payloadOf
from tests.standins.applekeys import publicPEM

Entry = Mapping[str, Any]


def refusal(status: int, reason: str, **more: Any) -> dict[str, Any]:
    """
    An entry for the script: an error as APNs words it.
    """
    return {"status": status, "reason": reason, **more}


class APNsStandIn:
    """
    APNs, but for the wire.

    :ivar requests: what was asked, oldest first.
    :ivar script: how the next pushes are answered.
    :ivar devices: how pushes to these devices are.
    :ivar faults: every how many pushes something goes wrong.
    :ivar rules: what is taken.
    :ivar record: the file in which everything is written down; None: none.
    """

    def __init__(
        self,
        topics: Sequence[str],
        keys: Mapping[str, tuple[str, str]] | None = None,
        clock: Callable[[], float] = time.time,
        record: Path | None = None,
    ) -> None:
        self.requests: list[dict[str, Any]] = []
        self.script: list[dict[str, Any]] = []
        self.devices: dict[str, Entry] = {}
        self.faults: dict[str, int] = {}
        self.rules = Rules(topics, keys or {}, clock)
        self._clock = clock
        self.record = record

    @property
    def taken(self) -> list[dict[str, Any]]:
        """
        The pushes that devices get.
        """
        return [request for request in self.requests if request["taken"]]

    def asked(
        self, method: str, path: str, headers: Headers, body: bytes, peer: Peer, connection: int = 0
    ) -> tuple[dict[str, Any], Entry]:
        """
        What becomes of a push.

        :returns: its record, and what to do: an entry as in the script, with a status unless nothing is answered.
        """
        device = PATH.fullmatch(path)
        seen: dict[str, Any] = {
            "time": self._clock(),
            "method": method,
            "path": path,
            "token": device[1] if device is not None else None,
            "headers": {name: value for name, value in headers if name[:1] != ":"},
            "body": payloadOf(body),
            "connection": connection,
            "status": None,
            "reason": None,
            "taken": False,
        }
        self.requests.append(seen)
        entry = self._entry(seen["token"])
        if not entry:
            try:
                self.rules.check(method, path, [header for header in headers if header[0][:1] != ":"], body, peer)
            except Wrong as e:
                entry = refusal(e.status, e.reason)
        return seen, self._judged(seen, entry)

    def answered(self, seen: Mapping[str, Any]) -> None:
        """
        What became of a push is known: write it down.
        """
        if self.record is not None:
            with self.record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(seen) + "\n")

    def _entry(self, token: str | None) -> Entry:
        for index, entry in enumerate(self.script):
            if entry.get("token", token) == token:
                times = entry.get("times", 1)
                if times > 1:
                    entry["times"] = times - 1
                else:
                    del self.script[index]
                return entry
        if self.devices.get(token or ""):
            return self.devices[token or ""]
        count = len(self.requests)
        if self.faults.get("cut") and count % self.faults["cut"] == 0:
            return {"reset": "after" if count // self.faults["cut"] % 2 else True}
        if self.faults.get("status") and count % self.faults["status"] == 0:
            return refusal(503, "ServiceUnavailable")
        return {}

    def _judged(self, seen: dict[str, Any], entry: Entry) -> Entry:
        if entry.get("hang") or entry.get("reset") is True or "stream" in entry or entry.get("goaway") == "hard":
            return entry
        status = entry.get("status", 200)
        seen["taken"] = status == 200
        if entry.get("reset") == "after":
            return entry
        seen["status"], seen["reason"] = status, entry.get("reason")
        return {**entry, "status": status}


def answerTo(seen: Mapping[str, Any], entry: Entry) -> tuple[dict[str, str], bytes]:
    """
    The headers and the body of an answer.
    """
    headers = {"apns-id": seen["headers"].get("apns-id", "00000000-0000-0000-0000-000000000000")}
    headers.update(entry.get("headers", {}))
    if "text" in entry:
        return headers, str(entry["text"]).encode("utf-8")
    said = {name: entry[name] for name in ("reason", "timestamp") if name in entry}
    return headers, json.dumps(said).encode("utf-8") if said else b""


@implementer(IHTTP)
class StandInHTTP:
    """
    HTTP to a stand-in without a network; all by one connection.
    """

    def __init__(self, standIn: APNsStandIn) -> None:
        self._standIn = standIn
        self._peer = Peer()

    async def request(self, request: Request) -> Response:
        path = "/" + request.url.split("/", 3)[3]
        headers = list(request.headers.items())
        seen, entry = self._standIn.asked(request.method, path, headers, request.body, self._peer)
        self._standIn.answered(seen)
        if entry.get("hang"):
            await Deferred()
        if "status" not in entry:
            raise ConnectionBroke("the connection broke", maybeSent=True)
        return Response(entry["status"], *answerTo(seen, entry))

    async def close(self) -> None:
        """
        There is nothing to close.
        """


def main() -> None:
    """
    Serve until stopped.
    """
    from twisted.internet import reactor

    from tests.standins.apnsserver import listen

    parser = argparse.ArgumentParser(description="A stand-in for APNs.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate", type=Path, required=True)
    parser.add_argument("--key", type=Path, required=True)
    parser.add_argument("--provider-key", action="append", default=[], metavar="KEYID:TEAMID:FILE")
    parser.add_argument("--client-ca", type=Path)
    parser.add_argument("--topic", action="append", default=[])
    parser.add_argument("--record", type=Path)
    parser.add_argument("--lively", action="store_true")
    arguments = parser.parse_args()
    if not arguments.provider_key and arguments.client_ca is None:
        parser.error("--provider-key or --client-ca: nobody could push")
    if arguments.provider_key and not arguments.topic:
        parser.error("--topic: for which app?")
    keys = dict(_providerKey(said) for said in arguments.provider_key)
    standIn = APNsStandIn(arguments.topic, keys, record=arguments.record)

    def failed(failure: Any) -> None:
        print(failure.getErrorMessage(), file=sys.stderr)
        reactor.stop()

    listen(
        reactor,
        standIn,
        arguments.certificate,
        arguments.key,
        arguments.port,
        clientCA=arguments.client_ca,
        lively=arguments.lively,
    ).addCallbacks(lambda port: print(f"listening on {port.getHost().port}", flush=True), failed)
    reactor.run()


def _providerKey(said: str) -> tuple[str, tuple[str, str]]:
    keyId, teamId, path = said.split(":", 2)
    content = Path(path).read_bytes()
    if b"PRIVATE KEY" in content:
        return keyId, (teamId, publicPEM(load_pem_private_key(content, None)))
    return keyId, (teamId, content.decode("ascii"))


if __name__ == "__main__":
    main()
