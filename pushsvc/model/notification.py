"""
Why a device is woken, and what it is told.
"""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field, replace


class Kind(enum.Enum):
    """
    What a notification is about. A newer one replaces an older one of its kind only.
    """

    MESSAGE = "message"
    CALL = "call"
    CLEAR = "clear"

    # There is one of each, and they are looked up with every push: Enum's own would compute the hash of a name.
    __hash__ = object.__hash__


class Priority(enum.IntEnum):
    """
    How much a notification matters; each network has its own words for it.
    """

    LOW = 1
    NORMAL = 2
    HIGH = 3


@dataclass(frozen=True)
class Summary:
    """
    What the user's server tells about what is waiting (XEP-0357, ``urn:xmpp:push:summary``). Everything may be unknown.
    """

    messageCount: int | None = None
    pendingSubscriptionCount: int | None = None
    lastMessageSender: str | None = field(default=None, repr=False)
    lastMessageBody: str | None = field(default=None, repr=False)
    lastSubscriptionSender: str | None = field(default=None, repr=False)

    def counts(self) -> "Summary":
        """
        The same without anything that people said, and without who said it.
        """
        return Summary(self.messageCount, self.pendingSubscriptionCount)


@dataclass(frozen=True)
class Encrypted:
    """
    A payload that only the device can read (``tigase:push:encrypt:0``), handed on as it came.

    :ivar iv: the initialisation vector, base64.
    :ivar payload: the ciphertext with its tag, base64.
    :ivar type: ``voip`` for calls; else None.
    """

    iv: str = field(repr=False)
    payload: str = field(repr=False)
    type: str | None = None


@dataclass(frozen=True)
class Notification:
    """
    One reason to wake a device.

    :ivar summary: what is waiting; None when the server says nothing about it.
    :ivar more: what else the server says, under names that apps know: ``event`` (``account-removed``), ``sid`` and
        ``media`` of a call, ``nickname``; and elements that nobody here knows, each under ``{namespace}name`` as XML.
    """

    kind: Kind = Kind.MESSAGE
    priority: Priority = Priority.NORMAL
    summary: Summary | None = None
    encrypted: Encrypted | None = None
    more: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)

    def smaller(self) -> "Notification | None":
        """
        The same with less in it: first without what nobody here knows, then without the body, then without the
        senders, then empty.

        :returns: None when there is nothing left to leave out.
        """
        summary = self.summary
        if any(name.startswith("{") for name in self.more):
            return replace(self, more=known(self.more))
        if summary is not None and summary.lastMessageBody is not None:
            return replace(self, summary=replace(summary, lastMessageBody=None))
        if summary is not None and summary != summary.counts():
            return replace(self, summary=summary.counts())
        if summary is not None or self.encrypted is not None or self.more:
            return replace(self, summary=None, encrypted=None, more={})
        return None


def known(more: Mapping[str, str]) -> Mapping[str, str]:
    """
    What of `Notification.more` somebody here knows.
    """
    return {name: value for name, value in more.items() if not name.startswith("{")}
