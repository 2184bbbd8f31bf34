"""
Every interface of pushsvc: what can be written anew beside what ships.

Methods are coroutines unless they only compute. What an implementation may raise is said here; anything else that comes
out of it is a bug, is logged as one, and costs only the request at hand.
"""

from pushsvc.ipushsvc.delivery import IDelivery, IVerdicts
from pushsvc.ipushsvc.enablements import IEnablements
from pushsvc.ipushsvc.links import IDoubting, ILink, ILinkKind
from pushsvc.ipushsvc.networks import (
    IHTTP,
    IExpiring,
    IForms,
    IPayloads,
    IProvider,
    IProviderKind,
    IPushService,
    IRelaying,
)
from pushsvc.ipushsvc.nodes import IEveryName, ILeafType, INodeTree, INodeTreeKind, INodeType, INodeTypeKind
from pushsvc.ipushsvc.outbox import IOutbox
from pushsvc.ipushsvc.owning import INodeOwning
from pushsvc.ipushsvc.publishing import IFeedKind, IPublisher, IPushPolicy, IPushPolicyKind, IStanzaFeed
from pushsvc.ipushsvc.registering import ICare, IDialect, IDialectKind, IRegistrar, IWithdrawals
from pushsvc.ipushsvc.registrations import IRegistrations, IVerdictBook
from pushsvc.ipushsvc.storage import IDepartures, INodes, IStorage, IStorageKind

__all__ = [
    "IHTTP",
    "ICare",
    "IDelivery",
    "IDepartures",
    "IDialect",
    "IDialectKind",
    "IDoubting",
    "IEnablements",
    "IEveryName",
    "IExpiring",
    "IFeedKind",
    "IForms",
    "ILeafType",
    "ILink",
    "ILinkKind",
    "INodeOwning",
    "INodeTree",
    "INodeTreeKind",
    "INodeType",
    "INodeTypeKind",
    "INodes",
    "IOutbox",
    "IPayloads",
    "IProvider",
    "IProviderKind",
    "IPublisher",
    "IPushPolicy",
    "IPushPolicyKind",
    "IPushService",
    "IRegistrar",
    "IRegistrations",
    "IRelaying",
    "IStanzaFeed",
    "IStorage",
    "IStorageKind",
    "IVerdictBook",
    "IVerdicts",
    "IWithdrawals",
]
