"""
What a user's server sends, and to where.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pushsvc.model.notification import Notification
from pushsvc.model.registration import Registration


@dataclass(frozen=True)
class Publish:
    """
    What a user's server sent to a node.

    :ivar host: the pubsub host it was sent to.
    :ivar sender: the JID it came from.
    :ivar options: publish-options: the name of a field to its values.
    :ivar itemId: what the sender calls it; None: it does not say, or nobody asked.
    :ivar payload: XML, as it came; None where nobody keeps it or hands it on.
    """

    host: str
    node: str = field(repr=False)
    sender: str = field(repr=False)
    notifications: tuple[Notification, ...] = ()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False, hash=False)
    itemId: str | None = field(default=None, repr=False)
    payload: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Node:
    """
    A node that exists, as its tree found it.

    :ivar type: the name of its node type.
    :ivar registration: the registration that it stands for; None where nodes are not registrations.
    """

    identifier: str = field(repr=False)
    type: str
    registration: Registration | None = None
