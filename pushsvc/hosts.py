"""
A domain we serve, ready for use: what its configuration named has been loaded.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pushsvc.errors import NotAllowed, Unsupported
from pushsvc.ipushsvc import IDialect, INodeTree, INodeType
from pushsvc.model import Node, Publish


def domainOf(jid: str) -> str:
    """
    The domain of a JID.
    """
    return bareOf(jid).rpartition("@")[2]


def bareOf(jid: str) -> str:
    """
    A JID without its resource.
    """
    return jid.partition("/")[0]


@dataclass(frozen=True)
class AccessRule:
    """
    Whom something is open to.

    :ivar entries: domains and bare JIDs; None: everybody. A domain does not stand for its subdomains.
    """

    entries: tuple[str, ...] | None = None

    def allows(self, jid: str) -> bool:
        """
        Whether this JID, or its domain, is among the entries.
        """
        return self.entries is None or bareOf(jid) in self.entries or domainOf(jid) in self.entries


@dataclass(frozen=True)
class ServedHost:
    """
    A domain we serve.

    :ivar tree: which nodes exist; None: not a pubsub host.
    :ivar types: what publishes mean, by name; the first is the default type.
    :ivar dialects: the vocabularies in which devices register; empty: not a register host.
    :ivar access: who may use the commands.
    :ivar publishers: who may publish: domains, or ``owner``; None: whoever has the secret.
    :ivar appNames: the apps whose devices register here, as service discovery shows them.
    :ivar contact: to whom one may turn: ``abuse``, ``admin``, ``support`` and so on, to URIs.
    :ivar features: what the providers of these apps add to the features of the host.
    :ivar answers: how publishes were answered: ``accepted``, or the name of the error, to how often.
    :ivar payloadSize: how long an encrypted payload may be with each of these providers; None: none of them says.
    """

    name: str
    tree: INodeTree | None = None
    types: Mapping[str, INodeType] = field(default_factory=dict)
    dialects: Sequence[IDialect] = ()
    access: AccessRule = field(default_factory=AccessRule)
    publishers: tuple[str, ...] | None = None
    uniformErrors: bool = False
    withdrawals: tuple[str, ...] = ("xep-0357",)
    appNames: tuple[str, ...] = ()
    contact: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    features: tuple[str, ...] = ()
    payloadSize: int | None = None
    answers: Counter[str] = field(default_factory=Counter, repr=False, compare=False)

    async def publish(self, publish: Publish) -> None:
        """
        Find the node, see whether the sender may publish to it, and let its type do what the publish asks for.

        :raises RequestError: the publish is refused.
        :raises TryLater: it could not be accepted now.
        """
        if self.tree is None:
            raise Unsupported("publish")
        node = await self.tree.getNode(self.name, publish.node)
        if not self._mayPublish(publish.sender, node):
            raise NotAllowed("this node does not take publishes from you")
        await self.types[node.type].publish(node, publish)

    def dialectOf(self, command: str) -> IDialect | None:
        """
        Which dialect offers a command here.
        """
        for dialect in self.dialects:
            if command in dialect.commands(self.name):
                return dialect
        return None

    def _mayPublish(self, sender: str, node: Node) -> bool:
        if self.publishers is None or domainOf(sender) in self.publishers:
            return True
        if "owner" not in self.publishers or node.registration is None:
            return False
        return sender in (node.registration.owner, domainOf(node.registration.owner))


