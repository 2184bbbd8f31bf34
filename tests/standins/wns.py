"""
A stand-in for WNS and for both of Microsoft's token endpoints, strict about what Microsoft's documentation says.

``channelFor`` makes the channel of a device; one that was never made is not known. In a process of its own every
channel is, and those that hold ``gone`` have ended. The query of a request is recorded as ``query``.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote

from twisted.web.server import Request

from tests.standins.network import Answer, Network, Seen, main

TENANT = "9d4f0000-1111-2222-3333-444455556666"
CLIENT_ID = "0b7a0000-aaaa-bbbb-cccc-ddddeeeeffff"
PACKAGE_SID = "ms-app://S-1-15-2-2972962901-2322836549"
CLIENT_SECRET = "the client's s3cret"
LIMIT = 5000

_SCOPES = {
    f"/{TENANT}/oauth2/v2.0/token": (CLIENT_ID, "https://wns.windows.com/.default"),
    "/accesstoken.srf": (PACKAGE_SID, "notify.windows.com"),
}
_TYPES = {"wns/raw": "application/octet-stream", "wns/toast": "text/xml", "wns/tile": "text/xml"}


def said(status: int, word: str = "received", **more: str) -> Answer:
    """
    An entry for the script: an answer as WNS gives it.
    """
    headers = {"X-WNS-Status": word, "X-WNS-NotificationStatus": word, "X-WNS-Msg-ID": "73B9D5431ABF0590"}
    return {"status": status, "text": "", "headers": {**headers, **more}}


class WNS(Network):
    """
    WNS.

    :ivar arrived: the pushes that devices got or will get: query, headers and body.
    :ivar offline: queries of the channels of devices that are away.
    :ivar ended: queries of channels that have ended.
    :ivar others: queries of channels that are another app's.
    :ivar lasts: seconds that access tokens are good for.
    """

    scripted = "/"

    def __init__(
        self, clock: Callable[[], float] = time.time, record: Path | None = None, anyChannel: bool = False
    ) -> None:
        super().__init__(clock, record)
        self.arrived: list[Seen] = []
        self.offline: set[str] = set()
        self.ended: set[str] = set()
        self.others: set[str] = set()
        self.lasts: Any = 86400
        self._anyChannel = anyChannel
        self._channels: set[str] = set()
        self._tokens: dict[str, float] = {}
        self._query = ""

    def channelFor(self, endpoint: str, device: str) -> str:
        """
        The channel of a device, with the escapes that a base64 token takes.
        """
        query = f"token={quote(f'AwYA/{device}+{device}=', safe='').replace('%2F', '%2f').replace('%3D', '%3d')}"
        self._channels.add(query)
        return f"{endpoint}/?{query}"

    def tokensExpire(self) -> None:
        """
        No access token given so far is taken any more.
        """
        self._tokens.clear()

    def asked(self, path: str) -> list[Seen]:
        """
        The recorded requests for this path.
        """
        return [request for request in self.requests if request["path"] == path]

    def render(self, request: Request) -> Any:
        self._query = request.uri.decode("ascii").partition("?")[2]
        return super().render(request)

    def answer(self, seen: Seen) -> Answer:
        seen["query"] = self._query
        if seen["path"] in _SCOPES:
            return self._grant(seen)
        if seen["path"] != "/":
            return {"status": 404, "text": ""}
        status, word = self._push(seen)
        if status == 200 and word == "received":
            self.arrived.append(seen)
        return said(status, word)

    def _grant(self, seen: Seen) -> Answer:
        client, scope = _SCOPES[seen["path"]]
        form = {name: values[0] for name, values in parse_qs(str(seen["body"])).items()}
        if seen["method"] != "POST" or form.get("grant_type") != "client_credentials":
            return {"status": 400, "body": {"error": "unsupported_grant_type"}}
        if (form.get("client_id"), form.get("client_secret")) != (client, CLIENT_SECRET):
            return {"status": 401, "body": {"error": "invalid_client", "error_description": f"{form}"}}
        if form.get("scope") != scope:
            return {"status": 400, "body": {"error": "invalid_scope"}}
        token = f"EgAcAQ-stand-in-{len(self._tokens)}-{len(self.requests)}"
        self._tokens[token] = self.clock() + float(self.lasts)
        return {"body": {"token_type": "bearer", "access_token": token, "expires_in": self.lasts}}

    def _push(self, seen: Seen) -> tuple[int, str]:
        headers, query = seen["headers"], self._query
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if seen["method"] != "POST":
            return 405, "dropped"
        if scheme != "Bearer" or self._tokens.get(token, 0) <= self.clock():
            return 401, "dropped"
        if query in self.others:
            return 403, "dropped"
        if query in self.ended or (self._anyChannel and "gone" in query):
            return 410, "dropped"
        if query not in self._channels and not self._anyChannel:
            return 404, "dropped"
        if not _areRight(headers):
            return 400, "dropped"
        if int(headers["content-length"]) > LIMIT:
            return 413, "dropped"
        kept = headers.get("x-wns-cache-policy") == "cache"
        return 200, "dropped" if query in self.offline and not kept else "received"


def _areRight(headers: dict[str, str]) -> bool:
    kind = headers.get("x-wns-type", "")
    if headers.get("content-type") != _TYPES.get(kind, "?") or "transfer-encoding" in headers:
        return False
    if headers.get("x-wns-cache-policy", "cache") not in ("cache", "no-cache") or "x-wns-tag" in headers:
        return False
    ttl = headers.get("x-wns-ttl", "1")
    return ttl.isascii() and ttl.isdigit() and int(ttl) > 0


if __name__ == "__main__":
    main(lambda arguments: WNS(record=arguments.record, anyChannel=True), description="A stand-in for WNS.")
