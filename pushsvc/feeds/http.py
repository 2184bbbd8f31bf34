"""
Events that are posted to us: as JSON (`pushsvc.feeds.eventjson`), by whoever can say what happens; and as MongooseIM's
``mod_event_pusher_http`` posts them.

============================  ==========================================================================================
``POST /events``              an event, or ``{"events": [...]}``; the secret as a bearer token
``POST /mongooseim/SECRET``   MongooseIM's form; it cannot send a token, so that the secret may stand in the path
============================  ==========================================================================================

The answer is JSON: ``taken`` says how many events are on disk, ``refused`` which are none and why, ``later`` which to
post again. MongooseIM tells of every message that a user of its own sends, and neither whether the recipient is there
nor when it was read: so each is a push, of one message.
"""

import json
from collections.abc import Sequence
from hmac import compare_digest
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from klein import Klein
from pydantic import SecretStr
from pydantic.dataclasses import dataclass
from twisted.internet.defer import DeferredList, ensureDeferred
from twisted.logger import Logger
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource
from zope.interface import moduleProvides

from pushsvc.concealed import concealed
from pushsvc.config import ConfigurationError, FeedOptions, options, secret
from pushsvc.config.endpoints import listeningAt
from pushsvc.errors import TryLater
from pushsvc.event import Event, Occasion
from pushsvc.feeds.eventjson import BadEvent, readEvent, readJSON
from pushsvc.ipushsvc import IFeedKind, IPublisher
from pushsvc.web.bounded import BoundedRequest
from pushsvc.web.server import QuietSite, WebServer

moduleProvides(IFeedKind)

# Bytes of one request, and events in it.
BODY_MAX = 1_048_576
EVENTS_MAX = 1000


@dataclass(frozen=True, config=options)
class Options(FeedOptions):
    """
    ``[[publisher.feeds]]`` with ``kind = "http"``.

    :ivar listen: a Twisted server endpoint: with TLS of its own, or where nobody listens in.
    :ivar secret: what whoever posts has to know; or in ``secretFile``.
    """

    listen: str
    secret: SecretStr | None = None
    secretFile: Path | None = None


def makeFeed(options: Options, publisher: IPublisher, reactor: Any) -> WebServer:
    shared = secret("publisher.feeds: http", "secret", options.secret, options.secretFile)
    assert shared is not None
    try:
        endpoint = listeningAt(reactor, options.listen)
    except ValueError as e:
        raise ConfigurationError(f"publisher.feeds: listen: {options.listen!r}: {e}") from None
    return WebServer(endpoint, Posts(publisher, shared).resource, reactor, _site, "http feed")


class Posts:
    """
    The pages.
    """

    log = Logger()
    app = Klein()

    def __init__(self, publisher: IPublisher, secret: str) -> None:
        self._publisher = publisher
        self._secret = secret.encode("utf-8")

    @property
    def resource(self) -> IResource:
        """
        All of them, for a web server.
        """
        root: IResource = self.app.resource()
        return root

    @app.route("/events", methods=["POST"])
    async def events(self, request: Any) -> bytes:
        """
        Events as JSON.
        """
        if not self._isTrusted(request):
            return _unknown(request)
        try:
            said = readJSON(request.content.read())
            if not isinstance(said, dict):
                raise BadEvent("neither an event nor a list of them")
            several = said.get("events", [said])
            if not isinstance(several, list) or len(several) > EVENTS_MAX or ("events" in said and len(said) > 1):
                raise BadEvent(f"events: a list of {EVENTS_MAX} at most, and nothing beside it")
        except BadEvent as e:
            return _answered(request, 400, {"taken": 0, "refused": [{"why": str(e)}], "later": []})
        return await self._hear(request, [self._read(each) for each in several])

    @app.route("/mongooseim", methods=["POST"])
    @app.route("/mongooseim/<said>", methods=["POST"])
    async def mongooseim(self, request: Any, said: str = "") -> bytes:
        """
        A message, as MongooseIM tells of it.
        """
        if not self._isTrusted(request, said):
            return _unknown(request)
        return await self._hear(request, [self._served(_message, request.content.read())])

    def _isTrusted(self, request: IRequest, said: str = "") -> bool:
        scheme, _, token = (request.getHeader("authorization") or "").partition(" ")  # type: ignore[no-untyped-call]
        given = said or (token.strip() if scheme.lower() == "bearer" else "")
        return compare_digest(given.encode("utf-8", "surrogatepass"), self._secret)

    def _read(self, said: object) -> Event | BadEvent:
        return self._served(readEvent, said)

    def _served(self, read: Any, said: object) -> Event | BadEvent:
        try:
            event: Event = read(said)
        except BadEvent as e:
            return e
        if not self._publisher.serves(event.account):
            return BadEvent("account: of a domain that is not among publisher.domains")
        return event

    async def _hear(self, request: IRequest, events: Sequence[Event | BadEvent]) -> bytes:
        # What happened to one account happened in this order; all else at once.
        queues: dict[str, list[tuple[int, Event]]] = {}
        for index, event in enumerate(events):
            if isinstance(event, Event):
                queues.setdefault(event.account, []).append((index, event))
        later: list[int] = []
        await DeferredList([ensureDeferred(self._tell(queue, later)) for queue in queues.values()])
        refused = [
            {"event": index, "why": str(event)} for index, event in enumerate(events) if isinstance(event, BadEvent)
        ]
        taken = len(events) - len(refused) - len(later)
        status = 503 if later else 400 if refused else 200
        if later:
            request.setHeader("Retry-After", "5")  # type: ignore[no-untyped-call]
        return _answered(request, status, {"taken": taken, "refused": refused, "later": sorted(later)})

    async def _tell(self, queue: Sequence[tuple[int, Event]], later: list[int]) -> None:
        for done, (_, event) in enumerate(queue):
            try:
                await self._publisher.happened(event)
            except Exception as e:
                if not isinstance(e, TryLater):
                    self.log.failure("an event could not be told: this is a bug", concealed())
                later += [index for index, _ in queue[done:]]
                return


def _message(body: bytes) -> Event:
    # Names are without their domains, the recipient's too: to MongooseIM everybody is at home.
    try:
        read = parse_qs(body.decode("utf-8"), strict_parsing=True, errors="strict", max_num_fields=16)
        author, server, receiver, text = (read[name][0] for name in ("author", "server", "receiver", "message"))
    except (ValueError, KeyError):
        raise BadEvent("not a form with author, server, receiver and message") from None
    stanza = {"type": "chat", "sender": f"{author}@{server}", "body": text}
    return readEvent({"occasion": Occasion.PING.value, "account": f"{receiver}@{server}", "stanzas": [stanza]})


class _Post(BoundedRequest):
    longest = BODY_MAX


class _Site(QuietSite):
    requestFactory = _Post


def _site(resource: IResource, reactor: Any) -> _Site:
    return _Site(resource, reactor=reactor, parsePOSTFormSubmission=False)  # type: ignore[no-untyped-call]


def _unknown(request: IRequest) -> bytes:
    request.setHeader("WWW-Authenticate", "Bearer")  # type: ignore[no-untyped-call]
    return _answered(request, 401, {"taken": 0, "refused": [{"why": "the secret is not the right one"}], "later": []})


def _answered(request: IRequest, status: int, answer: dict[str, Any]) -> bytes:
    request.setResponseCode(status)  # type: ignore[no-untyped-call]
    request.setHeader("Content-Type", "application/json")  # type: ignore[no-untyped-call]
    request.setHeader("Cache-Control", "no-store")  # type: ignore[no-untyped-call]
    return json.dumps(answer).encode("ascii")
