"""
A tree that stores the nodes that somebody creates on it (XEP-0060). Registrations are on it as well: so a host's tree
may be changed to this one and back, and nothing of what there was is lost.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from zope.interface import implementer, moduleProvides

from pushsvc.errors import NodeExists, NoSuchNode, NotAcceptable, NotAllowed, Unsupported
from pushsvc.ipushsvc import ILeafType, INodeOwning, INodes, INodeTree, INodeTreeKind, INodeType, IStorage
from pushsvc.leaf import OWNER, Item, Leaf, Notice
from pushsvc.model import Node, Publish
from pushsvc.nodetrees import rules
from pushsvc.nodetrees.options import configured, secretIn

moduleProvides(INodeTreeKind)

NODE_BYTES = 18
ITEM_BYTES = 12
NAME_MAX = 1023
# Nodes that somebody is told of in one answer.
LISTED = 1_000

# MongooseIM's clients call its push nodes so.
_PUSH, _MONGOOSE = "push", "mongoose"


@implementer(INodeTree, INodeOwning)
class Tree:
    """
    Registrations first: there are more of them, and they are remembered.
    """

    def __init__(self, nodeTypes: Mapping[str, INodeType], nodes: INodes, most: Callable[[str], int]) -> None:
        self._types = nodeTypes
        self._leafTypes = {name: type for name, type in nodeTypes.items() if ILeafType.providedBy(type)}
        self._nodes = nodes
        self._most = most

    async def getNode(self, host: str, nodeIdentifier: str) -> Node:
        for nodeType in self._types.values():
            node = await nodeType.resolve(host, nodeIdentifier)
            # Every name is a node to some types: here they have to be created.
            if node is not None and node.registration is not None:
                return node
        leaf = await self._nodes.find(host, nodeIdentifier)
        if leaf is None or leaf.type not in self._types:
            raise NoSuchNode()
        return leaf

    async def create(
        self, host: str, asker: str, node: str | None, type: str | None, options: Mapping[str, tuple[str, ...]]
    ) -> str:
        creator = rules.bare(asker)
        name = node or secrets.token_urlsafe(NODE_BYTES)
        if len(name.encode("utf-8", "surrogatepass")) > NAME_MAX or not name.isprintable():
            raise NotAcceptable("a node cannot be called that")
        kind = self._typeOf(type, options)
        new = replace(self._new(kind), identifier=name, host=host, creator=creator, affiliations={creator: OWNER})
        try:
            await self.getNode(host, name)
        except NoSuchNode:
            await self._nodes.create(configured(new, self._leafTypes[kind], options), self._most(creator))
            return name
        raise NodeExists()

    async def owned(self, host: str, asker: str, node: str) -> Leaf:
        leaf = await self._nodes.find(host, node)
        if leaf is None:
            raise NoSuchNode()
        return rules.owned(leaf, asker)

    def default(self, type: str | None) -> Leaf:
        return self._new(self._typeOf(type, {}))

    def hasSecret(self, leaf: Leaf) -> bool:
        type = self._leafTypes.get(leaf.type)
        return type is not None and bool(type.hasSecret)

    async def configure(
        self, host: str, asker: str, node: str, options: Mapping[str, tuple[str, ...]]
    ) -> Notice | None:
        def change(leaf: Leaf) -> Leaf:
            type = self._leafTypes.get(rules.owned(leaf, asker).type)
            if type is None:
                raise NotAllowed("there are no nodes of this type any more")
            return configured(leaf, type, options)

        _, leaf = await self._nodes.change(host, node, change)
        return rules.notice("configuration", leaf, None) if leaf is not None and leaf.says(rules.CONFIGURED) else None

    async def delete(self, host: str, asker: str, node: str) -> Notice | None:
        def change(leaf: Leaf) -> None:
            rules.owned(leaf, asker)

        leaf, _ = await self._nodes.change(host, node, change)
        return rules.notice("delete", leaf, None) if leaf.says(rules.DELETED) else None

    async def affiliate(self, host: str, asker: str, node: str, changes: Mapping[str, str]) -> Mapping[str, str]:
        before, after = await self._nodes.change(
            host, node, lambda leaf: rules.affiliated(rules.owned(leaf, asker), changes)
        )
        return rules.concerned(before, after or before, asker)

    async def manage(self, host: str, asker: str, node: str, changes: Mapping[str, str]) -> Sequence[str]:
        before, after = await self._nodes.change(
            host, node, lambda leaf: rules.managed(rules.owned(leaf, asker), asker, changes)
        )
        left = (after or before).subscribers
        return [jid for jid in before.subscribers if jid not in left and rules.bare(jid) != rules.bare(asker)]

    async def concerning(self, host: str, asker: str) -> Sequence[Leaf]:
        return await self._nodes.concerning(host, rules.bare(asker), LISTED)

    async def subscribe(self, host: str, asker: str, node: str, jid: str) -> None:
        await self._nodes.change(host, node, lambda leaf: rules.subscribed(leaf, asker, jid))

    async def unsubscribe(self, host: str, asker: str, node: str, jid: str) -> None:
        await self._nodes.change(host, node, lambda leaf: rules.unsubscribed(leaf, asker, jid))

    async def unreachable(self, host: str, jid: str) -> None:
        for leaf in await self._nodes.concerning(host, rules.bare(jid), LISTED):
            if jid in leaf.subscribers:
                try:
                    await self._nodes.change(host, leaf.identifier, lambda known: rules.without(known, jid))
                except NoSuchNode:
                    # It went meanwhile, with its subscriptions.
                    continue

    async def item(self, host: str, asker: str, node: str) -> Item | None:
        leaf = await self._nodes.find(host, node)
        if leaf is None:
            raise NoSuchNode()
        return rules.kept(rules.seen(leaf, asker)).item

    async def published(self, leaf: Leaf, publish: Publish) -> Notice | None:
        if not self._leafTypes[leaf.type].isKept:
            return None
        item = Item(publish.itemId or secrets.token_urlsafe(ITEM_BYTES), publish.payload or "")
        if leaf.says(rules.PERSISTENT):
            _, now = await self._nodes.change(leaf.host, leaf.identifier, lambda known: replace(known, item=item))
            leaf = now or leaf
        return rules.notice("item", leaf, item)

    async def retract(
        self, host: str, asker: str, node: str, item: str | None, notify: bool = False
    ) -> Notice | None:
        leaf, _ = await self._nodes.change(host, node, lambda known: rules.retracted(known, asker, item))
        if not (notify or leaf.says(rules.RETRACTED)):
            return None
        return rules.notice("purge" if item is None else "retract", leaf, leaf.item)

    def _new(self, type: str) -> Leaf:
        return Leaf("", type, host="", creator="", configuration=dict(self._leafTypes[type].defaults))

    def _typeOf(self, asked: str | None, options: Mapping[str, tuple[str, ...]]) -> str:
        withSecret = secretIn(options) is not None
        if asked is None:
            # Who gives a secret wants one.
            fitting = [name for name, type in self._leafTypes.items() if type.hasSecret or not withSecret]
            return (fitting or list(self._leafTypes))[0]
        if asked == _PUSH and _MONGOOSE in self._leafTypes and (not withSecret or _PUSH not in self._leafTypes):
            return _MONGOOSE
        if asked not in self._leafTypes:
            raise Unsupported("create-nodes")
        return asked


def makeNodeTree(
    nodeTypes: Mapping[str, INodeType], storage: IStorage, most: Callable[[str], int]
) -> INodeTree:
    for name, nodeType in nodeTypes.items():
        if not ILeafType.providedBy(nodeType):
            raise ValueError(f"nodes of type {name!r} cannot be created: it is for nodetree = \"virtual\"")
    return Tree(nodeTypes, storage.nodes, most)
