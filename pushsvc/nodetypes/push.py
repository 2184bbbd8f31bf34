"""
Nodes that are registrations: whoever knows the secret that registration gave may wake the device (XEP-0357).
"""

from zope.interface import implementer, moduleProvides

from pushsvc.errors import WrongSecret
from pushsvc.ipushsvc import IDelivery, INodeType, INodeTypeKind, IRegistrations, IStorage
from pushsvc.model import Node, Publish, Registration

moduleProvides(INodeTypeKind)


@implementer(INodeType)
class PushNodeType:
    """
    Checks the secret and hands the notification to the delivery.
    """

    def __init__(self, registrations: IRegistrations, delivery: IDelivery) -> None:
        self._registrations = registrations
        self._delivery = delivery

    async def resolve(self, host: str, nodeIdentifier: str) -> Node | None:
        registration = await self._registrations.byNode(nodeIdentifier)
        if registration is None or registration.host != host:
            return None
        return Node(nodeIdentifier, "push", registration)

    async def publish(self, node: Node, publish: Publish) -> None:
        registration = node.registration
        if registration is None:
            raise WrongSecret()
        await self._open(registration, publish)
        for notification in publish.notifications:
            await self._delivery.accept(registration.target, notification)

    async def _open(self, registration: Registration, publish: Publish) -> None:
        given = publish.options.get("secret", ())
        used = registration.usedDigest(given[0]) if len(given) == 1 else None
        if used is None:
            raise WrongSecret()
        if used != registration.digests[0]:
            # A newer secret is in use: the user's server has it, so those before it are over.
            await self._registrations.secretUsed(registration.node, used)


def makeNodeType(storage: IStorage, delivery: IDelivery) -> INodeType:
    return PushNodeType(storage.registrations, delivery)
