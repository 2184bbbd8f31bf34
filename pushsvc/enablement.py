"""
What ``<enable/>`` leaves behind on the publisher's side (XEP-0357 section 5), and what else is known of an account.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Enablement:
    """
    One push service that an account wants told. Identified by account, service and node.

    :ivar account: bare JID, prepared.
    :ivar service: the JID of the push service, prepared.
    :ivar node: empty: the client named none.
    :ivar form: the publish-options, as text, as the client wrote them: they are replayed; empty: there are none.
    :ivar options: what is in them: the name of a field to its values.
    :ivar extras: what else was in ``<enable/>``, as names that policies know to what they mean there.
    :ivar session: the resource that enabled it last; None: nobody knows.
    :ivar enabled: seconds since 1970 at which that was.
    :ivar used: seconds since 1970 of the latest publish.
    :ivar failures: lasting refusals in a row.
    :ivar suspended: seconds since 1970 since when it is on probation; None: it is not.
    """

    account: str = field(repr=False)
    service: str = field(repr=False)
    node: str = field(repr=False)
    enabled: float
    used: float
    form: str = field(default="", repr=False)
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False, hash=False)
    extras: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    session: str | None = field(default=None, repr=False)
    failures: int = 0
    suspended: float | None = None

    @property
    def key(self) -> str:
        """
        What newer notifications for it are matched with older ones by; tells nobody whose it is.
        """
        return keyOf(self.account, self.service, self.node)


@dataclass(frozen=True)
class ContentOptions:
    """
    What may be told of what is waiting (mod_push's ``urn:xmpp:push:options``). None: as the server has it.
    """

    senders: bool | None = None
    messageCount: bool | None = None
    subscriptionCount: bool | None = None
    bodies: bool | None = None


@dataclass(frozen=True)
class Pending:
    """
    What waits for an account.

    :ivar messages: how many.
    :ivar subscriptions: how many people ask to be let in.
    :ivar sessions: resources of sessions that may be resumed, and that somebody was told of.
    :ivar chats: how many of the messages came from each chat, by digests of which; not of all, if there are many.
    """

    messages: int = 0
    subscriptions: int = 0
    sessions: frozenset[str] = field(default=frozenset(), repr=False)
    chats: Mapping[str, int] = field(default_factory=dict, repr=False, hash=False)

    @property
    def isSomething(self) -> bool:
        """
        Whether there is anything to be told of.
        """
        return bool(self.messages or self.subscriptions)


_NOT_CHOSEN = ContentOptions()
_NOTHING = Pending()


@dataclass(frozen=True)
class Account:
    """
    Everything that is kept of one account.

    :ivar enablements: oldest first.
    """

    enablements: tuple[Enablement, ...] = ()
    options: ContentOptions = _NOT_CHOSEN
    pending: Pending = _NOTHING


def keyOf(account: str, service: str, node: str) -> str:
    """
    As `Enablement.key`, of one that is known by its names only.
    """
    names = "\0".join((account, service, node)).encode("utf-8", "surrogatepass")
    return f"enablement-{hashlib.sha256(names).hexdigest()}"
