"""
Nodes that are devices: the node's name is the token, and nothing is registered (fpush; Monal, Quicksy, yaxim).

The option ``pushModule`` names the app, where there are several without a default; other options are passed over.
Whoever knows the token may wake the device, so this is for hosts that want it, and best for hosts of its own: where it
stands after another type, whatever that one does not know is taken for a token.
"""

from collections.abc import Mapping

from zope.interface import implementer, moduleProvides

from pushsvc.apps import App
from pushsvc.errors import BadForm, DeviceForgotten, NoSuchNode
from pushsvc.ipushsvc import IDelivery, IDepartures, INodeType, INodeTypeKind, IStorage
from pushsvc.jids import domainOf
from pushsvc.model import Node, Publish
from pushsvc.targets import ofToken

moduleProvides(INodeTypeKind)


@implementer(INodeType)
class TokenNodeType:
    """
    Hands notifications to the delivery, but for devices of which the network said that they are gone.
    """

    def __init__(self, departures: IDepartures, delivery: IDelivery, apps: Mapping[str, App]) -> None:
        self._departures = departures
        self._delivery = delivery
        self._apps = apps

    async def resolve(self, host: str, nodeIdentifier: str) -> Node | None:
        return Node(nodeIdentifier, "token")

    async def publish(self, node: Node, publish: Publish) -> None:
        try:
            target = ofToken(self._apps.values(), publish.host, node.identifier, publish.options)
        except BadForm:
            raise NoSuchNode("this cannot be a token") from None
        if await self._departures.isGone(target.key):
            raise DeviceForgotten("the device is gone")
        for notification in publish.notifications:
            await self._delivery.accept(target, notification, domainOf(publish.sender))


def makeNodeType(storage: IStorage, delivery: IDelivery, apps: Mapping[str, App]) -> INodeType:
    return TokenNodeType(storage.departures, delivery, apps)
