"""
Pubsub: which nodes there are, and what a publish means.
"""

from collections.abc import Callable, Mapping
from typing import Any

from zope.interface import Attribute, Interface

from pushsvc.model import Node, Publish


class INodeTree(Interface):
    """
    Which nodes exist on a host.
    """

    async def getNode(host: str, nodeIdentifier: str) -> Node:
        """
        The node of this name.

        :raises NoSuchNode: there is none.
        :raises TryLater: storage trouble.
        """


class INodeTreeKind(Interface):
    """
    A module in ``pushsvc/nodetrees``.
    """

    def makeNodeTree(nodeTypes: Mapping[str, Any], storage: Any, most: Callable[[str], int]) -> Any:
        """
        An `INodeTree`; an `INodeOwning` too, if nodes can be created on it.

        :param nodeTypes: names to `INodeType`s, in the order of the configuration; the first is the default type.
        :param storage: an `IStorage`.
        :param most: how many nodes somebody, of this bare JID, may have.
        :raises ValueError: these types are not for this tree; the text says why.
        """


class INodeType(Interface):
    """
    What a publish means.
    """

    async def resolve(host: str, nodeIdentifier: str) -> Node | None:
        """
        For trees on which every name is a node: the node that this name stands for.

        :returns: None when this type knows no such node.
        :raises TryLater: storage trouble.
        """

    async def publish(node: Node, publish: Publish) -> None:
        """
        Do what the publish asks for.

        :raises RequestError: the publish is refused.
        :raises TryLater: it could not be accepted now.
        """


class ILeafType(Interface):
    """
    What a node type is beside being an `INodeType` when nodes of it can be created.
    """

    defaults = Attribute("Options of ``pubsub#node_config`` of a new node, each with its one value.")
    fixed = Attribute("Those of them that nothing else can be chosen for.")
    hasSecret = Attribute("Whether its nodes have a secret.")
    isKept = Attribute("Whether what is published is kept, and passed on to who has subscribed.")
    takesAnything = Attribute("Whether something else than push notifications may be published.")


class IEveryName(Interface):
    """
    Says of a node type, beside its being an `INodeType`, that on a tree that stores nothing every name is a node of it.
    Who wants to create one there has it already.
    """


class INodeTypeKind(Interface):
    """
    A module in ``pushsvc/nodetypes``.
    """

    def makeNodeType(storage: Any, delivery: Any, apps: Mapping[str, Any]) -> Any:
        """
        An `INodeType`.

        :param storage: an `IStorage`.
        :param delivery: an `IDelivery`.
        :param apps: all apps (`pushsvc.apps.App`) by their names; it may change.
        """
