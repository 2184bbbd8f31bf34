"""
What happened, as users' servers report it. Three ways of saying it are understood:

* ``<forwarded/>`` with a stanza in it: it was put aside for whom it is addressed to (Prosody's mod_firewall);
* an item of ``urn:xmpp:push:nodes:messages``: the same, for the sender of the report (ejabberd's mod_push_offline);
* ``<event xmlns='pushsvc:events:0'/>``: everything, as the modules in contrib/ say it.

The last one in full::

    <event xmlns='pushsvc:events:0' occasion='hibernated' account='juliet@example.org' session='balcony'>
      <session resource='desktop' away='true'/>
      <service jid='push.example.net' node='n'/>
      <stanza known='true'><forwarded xmlns='urn:xmpp:forward:0'>...</forwarded></stanza>
    </event>

``occasion`` is one of `pushsvc.event.Occasion`; ``session``, ``<session/>`` (each that is there), ``<service/>`` (which
are meant) and ``<stanza/>`` (``known``: whether its sender is a contact) are as many as there are, and none.
"""

from dataclasses import replace

from pushsvc.event import Event, Occasion, Stanza
from pushsvc.jids import addressOf
from pushsvc.wire.namespaces import NS_EVENTS, NS_PUBSUB_EVENT, NS_PUSH_MESSAGES
from pushsvc.wire.stanzas import forwardedIn, readStanza
from pushsvc.wire.view import View

# Of one report: a session's queue has some hundreds at most.
STANZAS_MAX = 1000

_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


def readForwarded(message: View) -> Event | None:
    """
    A stanza that was forwarded because nobody was there to take it; None: there is none.
    """
    inner = forwardedIn(message)
    if inner is None:
        return None
    recipient = addressOf(inner.attribute("to") or "")
    if recipient is None or recipient.local is None:
        return None
    return Event(Occasion.OFFLINE, recipient.bare, stanzas=(readStanza(inner, recipient.bare),))


def readItem(message: View) -> Event | None:
    """
    A stanza that a user's server published in the user's name; None: there is none.
    """
    reporter = addressOf(message.attribute("from") or "")
    if reporter is None or reporter.local is None:
        return None
    for event in message.children(NS_PUBSUB_EVENT, "event"):
        for items in event.children(NS_PUBSUB_EVENT, "items"):
            if items.attribute("node") == NS_PUSH_MESSAGES:
                inner = [each for item in items.children(NS_PUBSUB_EVENT, "item") for each in item.elements()]
                stanzas = tuple(readStanza(each, reporter.bare) for each in inner[:STANZAS_MAX])
                return Event(Occasion.OFFLINE, reporter.bare, stanzas=stanzas) if stanzas else None
    return None


def readEvent(message: View) -> Event | None:
    """
    An event in our own words; None: there is none that makes sense.
    """
    for event in message.children(NS_EVENTS, "event"):
        account = addressOf(event.attribute("account") or "")
        said = event.attribute("occasion") or ""
        if account is None or account.local is None or said not in _OCCASIONS:
            return None
        sessions = {
            _resourceOf(each.attribute("resource") or ""): each.attribute("away") in ("true", "1")
            for each in event.children(NS_EVENTS, "session")
        }
        session = event.attribute("session")
        which = _resourceOf(session) if session else None
        if None in sessions or (session and which is None):
            # Half of who is there is not who is there.
            return None
        return Event(
            _OCCASIONS[said],
            account.bare,
            which,
            tuple(_stanzasIn(event, account.bare)),
            frozenset(filter(None, sessions)) if _saysWho(event) else None,
            frozenset(each for each, isAway in sessions.items() if each is not None and isAway),
            tuple(_serviceOf(each) for each in event.children(NS_EVENTS, "service")),
        )
    return None


_OCCASIONS = {occasion.value: occasion for occasion in Occasion}


def _saysWho(event: View) -> bool:
    # Nobody there, and nobody saying who is there, are two things.
    return bool(event.children(NS_EVENTS, "session")) or event.attribute("present") == "nobody"


def _stanzasIn(event: View, account: str) -> list[Stanza]:
    stanzas = []
    for wrapper in event.children(NS_EVENTS, "stanza")[:STANZAS_MAX]:
        inner = forwardedIn(wrapper)
        if inner is not None:
            known = _TRUTHS.get(wrapper.attribute("known") or "")
            stanzas.append(replace(readStanza(inner, account), known=known))
    return stanzas


def _resourceOf(said: str) -> str | None:
    # Prepared, as that of whoever enabled something is.
    address = addressOf(f"a@b.c/{said}")
    return None if address is None else address.resource


def _serviceOf(service: View) -> tuple[str, str]:
    address = addressOf(service.attribute("jid") or "")
    return "" if address is None else address.full, service.attribute("node") or ""
