"""
What happens on a user's server that may be a reason to wake a phone: what feeds tell the publisher.

Nothing in here is for logs: events are silent about what they know of people.
"""

import enum
from dataclasses import dataclass, field

from pushsvc.enablement import ContentOptions, Pending

_NOTHING = Pending()
_NOT_CHOSEN = ContentOptions()


class Occasion(enum.Enum):
    """
    What happened.

    =================  ==========================================================================================
    ``OFFLINE``        stanzas were put aside for an account of which nobody is there
    ``ARCHIVED``       a message was archived for an account that somebody is there of, if not on every device
    ``HIBERNATED``     a session lost its connection and may be resumed: the stanzas are its unacknowledged queue
    ``QUEUED``         further stanzas came for a session that hibernates
    ``OVERDUE``        a session ought to have acknowledged these stanzas long ago
    ``RESUMED``        a session is back, and has been given what was waiting
    ``ENDED``          a session is over for good
    ``GROUPCHAT``      a room sent something to the account itself rather than to a session
    ``READ``           what was waiting was read on another device; some of it, if stanzas say so
    ``PING``           somebody wants the devices to come and look
    ``REMOVED``        the account is gone
    =================  ==========================================================================================
    """

    OFFLINE = "offline"
    ARCHIVED = "archived"
    HIBERNATED = "hibernated"
    QUEUED = "queued"
    OVERDUE = "overdue"
    RESUMED = "resumed"
    ENDED = "ended"
    GROUPCHAT = "groupchat"
    READ = "read"
    PING = "ping"
    REMOVED = "removed"


@dataclass(frozen=True)
class Call:
    """
    What a message says of a call (XEP-0353, XEP-0482).

    :ivar action: propose, ringing, proceed, accept, retract, reject, finish; of an invite: invite.
    :ivar sid: which call.
    :ivar media: audio, video.
    """

    action: str
    sid: str = field(default="", repr=False)
    media: tuple[str, ...] = ()

    @property
    def rings(self) -> bool:
        """
        Whether somebody is calling now.
        """
        return self.action in ("propose", "invite")


@dataclass(frozen=True)
class Stanza:
    """
    What of a stanza matters for whether and how it is told. Unwrapped: of a carbon or an item of MUC-Sub, what is in
    it.

    :ivar name: message, presence, iq, or another word for what is no stanza.
    :ivar type: the attribute; of a message without it, normal.
    :ivar sender: the full JID it came from, prepared; None: nobody says.
    :ivar id: the same for every report of this stanza: the id that the account's archive gave it (XEP-0359), else what
        the sender called it; None: nobody says.
    :ivar body: None when there is none, or an empty one.
    :ivar encrypted: it is end-to-end encrypted and may hold anything: OMEMO, OX, OpenPGP of old.
    :ivar carbon: ``sent`` or ``received`` when it is a carbon copy (XEP-0280).
    :ivar subject: it has a subject: in a room, without a body, the room was renamed.
    :ivar hints: of XEP-0334: ``store``, ``no-store``, ``no-permanent-store``, ``no-copy``.
    :ivar mentions: URIs that it refers to as mentions (XEP-0372), without ``xmpp:``.
    :ivar nick: by which the sender wants to be known (XEP-0172), or the nickname in the room.
    :ivar stamp: seconds since 1970 at which it was sent, when it was delayed (XEP-0203).
    :ivar known: whether the sender is a contact of the account; None: nobody says.
    :ivar recipient: bare JID to whom it is addressed, prepared; None: nobody says. Of what an account says itself it is
        the chat.
    """

    name: str
    type: str = ""
    sender: str | None = field(default=None, repr=False)
    id: str | None = field(default=None, repr=False)
    body: str | None = field(default=None, repr=False)
    encrypted: bool = False
    call: Call | None = None
    carbon: str | None = None
    subject: bool = False
    hints: frozenset[str] = frozenset()
    mentions: frozenset[str] = field(default=frozenset(), repr=False)
    nick: str | None = field(default=None, repr=False)
    stamp: float | None = None
    known: bool | None = None
    recipient: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Event:
    """
    Something that happened to an account.

    :ivar account: bare JID, prepared.
    :ivar session: the resource it happened to; None: it concerns the account.
    :ivar stanzas: oldest first.
    :ivar present: resources of the account's sessions that are connected or may be resumed; None: nobody says.
    :ivar away: those of them that say that nobody is there (away, xa, dnd).
    :ivar services: which services are meant, by JID and node; empty: all.
    :ivar pending: what waits for the account, this included: the publisher knows, and tells policies.
    :ivar options: what the account has chosen to have told: likewise.
    """

    occasion: Occasion
    account: str = field(repr=False)
    session: str | None = field(default=None, repr=False)
    stanzas: tuple[Stanza, ...] = ()
    present: frozenset[str] | None = field(default=None, repr=False)
    away: frozenset[str] = field(default=frozenset(), repr=False)
    services: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    pending: Pending = field(default=_NOTHING, repr=False)
    options: ContentOptions = field(default=_NOT_CHOSEN, repr=False)
