"""
One table, read in both directions: why a request is refused, and how a stanza error says so.

The error *type* decides whether users keep push. ejabberd forgets a device at the first answer that is not ``wait``,
Tigase at any condition but a few, so ``wait`` with internal-server-error is what everything temporary becomes, and
item-not-found is kept for what is final.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from twisted.words.protocols.jabber.error import STANZA_CONDITIONS
from twisted.words.xish.domish import Element

from pushsvc.errors import (
    BadCommand,
    BadForm,
    BadJID,
    BadOption,
    BadPublish,
    ClosedNode,
    DeviceForgotten,
    NodeExists,
    NoSuchCommand,
    NoSuchNode,
    NotAcceptable,
    NotAllowed,
    NotSubscribed,
    PayloadTooBig,
    PreconditionNotMet,
    PushError,
    RequestError,
    SessionExpired,
    TooManySubscribers,
    TryLater,
    Unsupported,
    WrongSecret,
)
from pushsvc.wire.namespaces import NS_COMMANDS, NS_PUBSUB_ERRORS, NS_STANZAS, NS_XML
from pushsvc.wire.view import View


@dataclass(frozen=True)
class Row:
    """
    One reason and its stanza error.

    :ivar appNamespace: of the application condition; None: there is none.
    :ivar app: the application condition; None: the reason itself says which.
    """

    reason: type[PushError]
    type: str
    condition: str
    appNamespace: str | None = None
    app: str | None = None


PUBSUB = (
    Row(NoSuchNode, "cancel", "item-not-found"),
    Row(WrongSecret, "auth", "forbidden"),
    Row(NotAllowed, "auth", "forbidden"),
    Row(BadPublish, "modify", "bad-request", NS_PUBSUB_ERRORS),
    Row(BadForm, "modify", "bad-request"),
    Row(Unsupported, "cancel", "feature-not-implemented", NS_PUBSUB_ERRORS, "unsupported"),
    Row(PreconditionNotMet, "cancel", "conflict", NS_PUBSUB_ERRORS, "precondition-not-met"),
    Row(PayloadTooBig, "modify", "not-acceptable", NS_PUBSUB_ERRORS, "payload-too-big"),
    Row(TryLater, "wait", "internal-server-error"),
)

# What nodes and their owners are about (XEP-0060, sections 6 to 8), and everything else of pubsub.
NODES = (
    *PUBSUB,
    Row(NodeExists, "cancel", "conflict"),
    Row(NotAcceptable, "modify", "not-acceptable", NS_PUBSUB_ERRORS),
    Row(ClosedNode, "cancel", "not-allowed", NS_PUBSUB_ERRORS, "closed-node"),
    Row(NotSubscribed, "cancel", "unexpected-request", NS_PUBSUB_ERRORS, "not-subscribed"),
    Row(TooManySubscribers, "wait", "policy-violation", NS_PUBSUB_ERRORS, "too-many-subscriptions"),
)

# What publishes to MongooseIM's push nodes are refused with; its spelling is its own.
MONGOOSEIM = (
    Row(DeviceForgotten, "cancel", "not-acceptable", NS_PUBSUB_ERRORS, "device-not-registered"),
    Row(BadForm, "modify", "bad-request", NS_PUBSUB_ERRORS, "faild-to-submit-push-notification"),
    *NODES,
)

# Ad-hoc commands have a section of their own (XEP-0050 section 4.4); what it does not have is as above.
COMMANDS = (
    Row(NoSuchCommand, "cancel", "item-not-found"),
    Row(BadForm, "modify", "bad-request", NS_COMMANDS, "bad-payload"),
    Row(BadCommand, "modify", "bad-request", NS_COMMANDS),
    Row(SessionExpired, "cancel", "not-allowed", NS_COMMANDS, "session-expired"),
    *(row for row in PUBSUB if row.reason is not BadForm),
)

# Enabling push services (XEP-0357 section 5).
ENABLING = (
    Row(BadJID, "modify", "jid-malformed"),
    Row(BadOption, "modify", "not-acceptable"),
    Row(Unsupported, "modify", "feature-not-implemented"),
    Row(NotAllowed, "cancel", "not-allowed"),
    *(row for row in PUBSUB if row.reason not in (Unsupported, NotAllowed)),
)

# Sections that an error may choose, by `pushsvc.errors.RequestError.words`.
_CHOSEN = {"": NODES, "mongooseim": MONGOOSEIM, "enabling": ENABLING}

# What others answer when it is not the service that speaks, but the way to it: for readers only.
NOT_REACHED = ("remote-server-not-found", "remote-server-timeout")

_CONDITIONS = frozenset({*STANZA_CONDITIONS, "policy-violation"})
_TYPES = ("auth", "cancel", "continue", "modify", "wait")


def sectionOf(error: PushError) -> Sequence[Row]:
    """
    In which words a request of pubsub is refused.
    """
    return _CHOSEN.get(error.words, NODES) if isinstance(error, RequestError) else NODES


def writeError(error: PushError, section: Sequence[Row] = PUBSUB) -> Element:
    """
    The ``<error/>`` that a reason is answered with.

    :raises LookupError: no row speaks of it: it is not a peer's business.
    """
    row = next((row for row in section if isinstance(error, row.reason)), None)
    if row is None:
        raise LookupError(f"{type(error).__name__} is not for peers")
    # What is temporary is our own affair: only refusals are explained.
    text = "" if row.type == "wait" else str(error)
    element = errorElement(row.type, row.condition, text)
    app = row.app or getattr(error, "app", None) or getattr(error, "detail", None)
    if row.appNamespace is not None and app is not None:
        detail = element.addElement((row.appNamespace, app))
        if isinstance(error, Unsupported):
            detail["feature"] = error.feature
    return element


def errorElement(type: str, condition: str, text: str = "") -> Element:
    """
    An ``<error/>`` for what the table does not speak of.
    """
    element = Element((None, "error"), attribs={"type": type})
    element.addElement((NS_STANZAS, condition))
    if text:
        element.addElement((NS_STANZAS, "text"), content=text)[(NS_XML, "lang")] = "en"
    return element


def readError(stanza: View, section: Sequence[Row] = PUBSUB) -> PushError:
    """
    Why a peer refused what we asked for: the reason that we would have answered so.

    ``wait`` is always `TryLater`, as is a way that leads nowhere now. What no row fits is a bare `RequestError` that
    names type and condition.

    :param stanza: of type ``error``.
    """
    error = next((child for child in stanza.elements() if child.name == "error"), None)
    if error is None:
        return RequestError("undefined-condition")
    type = error.attribute("type")
    condition = next((e.name for e in error.elements() if e.uri == NS_STANZAS and e.name in _CONDITIONS), None)
    if type == "wait" or condition in NOT_REACHED:
        return TryLater(condition or "")
    said = f"{type if type in _TYPES else 'no type'}/{condition or 'undefined-condition'}"
    details = [e for e in error.elements() if e.uri != NS_STANZAS]
    fitting = [row for row in section if row.condition == condition and row.reason is not TryLater]
    for row in fitting:
        for detail in details:
            if detail.uri == row.appNamespace and row.app in (None, detail.name):
                return _made(row, said, detail)
    for row in fitting:
        # A row whose detail is its whole point fits nothing without it: not-acceptable alone is no payload-too-big.
        if row.app is None or row.reason is Unsupported:
            return _made(row, said, None)
    return RequestError(said)


_MADE: dict[type[PushError], Callable[[str, View | None], PushError]] = {
    BadPublish: lambda said, detail: BadPublish(said, detail.name if detail else None),
    NotAcceptable: lambda said, detail: NotAcceptable(said, detail.name if detail else None),
    BadCommand: lambda said, detail: BadCommand(detail.name if detail else "", said),
    Unsupported: lambda said, detail: Unsupported((detail.attribute("feature") if detail else None) or ""),
}


def _made(row: Row, said: str, detail: View | None) -> PushError:
    make: Callable[[str, View | None], PushError] | None = _MADE.get(row.reason)
    if make is not None:
        return make(said, detail)
    made: Any = row.reason
    reason: PushError = made(said)
    return reason
