"""
Events as JSON: a form for servers that can post to a URL, and for whoever else knows what happens to accounts.

In full::

    {"occasion": "hibernated", "account": "juliet@example.org", "session": "balcony",
     "present": [{"resource": "desktop", "away": true}],
     "services": [{"jid": "push.example.net", "node": "n"}],
     "stanzas": [{"name": "message", "type": "chat", "sender": "romeo@example.net/orchard", "id": "a1",
                  "body": "Wherefore?", "encrypted": false,
                  "call": {"action": "propose", "sid": "s", "media": ["audio"]},
                  "carbon": "received", "subject": false, "hints": ["store"], "mentions": ["juliet@example.org"],
                  "nick": "Romeo", "stamp": "2026-11-20T10:00:00Z", "known": true,
                  "recipient": "juliet@example.org"}]}

Only ``occasion`` and ``account`` have to be there. The meaning of each is that of `pushsvc.event`.
"""

import json
import re
from dataclasses import field, fields
from datetime import datetime
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, ConfigDict, Field, StrictBool, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

from pushsvc.event import Call, Event, Occasion, Stanza
from pushsvc.jids import addressOf, bareOf

# As of stanzas that come by XMPP.
BODY_MAX = 4096
TEXT_MAX = 1023
STANZAS_MAX = 1000
OTHERS_MAX = 100

_XML = re.compile("[\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]*")

closed = ConfigDict(extra="forbid")


class BadEvent(Exception):
    """
    This is none. The text says why, and names keys only: never what is in them.
    """


def _text(text: str) -> str:
    if _XML.fullmatch(text) is None:
        raise ValueError("a character that is none")
    return text


def _jid(text: str) -> str:
    address = addressOf(text)
    if address is None:
        raise ValueError("not a JID")
    return address.full


def _account(text: str) -> str:
    address = addressOf(text)
    if address is None or address.local is None or address.resource is not None:
        raise ValueError("not the bare JID of an account")
    return address.full


def _resource(text: str) -> str:
    # Prepared as the resource of a JID is.
    address = addressOf(f"a@b.c/{text}")
    if address is None or address.resource is None:
        raise ValueError("not a resource")
    return address.resource


def _stamp(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("without a time zone")
    return text


Text = Annotated[str, AfterValidator(_text)]
Short = Annotated[Text, Field(max_length=TEXT_MAX)]
JID = Annotated[Text, AfterValidator(_jid)]
Resource = Annotated[Text, AfterValidator(_resource)]
Hint = Literal["store", "no-store", "no-permanent-store", "no-copy"]
Action = Literal["propose", "ringing", "proceed", "accept", "retract", "reject", "finish", "invite", "left"]


@dataclass(frozen=True, config=closed)
class CallForm:
    """
    As `pushsvc.event.Call`.
    """

    action: Action
    sid: Short = ""
    media: list[Literal["audio", "video"]] = field(default_factory=list)


@dataclass(frozen=True, config=closed)
class StanzaForm:
    """
    As `pushsvc.event.Stanza`.
    """

    name: Literal["message", "presence", "iq"] = "message"
    type: Short | None = None
    sender: JID | None = None
    id: Short | None = None
    body: Text | None = None
    encrypted: StrictBool = False
    call: CallForm | None = None
    carbon: Literal["sent", "received"] | None = None
    subject: StrictBool = False
    hints: list[Hint] = field(default_factory=list)
    mentions: Annotated[list[JID], Field(max_length=OTHERS_MAX)] = field(default_factory=list)
    nick: Short | None = None
    stamp: Annotated[str, AfterValidator(_stamp)] | None = None
    known: StrictBool | None = None
    recipient: JID | None = None


@dataclass(frozen=True, config=closed)
class SessionForm:
    """
    Somebody who is there.
    """

    resource: Resource
    away: StrictBool = False


@dataclass(frozen=True, config=closed)
class ServiceForm:
    """
    A push service that is meant.
    """

    jid: JID
    node: Text = ""


@dataclass(frozen=True, config=closed)
class EventForm:
    """
    As `pushsvc.event.Event`. Without ``present`` nobody says who is there; an empty list says that nobody is.
    """

    occasion: Literal[tuple(occasion.value for occasion in Occasion)]  # type: ignore[valid-type]
    account: Annotated[Text, AfterValidator(_account)]
    session: Resource | None = None
    present: Annotated[list[SessionForm], Field(max_length=OTHERS_MAX)] | None = None
    services: Annotated[list[ServiceForm], Field(max_length=OTHERS_MAX)] = field(default_factory=list)
    stanzas: Annotated[list[StanzaForm], Field(max_length=STANZAS_MAX)] = field(default_factory=list)


# What stands under a key.
_FORMS: dict[str, type[Any]] = {
    "": EventForm,
    "call": CallForm,
    "present": SessionForm,
    "services": ServiceForm,
    "stanzas": StanzaForm,
}
_ADAPTER = TypeAdapter(EventForm)


def readJSON(body: bytes) -> Any:
    """
    What was posted.

    :raises BadEvent: that is no JSON.
    """
    try:
        return json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError):
        raise BadEvent("not JSON in UTF-8") from None


def readEvent(said: object) -> Event:
    """
    One event.

    :raises BadEvent: it is none.
    """
    try:
        form = _ADAPTER.validate_python(said)
    except ValidationError as e:
        errors = e.errors(include_url=False, include_input=False, include_context=False)
        raise BadEvent("; ".join(dict.fromkeys(map(_problem, errors)))) from None
    return Event(
        Occasion(form.occasion),
        form.account,
        form.session,
        tuple(map(_stanza, form.stanzas)),
        None if form.present is None else frozenset(session.resource for session in form.present),
        frozenset(session.resource for session in form.present or () if session.away),
        tuple((service.jid, service.node) for service in form.services),
    )


def _stanza(form: StanzaForm) -> Stanza:
    return Stanza(
        form.name,
        form.type or ("normal" if form.name == "message" else ""),
        form.sender,
        form.id or None,
        form.body[:BODY_MAX] if form.body else None,
        form.encrypted,
        None if form.call is None else Call(form.call.action, form.call.sid, tuple(form.call.media)),
        form.carbon,
        form.subject,
        frozenset(form.hints),
        frozenset(form.mentions),
        form.nick or None,
        None if form.stamp is None else datetime.fromisoformat(form.stamp).timestamp(),
        form.known,
        None if form.recipient is None else bareOf(form.recipient),
    )


def _problem(error: Any) -> str:
    place = [str(part) for part in error["loc"]]
    if error["type"] == "unexpected_keyword_argument":
        under = next((part for part in reversed(place[:-1]) if part in _FORMS), "")
        likely = get_close_matches(place[-1], [key.name for key in fields(_FORMS[under])], 1)
        # Whatever was posted as a key may be what ought to be a value.
        return f"{_where(place[:-1])}an unknown key" + (f" ({likely[0]}?)" if likely else "")
    if error["type"] == "missing":
        return f"{_where(place)}is missing"
    return f"{_where(place)}{error['msg'].removeprefix('Value error, ')}"


def _where(place: list[str]) -> str:
    return f"{'.'.join(place)}: " if place else ""
