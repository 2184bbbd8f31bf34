"""
Plain nodes of pubsub, as they are anywhere (XEP-0060): whoever may publish does so, and whoever has subscribed is told.
There is no secret, and the payload is whatever it is.
"""

from collections.abc import Mapping

from zope.interface import implementer, moduleProvides

from pushsvc.apps import App
from pushsvc.ipushsvc import IDelivery, ILeafType, INodeType, INodeTypeKind, IStorage
from pushsvc.model import Node, Publish

moduleProvides(INodeTypeKind)


@implementer(INodeType, ILeafType)
class FlatNodeType:
    """
    Wants nothing of a publish.
    """

    defaults: Mapping[str, str] = {
        "pubsub#deliver_notifications": "1",
        "pubsub#deliver_payloads": "1",
        "pubsub#notify_config": "0",
        "pubsub#notify_delete": "1",
        "pubsub#notify_retract": "1",
        "pubsub#persist_items": "1",
        "pubsub#max_items": "1",
        "pubsub#access_model": "whitelist",
        "pubsub#publish_model": "publishers",
        "pubsub#notification_type": "headline",
        "pubsub#send_last_published_item": "never",
        "pubsub#presence_based_delivery": "0",
    }
    fixed: frozenset[str] = frozenset()
    hasSecret = False
    isKept = True
    takesAnything = True

    async def resolve(self, host: str, nodeIdentifier: str) -> Node | None:
        # They have to be created.
        return None

    async def publish(self, node: Node, publish: Publish) -> None:
        """
        That somebody may, the host has seen to already.
        """


def makeNodeType(storage: IStorage, delivery: IDelivery, apps: Mapping[str, App]) -> INodeType:
    return FlatNodeType()
