"""
What matters to people: the rules of Prosody's mod_cloud_notify, with the encryption of today.
"""

from collections.abc import Sequence
from dataclasses import replace

from pushsvc.event import Stanza
from pushsvc.jids import bareOf

# Seconds for which a call rings.
RINGS = 60.0

_UNKEPT = {"no-store", "no-permanent-store"}
# A call of which somebody says this rings no more, or was taken on another device.
_OVER = frozenset({"accept", "retract", "reject", "finish", "left"})


def isImportant(stanza: Stanza) -> bool:
    """
    Whether somebody wants to read this, now.
    """
    if stanza.name != "message" or stanza.type in ("headline", "error") or stanza.carbon == "sent":
        return False
    if stanza.encrypted or isUrgent(stanza):
        return True
    if stanza.type == "groupchat" and stanza.subject:
        return False
    return stanza.body is not None


def isUrgent(stanza: Stanza) -> bool:
    """
    Whether somebody is calling.
    """
    return stanza.name == "message" and stanza.type != "error" and stanza.call is not None and stanza.call.rings


def isSubscription(stanza: Stanza) -> bool:
    """
    Whether somebody asks to be let in.
    """
    return stanza.name == "presence" and stanza.type == "subscribe"


def isWorthless(stanza: Stanza, account: str) -> bool:
    """
    Whether no phone of an account is to be woken for it, be it ever so patient: what the account itself has said
    elsewhere, what is an answer or an announcement to everybody, and what its sender does not want kept and nobody
    wants to read (XEP-0334): that somebody is typing.
    """
    if stanza.name != "message":
        return False
    if stanza.type in ("headline", "error") or stanza.carbon == "sent":
        return True
    if stanza.type != "groupchat" and stanza.sender is not None and bareOf(stanza.sender) == account:
        return True
    return bool(_UNKEPT & stanza.hints) and not isImportant(stanza)


def withoutMissedCalls(stanzas: Sequence[Stanza], now: float) -> tuple[Stanza, ...]:
    """
    The same; of a call that nobody can take any more it is told as of anything else that was missed.

    :param stanzas: oldest first.
    """
    over: set[str] = set()
    kept: list[Stanza] = []
    for stanza in reversed(stanzas):
        call = stanza.call
        if call is not None and call.action in _OVER and call.sid:
            over.add(call.sid)
        elif call is not None and call.rings and (call.sid in over or _isOld(stanza, now)):
            stanza = replace(stanza, call=replace(call, action="missed"))
        kept.append(stanza)
    return tuple(reversed(kept))


def _isOld(stanza: Stanza, now: float) -> bool:
    return stanza.stamp is not None and now - stanza.stamp > RINGS
