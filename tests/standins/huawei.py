"""
A stand-in for Huawei: the token endpoint and Push Kit's messages:send in its three versions, strict about all of them.

Written after Huawei's REST reference. Signatures are verified with ``cryptography`` itself, not with what made them.
As a process of its own it takes ``--account``, the service account's file, beside what `tests.standins.network` says.

A token that holds ``gone`` is that of a device which is no more; one that holds ``moved`` is another project's.
"""

import base64
import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.standins.certificates import rsaKey
from tests.standins.network import Answer, Network, Seen, main

CLIENT_ID, CLIENT_SECRET, PROJECT = "108600001", "s3cret of the client", "736430079244623001"
AUDIENCE = "https://oauth-login.cloud.huawei.com/oauth2/v3/token"
TOKEN_PATH = "/oauth2/v3/token"
LIMIT = 4096
_SEND = re.compile(r"/(v1|v2|v3)/([^/]+)/messages:send")
_ID = re.compile(r"[A-Za-z0-9+/=_ -]{1,64}")


def huaweiAccount(**more: Any) -> dict[str, Any]:
    """
    What Huawei's console would write into the file.
    """
    return {
        "project_id": PROJECT,
        "key_id": "0123456789abcdef0123456789abcdef",
        "private_key": rsaKey(),
        "sub_account": "109345671",
        "auth_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/authorize",
        "token_uri": AUDIENCE,
        "auth_provider_cert_uri": "https://oauth-login.cloud.huawei.com/oauth2/v3/certs",
        **more,
    }


def writeHuaweiAccount(path: Path) -> Path:
    """
    The file itself.
    """
    path.write_text(json.dumps(huaweiAccount()), "utf-8")
    return path


def says(code: str, msg: str = "", status: int = 200) -> Answer:
    """
    An entry for the script: an answer of Push Kit's.
    """
    return {"status": status, "body": {"code": code, "msg": msg, "requestId": "1690000000001"}}


def illegal(reason: str, *tokens: str, code: str = "80300007", success: int = 0) -> Answer:
    """
    The same for tokens that are not taken, as v3 words it.
    """
    msg: dict[str, Any] = {"illegalTokens": {reason: list(tokens)}, "failure": len(tokens)}
    return says(code, json.dumps(msg | ({"success": success} if success else {})))


class HuaweiStandIn(Network):
    """
    Both endpoints.

    :ivar pushes: the messages that were accepted, with ``push-type`` and the token.
    :ivar rights: what Huawei has granted the app: ``urgent``, and push types.
    """

    scripted = "messages:send"

    def __init__(self, account: dict[str, Any] | None = None, **more: Any) -> None:
        super().__init__(**more)
        self.pushes: list[dict[str, Any]] = []
        self.rights = {"0", "6"}
        self._account = account or huaweiAccount()
        self._public = _publicKey(self._account["private_key"])
        self._tokens: dict[str, float] = {}

    def tokensExpire(self) -> None:
        """
        No access token given so far is good any more.
        """
        self._tokens = dict.fromkeys(self._tokens, 0.0)

    def asked(self, path: str) -> list[Seen]:
        """
        The recorded requests whose path ends like this.
        """
        return [request for request in self.requests if request["path"].endswith(path)]

    def answer(self, seen: Seen) -> Answer:
        if seen["method"] == "POST" and seen["path"] == TOKEN_PATH:
            return self._grant(seen)
        match = _SEND.fullmatch(seen["path"])
        if match is None or seen["method"] != "POST":
            return {"status": 404, "text": "404"}
        if seen["headers"].get("content-type") != "application/json":
            return says("80100003", "Illegal payload", 400)
        version, whose = match.groups()
        refusal = self._unknown(version, whose, seen)
        if refusal is not None:
            return refusal
        return (self._scenario if version == "v3" else self._message)(seen)

    def _grant(self, seen: Seen) -> Answer:
        form = {name: values[0] for name, values in parse_qs(str(seen["body"])).items()}
        if form.get("grant_type") != "client_credentials":
            return {"status": 400, "body": {"error": 1102, "sub_error": 20001, "error_description": "grant_type"}}
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return {"status": 400, "body": {"error": 1101, "sub_error": 20044, "error_description": "secret"}}
        # As Huawei's look, slashes and all.
        token = f"DAEAAO/stand+in/{len(self._tokens)}=="
        self._tokens[token] = self.clock() + 3600
        return {"body": {"access_token": token, "expires_in": 3600, "token_type": "Bearer"}}

    def _unknown(self, version: str, whose: str, seen: Seen) -> Answer | None:
        """
        What is wrong with who asks.
        """
        scheme, _, token = seen["headers"].get("authorization", "").partition(" ")
        if scheme != "Bearer" or not token:
            return says("80200001", "Authentication Error", 401)
        if token in self._tokens:
            if version == "v3":
                return says("80200001", "Authentication Error")
            if self._tokens[token] <= self.clock():
                return says("80200003", "OAuth token expired")
        elif (refusal := self._unsigned(token)) is not None:
            return refusal
        return None if whose == (CLIENT_ID if version == "v1" else PROJECT) else says("80300002", "No permission")

    def _unsigned(self, token: str) -> Answer | None:
        """
        What is wrong with a JSON Web Token.
        """
        wrong = says("80200001", "Authentication Error")
        try:
            head, claims, signature = (base64.urlsafe_b64decode(part + "==") for part in token.split("."))
            header, said = json.loads(head), json.loads(claims)
            pss = padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256.digest_size)
            self._public.verify(signature, token.rpartition(".")[0].encode("ascii"), pss, hashes.SHA256())
        except (ValueError, InvalidSignature):
            return wrong
        if (header["alg"], header["kid"], header["typ"]) != ("PS256", self._account["key_id"], "JWT"):
            return wrong
        if (said["iss"], said["aud"]) != (self._account["sub_account"], self._account["token_uri"]):
            return wrong
        if said["exp"] - said["iat"] > 86400:
            return says("80300036", "JWT expire period over threshold")
        if not said["iat"] - 60 <= self.clock() < said["exp"]:
            return says("80200005", "Jwt token expired")
        return None

    def _message(self, seen: Seen) -> Answer:
        """
        v1 and v2.
        """
        body = seen["body"]
        if not isinstance(body, dict) or set(body) - {"validate_only", "message"}:
            return says("80100003", "Illegal payload")
        message = body.get("message", {})
        if set(message) - {"data", "android", "token"} or not isinstance(message.get("data"), str):
            return says("80100003", "Illegal payload")
        android = message.get("android", {})
        if set(android) - {"urgency", "ttl", "category", "collapse_key"}:
            return says("80100003", "Illegal payload")
        if android.get("urgency") not in ("HIGH", "NORMAL"):
            return says("80100001", "urgency")
        ttl = re.fullmatch(r"([0-9]+)s", android.get("ttl", "86400s"))
        if ttl is None or not 0 < int(ttl[1]) <= 1_296_000:
            return says("80100004", "Illegal expire time")
        if android["urgency"] == "HIGH" and "urgent" not in self.rights:
            return says("80300011", "No permission for high level")
        refusal = _sized(body, message.get("token"), {**body, "message": {**message, "token": []}})
        if refusal is not None:
            return refusal
        (token,) = message["token"]
        if token == "nobody" or "gone" in token or "moved" in token:
            return says("80300007", "All the tokens are invalid")
        if not body.get("validate_only"):
            self.pushes.append({"to": token, "data": json.loads(message["data"]), "android": android})
        return says("80000000", "Success")

    def _scenario(self, seen: Seen) -> Answer:
        """
        v3.
        """
        body, pushType = seen["body"], seen["headers"].get("push-type")
        if not isinstance(body, dict) or set(body) != {"payload", "target", "pushOptions"}:
            return says("80100003", "Illegal payload")
        if pushType not in ("0", "6", "10"):
            return says("80100001", "push-type")
        payload, options, tokens = body["payload"], body["pushOptions"], body["target"].get("token")
        unknown = set(options) - {"ttl", "backgroundMode", "testMessage", "collapseKey"}
        if unknown or type(options.get("ttl")) is not int:
            return says("80100003", "Illegal payload, pushOptions")
        if not 0 < options["ttl"] <= 1_296_000:
            return says("80100004", "Illegal expire time.")
        wrong = _wrongAlert(payload) if pushType == "0" else _wrongExtra(payload)
        if wrong is not None:
            return says("80100003", f"Illegal payload, {wrong}")
        refusal = _sized(body, tokens, {**body, "target": {"token": []}})
        if refusal is not None:
            return refusal
        (token,) = tokens
        if pushType not in self.rights:
            return illegal("noPushTypeRight", token)
        if token == "nobody" or "gone" in token:
            return illegal("tokenFormatError", token)
        if "moved" in token:
            return illegal("noRight", token)
        notification = payload.get("notification")
        data = notification["clickAction"]["data"] if notification else json.loads(payload["extraData"])
        push = {"to": token, "push-type": pushType, "data": data, "options": options}
        self.pushes.append(push | ({"shown": notification} if notification else {}))
        return says("80000000", "Success")


@cache
def _publicKey(private: str) -> Any:
    return load_pem_private_key(private.encode("ascii"), None).public_key()


def _sized(body: Any, tokens: Any, bare: Any) -> Answer | None:
    if not isinstance(tokens, list) or not 1 <= len(tokens) <= 1000 or {str} != set(map(type, tokens)):
        return says("80300010", "token count should within 1 and 1000.")
    if len(json.dumps(bare, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")) > LIMIT:
        return says("80300008", "Push message size is too long.")
    return None


def _wrongAlert(payload: Any) -> str | None:
    notification = payload.get("notification") if set(payload) == {"notification"} else None
    if not isinstance(notification, dict):
        return "notification"
    known = {"category", "title", "body", "clickAction", "foregroundShow", "appMessageId", "badge", "sound"}
    if unknown := set(notification) - known:
        return unknown.pop()
    for name in ("category", "title", "body"):
        if not isinstance(notification.get(name), str) or not notification[name]:
            return name
    click = notification.get("clickAction")
    if not isinstance(click, dict) or click.get("actionType") != 0 or not isinstance(click.get("data"), dict):
        return "clickAction"
    if not isinstance(notification.get("foregroundShow", True), bool):
        return "foregroundShow"
    return None if _ID.fullmatch(notification.get("appMessageId", "-")) else "appMessageId"


def _wrongExtra(payload: Any) -> str | None:
    return None if set(payload) == {"extraData"} and isinstance(payload["extraData"], str) else "extraData"


if __name__ == "__main__":
    main(
        lambda said: HuaweiStandIn(json.loads(Path(said.account).read_text("utf-8")), record=said.record),
        "--account",
        description="A stand-in for Huawei's token endpoint and Push Kit.",
    )
