"""
A tree that stores nothing: every name is a node if one of the host's types says so.
"""

from collections.abc import Callable, Mapping

from zope.interface import implementer, moduleProvides

from pushsvc.errors import NoSuchNode
from pushsvc.ipushsvc import INodeTree, INodeTreeKind, INodeType, IStorage
from pushsvc.model import Node

moduleProvides(INodeTreeKind)


@implementer(INodeTree)
class VirtualTree:
    """
    Asks the types in their order, the default type first.
    """

    def __init__(self, nodeTypes: Mapping[str, INodeType]) -> None:
        self._types = tuple(nodeTypes.values())

    async def getNode(self, host: str, nodeIdentifier: str) -> Node:
        for nodeType in self._types:
            node = await nodeType.resolve(host, nodeIdentifier)
            if node is not None:
                return node
        raise NoSuchNode()


def makeNodeTree(
    nodeTypes: Mapping[str, INodeType], storage: IStorage | None = None, most: Callable[[str], int] = lambda creator: 0
) -> INodeTree:
    return VirtualTree(nodeTypes)
