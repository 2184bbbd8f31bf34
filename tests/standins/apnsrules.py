"""
What APNs takes, as Apple documents it, and what it answers to the rest.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import jwt

HOUR = 3600
TWENTY_MINUTES = 1200
PATH = re.compile(r"/3/device/([^/]*)")
HEX = re.compile(r"([0-9a-f]{2})+")
# No device has it.
NOBODY = "00" * 32
SUFFIXES = {"voip": ".voip"}

Headers = Sequence[tuple[str, str]]


class Wrong(Exception):
    """
    A request that APNs does not take.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


@dataclass
class Peer:
    """
    What is known of a connection.

    :ivar certificateTopic: what its client certificate is for; None: it has none.
    :ivar keyId: of the first provider token on it.
    :ivar token: the latest, and when it came.
    """

    certificateTopic: str | None = None
    keyId: str | None = None
    token: str | None = None
    since: float = 0.0


@dataclass(frozen=True)
class Rules:
    """
    What is checked.

    :ivar keys: the id of a key to the team it belongs to and its public half, PEM.
    :ivar topics: the apps of whoever has these keys.
    """

    topics: Sequence[str]
    keys: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    clock: Callable[[], float] = lambda: 0.0

    def check(self, method: str, path: str, headers: Headers, body: bytes, peer: Peer) -> None:
        """
        :raises Wrong: it is not a push that APNs would take.
        """
        if method != "POST":
            raise Wrong(405, "MethodNotAllowed")
        found = PATH.fullmatch(path)
        if found is None:
            raise Wrong(404, "BadPath")
        said = dict(headers)
        topics = self._authorized(said, peer)
        if any(count > 1 for count in Counter(name for name, _ in headers).values()):
            raise Wrong(400, "DuplicateHeaders")
        pushType = self._headers(said, topics)
        self._payload(pushType, said.get("apns-priority", "10"), body)
        if not found[1]:
            raise Wrong(400, "MissingDeviceToken")
        if not HEX.fullmatch(found[1]) or found[1] == NOBODY:
            raise Wrong(400, "BadDeviceToken")

    def _authorized(self, said: Mapping[str, str], peer: Peer) -> Sequence[str]:
        if peer.certificateTopic is not None:
            return [peer.certificateTopic]
        scheme, _, token = said.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Wrong(403, "MissingProviderToken")
        now = self.clock()
        try:
            head = jwt.get_unverified_header(token)
            team, public = self.keys[head["kid"]]
            claims = jwt.decode(token, public, algorithms=["ES256"], options={"verify_iat": False, "require": ["iat"]})
        except (jwt.InvalidTokenError, KeyError):
            raise Wrong(403, "InvalidProviderToken") from None
        if claims.get("iss") != team or type(claims["iat"]) is not int or claims["iat"] > now + 60:
            raise Wrong(403, "InvalidProviderToken")
        if set(claims) != {"iss", "iat"}:
            raise Wrong(403, "InvalidProviderToken")
        if peer.keyId not in (None, head["kid"]):
            raise Wrong(403, "UnrelatedKeyIdInToken")
        if now - claims["iat"] > HOUR:
            raise Wrong(403, "ExpiredProviderToken")
        if peer.token is not None and token != peer.token and now - peer.since < TWENTY_MINUTES:
            raise Wrong(429, "TooManyProviderTokenUpdates")
        if token != peer.token:
            peer.keyId, peer.token, peer.since = head["kid"], token, now
        return self.topics

    def _headers(self, said: Mapping[str, str], topics: Sequence[str]) -> str:
        try:
            # Not how UUID reads it, but how it writes it.
            if str(UUID(said.get("apns-id", NOBODY[:32]))) != said.get("apns-id", str(UUID(int=0))):
                raise Wrong(400, "BadMessageId")
        except ValueError:
            raise Wrong(400, "BadMessageId") from None
        if not re.fullmatch(r"\d{1,12}", said.get("apns-expiration", "0")):
            raise Wrong(400, "BadExpirationDate")
        if said.get("apns-priority", "10") not in ("1", "5", "10"):
            raise Wrong(400, "BadPriority")
        if len(said.get("apns-collapse-id", "").encode()) > 64:
            raise Wrong(400, "BadCollapseId")
        pushType = said.get("apns-push-type", "")
        if pushType not in ("alert", "background", "voip"):
            raise Wrong(400, "InvalidPushType")
        topic = said.get("apns-topic")
        if topic is None:
            raise Wrong(400, "MissingTopic")
        if topic not in [known + SUFFIXES.get(pushType, "") for known in topics]:
            raise Wrong(400, "TopicDisallowed" if topic.removesuffix(".voip") in topics else "BadTopic")
        return pushType

    def _payload(self, pushType: str, priority: str, body: bytes) -> None:
        if len(body) > (5120 if pushType == "voip" else 4096):
            raise Wrong(413, "PayloadTooLarge")
        try:
            payload = json.loads(body)
        except ValueError:
            raise Wrong(400, "PayloadEmpty") from None
        aps = payload.get("aps") if isinstance(payload, dict) else None
        if not isinstance(aps, dict):
            raise Wrong(400, "PayloadEmpty")
        for name in ("content-available", "mutable-content"):
            if name in aps and (type(aps[name]) is not int or aps[name] != 1):
                raise Wrong(400, "PayloadEmpty")
        shown = {"alert", "badge", "sound"} & set(aps)
        if pushType == "background" and (aps.get("content-available") != 1 or shown):
            raise Wrong(400, "InvalidPushType")
        if pushType == "background" and priority != "5":
            raise Wrong(400, "BadPriority")
        if pushType == "alert" and not shown:
            raise Wrong(400, "InvalidPushType")
        if "badge" in aps and type(aps["badge"]) is not int:
            raise Wrong(400, "PayloadEmpty")


def payloadOf(body: bytes) -> Any:
    """
    The payload, or the text that is none.
    """
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except ValueError:
        return text
