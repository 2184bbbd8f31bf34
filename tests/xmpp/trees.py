"""
Hosts whose nodes are stored, or are devices; with a delivery that only writes down what it accepts.
"""

from dataclasses import dataclass, field

from twisted.internet.task import Clock
from zope.interface import implementer

from pushsvc.hosts import AccessRule, ServedHost
from pushsvc.ipushsvc import IDelivery
from pushsvc.nodetrees import tree, virtual
from pushsvc.nodetypes import flat, mongoose, push, token
from pushsvc.storage.memory import MemoryStorage
from tests.delivery.network import Network, app

TREE = "tree.example.net"
MONGOOSE = "mongoose.example.net"
TOKEN = "token.example.net"
VIRTUAL = "virtual.example.net"
MOST = 5


@implementer(IDelivery)
@dataclass
class Accepted:
    """
    What was accepted: targets and notifications.
    """

    pushes: list = field(default_factory=list)

    async def accept(self, target, notification, publisher="", account=""):
        self.pushes.append((target, notification))


def opened():
    storage = MemoryStorage(Clock())
    storage.open()
    return storage


@dataclass
class Trees:
    """
    One host of each, on one storage.

    :ivar hosts: of type ``push`` and ``flat`` on a tree; ``mongoose`` on a tree, and virtual; ``token``.
    """

    storage: MemoryStorage = field(default_factory=opened)
    delivery: Accepted = field(default_factory=Accepted)
    network: Network = field(default_factory=Network)

    def __post_init__(self):
        self.apps = {
            each.name: each
            for each in (
                app(self.network, "monalProdiOS", kind="apns", pubsubHost=TOKEN, default=True),
                app(self.network, "quicksyProdiOS", kind="apns", pubsubHost=TOKEN),
                app(self.network, "chat", kind="apns", pubsubHost=MONGOOSE),
                app(self.network, "virtualChat", kind="apns", pubsubHost=VIRTUAL),
            )
        }
        self.hosts = [
            self.host(TREE, tree, {"push": push, "flat": flat}),
            self.host(MONGOOSE, tree, {"mongoose": mongoose}),
            self.host(VIRTUAL, virtual, {"mongoose": mongoose}),
            self.host(TOKEN, virtual, {"token": token}),
        ]

    def host(self, name, trees, kinds, **more):
        types = {
            kind: module.makeNodeType(self.storage, self.delivery, self.apps) for kind, module in kinds.items()
        }
        made = trees.makeNodeTree(types, self.storage, lambda creator: MOST)
        return ServedHost(name, made, types, access=AccessRule(more.pop("access", None)), **more)
