"""
What MongooseIM tells RabbitMQ (``mod_event_pusher_rabbit``), as events.

Of messages it says from whom, to whom and the body; of sessions that they came and went. It says that to everybody at
once, and to nobody that was not listening: an account that nothing was heard of since we listen is taken for one that
is not there. A push too many is no calamity.
"""

import json
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

from pushsvc.event import Event, Occasion, Stanza
from pushsvc.jids import Address, addressOf

# Accounts of which it is known that they are there.
REMEMBERED = 1_000_000
BODY_MAX = 4096

# What JSON can say, and XML cannot: nor can it be stored.
_NOT_XML = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class BadMessage(Exception):
    """
    This is not what MongooseIM says.
    """


class Presences:
    """
    Who is there.
    """

    def __init__(self, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._there: OrderedDict[str, set[str]] = OrderedDict()

    def came(self, account: str, resource: str) -> None:
        """
        A session is there.
        """
        self._there.setdefault(account, set()).add(resource)
        if len(self._there) > self._remembered:
            self._there.popitem(last=False)

    def went(self, account: str, resource: str) -> None:
        """
        A session is there no more.
        """
        resources = self._there.get(account, set())
        resources.discard(resource)
        if not resources:
            self._there.pop(account, None)

    def isThere(self, account: str) -> bool:
        """
        Whether any session is.
        """
        return account in self._there


class MongooseIM:
    """
    Reads what it says, in the order in which it is said.
    """

    def __init__(self, presences: Presences, presence: str, chat: str, groupchat: str) -> None:
        """
        :param presence: the exchange for sessions; the others are those for messages.
        """
        self._presences = presences
        self._readers: Mapping[str, Callable[[Mapping[str, Any]], Event | None]] = {
            presence: self._presence,
            chat: lambda said: self._message(said, "chat"),
            groupchat: lambda said: self._message(said, "groupchat"),
        }

    def read(self, exchange: str, body: bytes) -> Event | None:
        """
        What happened; None: nothing of interest.

        :raises BadMessage: nobody can say.
        """
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            said = None
        if not isinstance(said, dict) or exchange not in self._readers:
            raise BadMessage()
        return self._readers[exchange](said)

    def _presence(self, said: Mapping[str, Any]) -> Event:
        who, present = _address(said.get("user_id")), said.get("present")
        if who.resource is None or not isinstance(present, bool):
            raise BadMessage()
        if present:
            self._presences.came(who.bare, who.resource)
            return Event(Occasion.RESUMED, who.bare, who.resource)
        self._presences.went(who.bare, who.resource)
        return Event(Occasion.ENDED, who.bare, who.resource)

    def _message(self, said: Mapping[str, Any], type: str) -> Event | None:
        recipient, sender, body = (
            _address(said.get("to_user_id")),
            _address(said.get("from_user_id")),
            said.get("message"),
        )
        if not isinstance(body, str):
            raise BadMessage()
        if not body or self._presences.isThere(recipient.bare):
            return None
        nick = sender.resource if type == "groupchat" else None
        text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", body[:BODY_MAX])
        stanza = Stanza("message", type, sender.full, body=text, nick=nick)
        return Event(Occasion.OFFLINE, recipient.bare, stanzas=(stanza,))


def _address(said: object) -> Address:
    address = addressOf(said) if isinstance(said, str) else None
    if address is None or address.local is None:
        raise BadMessage()
    return address
