"""
MongooseIM's push nodes: who publishes says in the publish-options to which device. ``service`` and ``device_id`` are
needed; ``mode``, ``topic``, ``silent``, ``priority``, ``sound``, ``click_action``, ``mutable_content`` and
``time_to_live`` are for the network, if it knows them.

Clients create a node and let their server publish to it; where nodes are virtual there is none to create, and every
name will do. Whoever may publish to a node may wake any device whose token he knows.
"""

from collections.abc import Mapping
from dataclasses import replace

from zope.interface import implementer, moduleProvides

from pushsvc.apps import App
from pushsvc.errors import BadPublish, DeviceForgotten, RequestError
from pushsvc.ipushsvc import (
    IDelivery,
    IDepartures,
    IEveryName,
    ILeafType,
    INodeType,
    INodeTypeKind,
    IStorage,
)
from pushsvc.jids import domainOf
from pushsvc.leaf import Leaf
from pushsvc.model import Node, Notification, Priority, Publish, Target
from pushsvc.targets import ofOptions

moduleProvides(INodeTypeKind)

# In whose words refusals are told.
WORDS = "mongooseim"

_PRIORITIES = {"high": Priority.HIGH, "normal": Priority.NORMAL}


@implementer(INodeType, ILeafType, IEveryName)
class MongooseNodeType:
    """
    Hands notifications to the app of the service that they name.
    """

    defaults: Mapping[str, str] = {
        "pubsub#deliver_notifications": "1",
        "pubsub#deliver_payloads": "1",
        "pubsub#notify_config": "0",
        "pubsub#notify_delete": "0",
        "pubsub#notify_retract": "0",
        "pubsub#persist_items": "0",
        "pubsub#max_items": "1",
        "pubsub#access_model": "whitelist",
        "pubsub#publish_model": "open",
        "pubsub#notification_type": "headline",
        "pubsub#send_last_published_item": "on_sub_and_presence",
        "pubsub#presence_based_delivery": "1",
    }
    fixed = frozenset({"pubsub#persist_items"})
    hasSecret = False
    isKept = False
    takesAnything = False

    def __init__(self, departures: IDepartures, delivery: IDelivery, apps: Mapping[str, App]) -> None:
        self._departures = departures
        self._delivery = delivery
        self._apps = apps

    async def resolve(self, host: str, nodeIdentifier: str) -> Node | None:
        return Node(nodeIdentifier, "mongoose")

    async def publish(self, node: Node, publish: Publish) -> None:
        try:
            await self._publish(node, publish)
        except RequestError as e:
            e.words = WORDS
            raise

    async def _publish(self, node: Node, publish: Publish) -> None:
        if not publish.notifications:
            raise BadPublish("the payload of a push is a notification", "invalid-payload")
        target = ofOptions(self._apps.values(), publish.host, publish.options)
        if await self._departures.isGone(target.key):
            raise DeviceForgotten("the device is gone")
        account = node.accountFor(publish.sender) if isinstance(node, Leaf) else ""
        for notification in publish.notifications:
            asked = _asked(target, notification, publish.options)
            await self._delivery.accept(target, asked, domainOf(publish.sender), account)


def _asked(target: Target, notification: Notification, options: Mapping[str, tuple[str, ...]]) -> Notification:
    wanted = options.get("priority", ())
    # Who reads the word himself is told it: there it is one thing how urgent a push is, and another what is shown.
    if len(wanted) != 1 or wanted[0] not in _PRIORITIES or "priority" in target.details:
        return notification
    return replace(notification, priority=_PRIORITIES[wanted[0]])


def makeNodeType(storage: IStorage, delivery: IDelivery, apps: Mapping[str, App]) -> INodeType:
    return MongooseNodeType(storage.departures, delivery, apps)
