"""
What clients of Tigase's family do not want to be told of: they say it when they enable.

Of the children of ``<enable/>`` these are read (``pushsvc.wire.enabling``):

=====================  ====================================================================================
``away``               told as well while somebody is there, but away (the default heeds it)
``ignore-unknown``     nothing from people who are no contacts
``muted``              nothing from these JIDs
``groupchat``          rooms, each with ``always``, ``mentioned`` or ``never``, and the nickname there
=====================  ====================================================================================
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from zope.interface import implementer, moduleProvides

from pushsvc.enablement import Enablement
from pushsvc.event import Event, Stanza
from pushsvc.ipushsvc import IPushPolicy, IPushPolicyKind
from pushsvc.jids import bareOf

moduleProvides(IPushPolicyKind)


@implementer(IPushPolicy)
class Filters:
    """
    Asks, for each service and each stanza, whether its client wants to know.
    """

    shouldPublish = None
    prepareNotification = None
    publishNotification = None

    async def concerning(self, event: Event, service: Enablement) -> Sequence[Stanza]:
        return [stanza for stanza in event.stanzas if _isWanted(stanza, event.account, service.extras)]


def _isWanted(stanza: Stanza, account: str, extras: Mapping[str, str]) -> bool:
    if stanza.name != "message" or stanza.sender is None:
        return True
    sender = bareOf(stanza.sender)
    if stanza.type == "groupchat":
        return _isWantedOfRoom(stanza, sender, account, _read(extras, "groupchat", {}))
    if sender in _read(extras, "muted", []):
        return False
    return not ("ignore-unknown" in extras and stanza.known is False)


def _isWantedOfRoom(stanza: Stanza, room: str, account: str, rooms: Mapping[str, Mapping[str, str]]) -> bool:
    rule = rooms.get(room, {})
    allowed = rule.get("allow", "always")
    if allowed == "mentioned":
        nick = rule.get("nick", "")
        if nick and stanza.body is not None and nick.casefold() in stanza.body.casefold():
            return True
        return bool(stanza.mentions & {account, f"{room}/{nick}"})
    return allowed != "never"


def _read(extras: Mapping[str, str], name: str, nothing: Any) -> Any:
    return json.loads(extras[name]) if name in extras else nothing


def makePolicy(default: IPushPolicy) -> IPushPolicy:
    return Filters()
