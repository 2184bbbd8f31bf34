"""
What of somebody else's stanza matters to the publisher.

The stanza is data here, whoever wrote it: nothing in it is trusted beyond being what a user may be told of, and what is
odd about it is left out.
"""

from datetime import datetime
from hashlib import sha256

from pushsvc.event import Call, Stanza
from pushsvc.jids import addressOf
from pushsvc.wire.namespaces import (
    NS_AXOLOTL,
    NS_CALL_INVITES,
    NS_CARBONS,
    NS_DELAY,
    NS_ENCRYPTED,
    NS_FORWARD,
    NS_HINTS,
    NS_JINGLE_MESSAGE,
    NS_MUCSUB_MESSAGES,
    NS_NICK,
    NS_OMEMO,
    NS_OX,
    NS_PUBSUB_EVENT,
    NS_REFERENCE,
    NS_STANZA_ID,
)
from pushsvc.wire.view import View

BODY_MAX = 4096
TEXT_MAX = 1023

_CALLS = {
    NS_JINGLE_MESSAGE: ("propose", "ringing", "proceed", "accept", "retract", "reject", "finish"),
    NS_CALL_INVITES: ("invite", "accept", "retract", "reject", "left"),
}
_HINTS = ("store", "no-store", "no-permanent-store", "no-copy")


def readStanza(view: View, account: str) -> Stanza:
    """
    A message, presence or IQ on its way to an account.

    :param account: bare JID: of the ids that others gave the stanza only this one's counts.
    """
    carbon = None
    for direction in ("received", "sent"):
        for wrapper in view.children(NS_CARBONS, direction):
            inner = forwardedIn(wrapper)
            # Only an account's own server makes carbons of its messages (XEP-0280, section 11).
            if inner is not None and (not view.attribute("from") or _bareOf(view) == account):
                view, carbon = inner, direction
    view = _ofRoom(view)
    sender, resource = _senderOf(view)
    type = view.attribute("type") or ("normal" if view.name == "message" else "")
    return Stanza(
        name=view.name,
        type=type,
        sender=sender,
        id=_idOf(view, account),
        body=next((body[:BODY_MAX] for body in _plain(view, "body") if body), None),
        encrypted=_isEncrypted(view),
        call=_callOf(view),
        carbon=carbon,
        subject=bool(_plain(view, "subject")),
        hints=frozenset(each.name for each in view.elements() if each.uri == NS_HINTS and each.name in _HINTS),
        mentions=_mentionsOf(view),
        nick=_nickOf(view, resource, type),
        stamp=_stampOf(view),
        recipient=_bareOf(view, "to"),
    )


def forwardedIn(wrapper: View) -> View | None:
    """
    The stanza that was forwarded in this (XEP-0297).
    """
    for forwarded in wrapper.children(NS_FORWARD, "forwarded"):
        for inner in forwarded.elements():
            if inner.name in ("message", "presence", "iq"):
                return inner
    return None


def _senderOf(view: View) -> tuple[str | None, str | None]:
    said = view.attribute("from") or ""
    address = addressOf(said)
    if address is None:
        # Stringprep knows the characters of 2002, and people in rooms call themselves by those of today.
        bare, _, resource = said.partition("/")
        address = addressOf(bare)
        return (None, None) if address is None else (address.full, resource or None)
    return address.full, address.resource


def _ofRoom(view: View) -> View:
    # MUC-Sub: a room's message as an item of pubsub.
    for event in view.children(NS_PUBSUB_EVENT, "event"):
        for items in event.children(NS_PUBSUB_EVENT, "items"):
            if items.attribute("node") == NS_MUCSUB_MESSAGES:
                for item in items.children(NS_PUBSUB_EVENT, "item"):
                    inner = next((each for each in item.elements() if each.name == "message"), None)
                    # A room speaks for who is in it, and for nobody else.
                    return inner if inner is not None and _bareOf(inner) == _bareOf(view) is not None else view
    return view


def _idOf(view: View, account: str) -> str | None:
    for given in view.children(NS_STANZA_ID, "stanza-id"):
        if given.attribute("by") == account and given.attribute("id"):
            return (given.attribute("id") or "")[:TEXT_MAX]
    called = view.attribute("id")
    if not called:
        return None
    # Clients have been seen to begin anew at 1: what else there is tells such messages apart.
    everything = "\0".join([called, view.attribute("from") or "", *_plain(view, "body")])
    return sha256(everything.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(view: View, name: str) -> list[str]:
    # Whoever forwards may have forgotten that stanzas of clients have a namespace.
    return [child.text for child in view.elements() if child.name == name and child.uri in ("", view.uri)]


def _isEncrypted(view: View) -> bool:
    for child in view.elements():
        if child.name == "encrypted" and child.uri in (NS_AXOLOTL, *NS_OMEMO):
            # A header alone hands over a key: nobody has said anything.
            parts = [part.name for part in child.elements()]
            if "payload" in parts or "header" not in parts:
                return True
        elif child.qname in ((NS_ENCRYPTED, "x"), (NS_OX, "openpgp")):
            return True
    return False


def _callOf(view: View) -> Call | None:
    for child in view.elements():
        if child.name in _CALLS.get(child.uri, ()):
            media = [part.attribute("media") or "" for part in child.elements() if part.name == "description"]
            if child.uri == NS_CALL_INVITES:
                media = ["video"] if child.attribute("video") in ("true", "1") else ["audio"]
            known = tuple(each for each in media if each in ("audio", "video"))
            return Call(child.name, (child.attribute("id") or "")[:TEXT_MAX], known)
    return None


def _mentionsOf(view: View) -> frozenset[str]:
    found = set()
    for reference in view.children(NS_REFERENCE, "reference"):
        scheme, _, rest = (reference.attribute("uri") or "").partition(":")
        address = addressOf(rest)
        if reference.attribute("type") == "mention" and scheme == "xmpp" and address is not None:
            found.add(address.full)
    return frozenset(found)


def _nickOf(view: View, resource: str | None, type: str) -> str | None:
    if type == "groupchat":
        return resource
    for nick in view.children(NS_NICK, "nick"):
        return nick.text.strip()[:TEXT_MAX] or None
    return None


def _stampOf(view: View) -> float | None:
    for delay in view.children(NS_DELAY, "delay"):
        try:
            stamp = datetime.fromisoformat(delay.attribute("stamp") or "")
        except ValueError:
            continue
        if stamp.tzinfo is not None:
            return stamp.timestamp()
    return None


def _bareOf(view: View, end: str = "from") -> str | None:
    # Whatever the resource is: there are those that nobody can prepare.
    address = addressOf((view.attribute(end) or "").partition("/")[0])
    return None if address is None else address.full
