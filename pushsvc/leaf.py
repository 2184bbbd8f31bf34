"""
Nodes that are stored: whose they are, what they are configured as, and who may do what with them (XEP-0060).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hmac import compare_digest

from pushsvc.model import Node, digest

OWNER, PUBLISHER, PUBLISH_ONLY = "owner", "publisher", "publish-only"
MEMBER, OUTCAST, NONE = "member", "outcast", "none"
AFFILIATIONS = (OWNER, PUBLISHER, PUBLISH_ONLY, MEMBER, OUTCAST, NONE)

_MAY_PUBLISH = (OWNER, PUBLISHER, PUBLISH_ONLY)
_MAY_SEE = (OWNER, PUBLISHER, MEMBER)
_TRUTHS = {"true": "1", "false": "0"}


@dataclass(frozen=True)
class Item:
    """
    What was published last, and is kept.

    :ivar payload: XML, as it came.
    """

    id: str
    payload: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Leaf(Node):
    """
    A node that somebody created.

    :ivar creator: bare JID: it counts as one of theirs.
    :ivar configuration: options of ``pubsub#node_config``, each with its one value.
    :ivar digest: of the secret that publishes need; None: there is none.
    :ivar affiliations: bare JID to word; who is not in it has none.
    :ivar subscribers: JIDs as they subscribed, bare or full.
    """

    host: str
    creator: str = field(repr=False)
    configuration: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    digest: bytes | None = field(default=None, repr=False)
    affiliations: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    subscribers: tuple[str, ...] = field(default=(), repr=False)
    item: Item | None = None

    def says(self, option: str) -> bool:
        """
        Whether an option is on.
        """
        return self.configuration.get(option) == "1"

    def affiliationOf(self, jid: str) -> str:
        """
        What somebody is to this node.
        """
        return self.affiliations.get(_bare(jid), NONE)

    def isOwnedBy(self, jid: str) -> bool:
        """
        Whether somebody owns it.
        """
        return self.affiliationOf(jid) == OWNER

    def maySee(self, jid: str) -> bool:
        """
        Whether somebody may subscribe to it, and retrieve what is in it.
        """
        return self.affiliationOf(jid) in _MAY_SEE

    def mayPublish(self, sender: str) -> bool:
        """
        Whether somebody may publish to it. A server speaks for its accounts: it is the server that publishes, where
        app servers of old let the account (XEP-0357 section 5, since its version 0.3).
        """
        if self.affiliationOf(sender) == OUTCAST:
            return False
        return self.configuration.get("pubsub#publish_model") == "open" or self.isPublisher(sender)

    def accountFor(self, sender: str) -> str:
        """
        For whom what somebody publishes counts: the account that created the node, if the sender is one that it let
        publish. Else nobody: who publishes where everybody may takes nothing from whose node it is, and a domain is
        an app server, or speaks for many.
        """
        return self.creator if "@" in self.creator and self.isPublisher(sender) else ""

    def isPublisher(self, sender: str) -> bool:
        """
        Whether somebody is one of those whom its owners let publish, or their server.
        """
        if self.affiliationOf(sender) in _MAY_PUBLISH:
            return True
        if "@" in sender or "/" in sender:
            return False
        return any(
            word in _MAY_PUBLISH and jid.rpartition("@")[2] == sender for jid, word in self.affiliations.items()
        )

    def meets(self, options: Mapping[str, tuple[str, ...]]) -> bool:
        """
        Whether it is configured as publish-options want it to be. What is not pubsub's is meant for somebody else; and
        its secret is for its type to compare.
        """
        for name, values in options.items():
            if name.startswith("pubsub#") and name != "pubsub#secret":
                wanted = tuple(_TRUTHS.get(value, value) for value in values)
                if wanted != (self.configuration.get(name),):
                    return False
        return True

    def concerns(self) -> frozenset[str]:
        """
        Bare JIDs of those to whom it means anything.
        """
        return frozenset(self.affiliations) | {_bare(jid) for jid in self.subscribers}

    def opensWith(self, secret: str) -> bool:
        """
        Whether this is its secret; compared in constant time. What has no secret does not open with any.
        """
        return self.digest is not None and compare_digest(self.digest, digest(secret))


def _bare(jid: str) -> str:
    return jid.partition("/")[0]


@dataclass(frozen=True)
class Notice:
    """
    Something that those who have subscribed to a node are to be told.

    :ivar what: ``item``, ``retract``, ``purge``, ``delete`` or ``configuration``.
    :ivar item: the item that it is about; its payload is empty where payloads are not told.
    :ivar type: of the messages: ``headline`` or ``normal``.
    :ivar wait: seconds that they wait for it, because too much is published.
    :ivar instead: of what is told once there is something newer of the same; None: of nothing.
    """

    what: str
    host: str
    node: str = field(repr=False)
    subscribers: tuple[str, ...] = field(default=(), repr=False)
    item: Item | None = None
    type: str = "headline"
    wait: float = 0.0
    instead: str | None = None
