"""
A stand-in for Google: the token endpoint and FCM's messages:send, strict about both, over TLS.

In a test's own process: `GoogleStandIn` and `listen`. In a process of its own::

    python -m tests.standins.fcm --port P --certificate F --key F --account F --record FILE.jsonl

``--account`` is the service account file whose grants are accepted; with ``--make FOLDER`` instead of the three files,
a CA (``ca.pem``), a certificate for localhost and ``service-account.json`` are made there. Once it listens it prints
``listening on PORT``.

Every request is recorded: a line of JSON with ``time``, ``path``, ``headers``, ``body`` and the ``status`` answered
(None while none was).

``PUT /_script`` with a JSON list says how the next requests for the paths in question are answered, one entry each::

    {"path": "/token", "status": 503, "headers": {"Retry-After": "3"}, "body": {"error": "..."}}
    {"status": 502, "text": "<html>"}      any body; without a path: messages:send
    {"hang": true}                         no answer
    {"reset": true}                        the connection is cut
    {"reset": "middle"}                    the connection is cut in the middle of the answer

``GET /_record`` answers with everything recorded so far, as a JSON list.
"""

import argparse
import json
import re
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import jwt
from twisted.internet import ssl
from twisted.internet.endpoints import SSL4ServerEndpoint
from twisted.web.resource import Resource
from twisted.web.server import NOT_DONE_YET, Request, Site

from tests.standins.certificates import CA, publicKeyOf, writeServiceAccount

SEND = re.compile(r"/v1/projects/([^/]+)/messages:send")
FORBIDDEN_KEY = re.compile(r"(from|message_type|(google|gcm).*)\Z")
# What may be said of what is shown, of all that FCM documents.
SHOWN = {"title", "body", "icon", "color", "sound", "tag", "click_action", "channel_id"}
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SCOPE = "https://www.googleapis.com/auth/firebase.messaging"


def fcmError(status: int, word: str, code: str | None = None, message: str = "", fields: tuple[str, ...] = ()) -> Any:
    """
    An entry for the script: an error as FCM words it.
    """
    details: list[Any] = []
    if code is not None:
        details.append({"@type": "type.googleapis.com/google.firebase.fcm.v1.FcmError", "errorCode": code})
    if fields:
        violations = [{"field": field, "description": "Invalid value"} for field in fields]
        details.append({"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": violations})
    error = {"code": status, "message": message or word, "status": word}
    return {"status": status, "body": {"error": {**error, **({"details": details} if details else {})}}}


class GoogleStandIn(Resource):
    """
    Both endpoints.

    :ivar requests: what was asked, oldest first.
    :ivar script: how the next requests are answered.
    :ivar messages: the messages that were accepted.
    :ivar lasts: seconds that tokens are said to be good for.
    """

    isLeaf = True

    def __init__(
        self,
        publicKey: str,
        project: str = "chatninja-1234",
        clock: Callable[[], float] = time.time,
        record: Path | None = None,
    ) -> None:
        super().__init__()
        self.requests: list[dict[str, Any]] = []
        self.messages: list[dict[str, Any]] = []
        self.script: list[dict[str, Any]] = []
        self.lasts = 3599
        self.audience: str | None = None
        self._publicKey = publicKey
        self._project = project
        self._clock = clock
        self._record = record
        self._tokens: dict[str, float] = {}

    def tokensExpire(self) -> None:
        """
        No token given so far is accepted any more.
        """
        self._tokens.clear()

    def asked(self, path: str) -> list[dict[str, Any]]:
        """
        The recorded requests whose path ends like this.
        """
        return [request for request in self.requests if request["path"].endswith(path)]

    def render(self, request: Request) -> Any:
        path = request.path.decode("ascii")
        content = request.content.read()
        if path == "/_script":
            self.script.extend(json.loads(content))
            return b""
        if path == "/_record":
            return json.dumps(self.requests).encode("utf-8")
        headers = {
            name.decode("ascii").lower(): values[0].decode("latin-1")
            for name, values in request.requestHeaders.getAllRawHeaders()
        }
        seen, answer = self.heard(request.method.decode("ascii"), path, headers, content)
        if answer.get("hang") or answer.get("reset") is True:
            self._write(seen)
            if answer.get("reset"):
                request.transport.abortConnection()
            return NOT_DONE_YET
        seen["status"] = answer.get("status", 200)
        self._write(seen)
        request.setResponseCode(seen["status"])
        body = bodyOf(answer)
        if "text" not in answer:
            request.setHeader("Content-Type", "application/json; charset=UTF-8")
        for name, value in answer.get("headers", {}).items():
            request.setHeader(name, value)
        if answer.get("reset") == "middle":
            request.setHeader("Content-Length", "1000")
            request.write(body)
            request.channel.loseConnection()
            return NOT_DONE_YET
        return body

    def heard(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """
        What becomes of a request, however it came.

        :returns: its record, and what is answered: an entry as in the script.
        """
        seen: dict[str, Any] = {
            "time": self._clock(),
            "method": method,
            "path": path,
            "headers": dict(headers),
            "body": _parsed(content),
            "status": None,
        }
        self.requests.append(seen)
        # Whoever only wants to know whether it may ask is told that: scripts are for messages.
        asks = isinstance(seen["body"], dict) and seen["body"].get("validate_only")
        return seen, (None if asks else self._scripted(path)) or self._answer(path, seen)

    def _scripted(self, path: str) -> dict[str, Any] | None:
        for index, entry in enumerate(self.script):
            if path.endswith(entry.get("path", "messages:send")):
                return self.script.pop(index)
        return None

    def _write(self, seen: dict[str, Any]) -> None:
        if self._record is not None:
            with self._record.open("a", encoding="utf-8") as file:
                file.write(json.dumps(seen) + "\n")

    def _answer(self, path: str, seen: dict[str, Any]) -> dict[str, Any]:
        if seen["method"] != "POST":
            return {"status": 405}
        if path == "/token":
            return self._grant(seen["body"])
        sent = SEND.fullmatch(path)
        if sent is None:
            return {"status": 404, "text": "<html>404</html>"}
        return self._send(sent[1], seen)

    def _grant(self, body: Any) -> dict[str, Any]:
        form = {name: values[0] for name, values in parse_qs(body if isinstance(body, str) else "").items()}
        if form.get("grant_type") != GRANT:
            return {"status": 400, "body": {"error": "unsupported_grant_type"}}
        try:
            claims = jwt.decode(
                form.get("assertion", ""),
                self._publicKey,
                algorithms=["RS256"],
                audience=self.audience,
                options={
                    "verify_exp": False,
                    "verify_iat": False,
                    "verify_aud": self.audience is not None,
                    "require": ["iss", "scope", "aud", "iat", "exp"],
                },
            )
        except jwt.InvalidTokenError as e:
            return {"status": 400, "body": {"error": "invalid_grant", "error_description": str(e)}}
        now = self._clock()
        if not claims["iat"] - 60 <= now <= claims["exp"] or claims["exp"] - claims["iat"] > 3600:
            return {"status": 400, "body": {"error": "invalid_grant", "error_description": "timeframe"}}
        if claims["scope"] != SCOPE:
            return {"status": 400, "body": {"error": "invalid_scope"}}
        token = f"ya29.stand-in-{len(self.asked('/token'))}"
        self._tokens[token] = now + self.lasts
        return {"body": {"access_token": token, "expires_in": self.lasts, "token_type": "Bearer"}}

    def _send(self, project: str, seen: dict[str, Any]) -> dict[str, Any]:
        scheme, _, token = seen["headers"].get("authorization", "").partition(" ")
        if scheme != "Bearer" or self._tokens.get(token, 0) <= self._clock():
            return dict(fcmError(401, "UNAUTHENTICATED"))
        if project != self._project:
            return dict(fcmError(403, "PERMISSION_DENIED"))
        wrong = _wrong(seen["body"])
        if wrong is not None:
            return dict(fcmError(400, "INVALID_ARGUMENT", fields=(wrong,)))
        message = seen["body"]["message"]
        if "nobody" in (message.get("token"), message.get("fid")):
            return dict(
                fcmError(
                    400,
                    "INVALID_ARGUMENT",
                    "INVALID_ARGUMENT",
                    "The registration token is not a valid FCM registration token",
                )
            )
        if _size(message) > 4096:
            return dict(fcmError(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT", "Android message is too big"))
        if not seen["body"].get("validate_only"):
            self.messages.append(message)
        return {"body": {"name": f"projects/{project}/messages/0:{len(self.messages)}"}}


def bodyOf(answer: Mapping[str, Any]) -> bytes:
    """
    The body of an answer.
    """
    text: str = answer["text"] if "text" in answer else json.dumps(answer.get("body", {}))
    return text.encode("utf-8")


def _wrong(body: Any) -> str | None:
    """
    The first field of a message that FCM would not take.
    """
    message = body.get("message") if isinstance(body, dict) else None
    if not isinstance(message, dict) or set(body) - {"message", "validate_only"}:
        return "message"
    if set(message) - {"token", "fid", "data", "android"} or len({"token", "fid"} & set(message)) != 1:
        return "message"
    data = message.get("data", {})
    for key, value in data.items():
        if not isinstance(value, str) or FORBIDDEN_KEY.match(key):
            return f"message.data[{key}]"
    android = message.get("android", {})
    if set(android) - {"priority", "ttl", "collapse_key", "notification"}:
        return "message.android"
    if (shown := _wrongShown(android.get("notification", {}))) is not None:
        return f"message.android.notification.{shown}"
    if android.get("priority", "NORMAL") not in ("NORMAL", "HIGH"):
        return "message.android.priority"
    ttl = re.fullmatch(r"(\d+)s", android.get("ttl", "0s"))
    if ttl is None or int(ttl[1]) > 2419200:
        return "message.android.ttl"
    return None


def _wrongShown(notification: Mapping[str, Any]) -> str | None:
    """
    The first field that FCM would not take of what is to be shown.
    """
    for name, value in notification.items():
        if name == "notification_count":
            if type(value) is not int or not 0 <= value < 2**31:
                return name
        elif name not in SHOWN or not isinstance(value, str):
            return name
    return None


def _size(message: Mapping[str, Any]) -> int:
    parts = message.get("data", {}).items(), message.get("android", {}).get("notification", {}).items()
    return sum(len(name.encode()) + len(str(value).encode()) for part in parts for name, value in part)


def _parsed(content: bytes) -> Any:
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text


def listen(reactor: Any, resource: Resource, certificate: Path, key: Path, port: int = 0) -> Any:
    """
    Serve a resource over TLS on loopback; a Deferred that fires with the port.
    """
    pair = ssl.DefaultOpenSSLContextFactory(str(key), str(certificate))
    endpoint = SSL4ServerEndpoint(reactor, port, pair, interface="127.0.0.1")
    site = Site(resource)
    site.noisy = False
    # Paths may hold tokens, and tests look for these in the log: what stands there is to be ours.
    site.log = lambda request: None
    return endpoint.listen(site)


def main() -> None:
    """
    Serve until stopped.
    """
    from twisted.internet import reactor

    parser = argparse.ArgumentParser(description="A stand-in for Google's token endpoint and FCM.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--certificate", type=Path)
    parser.add_argument("--key", type=Path)
    parser.add_argument("--account", type=Path)
    parser.add_argument("--make", type=Path, help="make certificates and a service account in this folder")
    parser.add_argument("--project", default="chatninja-1234")
    parser.add_argument("--record", type=Path)
    arguments = parser.parse_args()
    certificate, key, account = arguments.certificate, arguments.key, arguments.account
    if arguments.make is not None:
        issued = CA(arguments.make).issue("localhost", "127.0.0.1")
        certificate, key = issued.certificate, issued.key
        account = arguments.make / "service-account.json"
        if not account.exists():
            writeServiceAccount(account, "https://localhost/token", arguments.project)
    if not (certificate and key and account):
        parser.error("--certificate, --key and --account, or --make")

    google = GoogleStandIn(publicKeyOf(account), arguments.project, record=arguments.record)

    def listening(port: Any) -> None:
        number = port.getHost().port
        if arguments.make is not None:
            writeServiceAccountFor(account, number)
        print(f"listening on {number}", flush=True)

    def failed(failure: Any) -> None:
        print(failure.getErrorMessage(), file=sys.stderr)
        reactor.stop()

    listen(reactor, google, certificate, key, arguments.port).addCallbacks(listening, failed)
    reactor.run()


def writeServiceAccountFor(account: Path, port: int) -> None:
    """
    Let a service account ask for its tokens here.
    """
    said = json.loads(account.read_text("utf-8"))
    said["token_uri"] = f"https://localhost:{port}/token"
    account.write_text(json.dumps(said), "utf-8")


if __name__ == "__main__":
    main()
