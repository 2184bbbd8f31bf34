"""
A domain we serve, ready for use: what its configuration named has been loaded.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from pushsvc.errors import NoSuchNode, NotAllowed, PreconditionNotMet, Unsupported
from pushsvc.ipushsvc import IDialect, IEveryName, INodeOwning, INodeTree, INodeType
from pushsvc.jids import bareOf, domainOf
from pushsvc.leaf import Leaf, Notice
from pushsvc.model import Node, Publish


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
    :ivar access: who may use the commands, and create nodes.
    :ivar publishers: who may publish: domains, or ``owner``; None: whoever has the secret.
    :ivar appNames: the apps whose devices register here, as service discovery shows them.
    :ivar contact: to whom one may turn: ``abuse``, ``admin``, ``support`` and so on, to URIs.
    :ivar features: what the providers of these apps add to the features of the host.
    :ivar answers: how publishes were answered: ``accepted``, or the name of the error, to how often.
    :ivar push2: whether notifications as the draft "push 2" has them are taken.
    :ivar delay: how many seconds what is passed on to those who have subscribed has to wait, by the limits: of a
        publishing domain, an account and a node.
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
    push2: bool = False
    delay: Callable[[str, str, str], float] = field(default=lambda publisher, account, node: 0.0, compare=False)
    answers: Counter[str] = field(default_factory=Counter, repr=False, compare=False)

    @cached_property
    def owning(self) -> INodeOwning | None:
        """
        What owners can ask for; None: nobody can create nodes here.
        """
        return INodeOwning(self.tree, None) if self.tree is not None else None

    @cached_property
    def hasEveryName(self) -> bool:
        """
        Whether every name is a node here, so that there is no need to create one.
        """
        return self.owning is None and any(IEveryName.providedBy(type) for type in self.types.values())

    async def publish(self, publish: Publish) -> Notice | None:
        """
        Find the node, see whether the sender may publish to it, and let its type do what the publish asks for.

        :returns: who else is to be told of it.
        :raises RequestError: the publish is refused.
        :raises TryLater: it could not be accepted now.
        """
        if self.tree is None:
            raise Unsupported("publish")
        node = await self.tree.getNode(self.name, publish.node)
        if not self._mayPublish(publish.sender, node):
            raise NotAllowed("this node does not take publishes from you")
        if not isinstance(node, Leaf) or self.owning is None:
            await self.types[node.type].publish(node, publish)
            return None
        if not node.meets(publish.options):
            if self.uniformErrors and not node.isPublisher(publish.sender):
                # Where anybody may publish, anybody would learn by it that there is a node.
                raise NoSuchNode()
            raise PreconditionNotMet("this node is not configured so")
        await self.types[node.type].publish(node, publish)
        notice = await self.owning.published(node, publish)
        if notice is None:
            return None
        # Whoever publishes counts as he does for registrations; what there are push networks for they count themselves.
        wait = self.delay(domainOf(publish.sender), node.accountFor(publish.sender), f"{self.name}/{node.identifier}")
        return replace(notice, wait=wait, instead=_insteadOf(publish))

    def dialectOf(self, command: str) -> IDialect | None:
        """
        Which dialect offers a command here.
        """
        for dialect in self.dialects:
            if command in dialect.commands(self.name):
                return dialect
        return None

    def _mayPublish(self, sender: str, node: Node) -> bool:
        isLeaf = isinstance(node, Leaf)
        if isinstance(node, Leaf) and not node.mayPublish(sender):
            return False
        if self.publishers is None or domainOf(sender) in self.publishers:
            return True
        if "owner" not in self.publishers or node.registration is None:
            # Where somebody created the node it is he who lets others publish.
            return isLeaf and "owner" in self.publishers
        return sender in (node.registration.owner, domainOf(node.registration.owner))


def _insteadOf(publish: Publish) -> str | None:
    # As for devices: a newer one of the same kind says it all, but for what only the device can read.
    if any(notification.encrypted is not None for notification in publish.notifications):
        return None
    return " ".join([notification.kind.value for notification in publish.notifications])
