"""
Nodes that are registrations: whoever knows the secret that registration gave may wake the device (XEP-0357). Some
registrations give none: then the owner's server may.

Where nodes can be created, those of app servers elsewhere are of this type too, such as Oshiya's: each has the secret
that its owner gave it, and what is published is passed on to who has subscribed.

Publish-options other than the secret (``secret``, or ``pubsub#secret`` as the node's option is called) are passed over,
but for ``environment``, and ``sandbox``, which clients of Openfire's push server send: they say where the push goes if
the registration does not.
"""

from collections.abc import Mapping
from dataclasses import replace

from zope.interface import implementer, moduleProvides

from pushsvc.apps import App
from pushsvc.errors import BadPublish, WrongSecret
from pushsvc.ipushsvc import IDelivery, ILeafType, INodeType, INodeTypeKind, IRegistrations, IStorage
from pushsvc.jids import bareOf, domainOf
from pushsvc.leaf import Leaf
from pushsvc.model import NO_SECRET, Node, Publish, Registration, Target

moduleProvides(INodeTypeKind)


_SANDBOX = {"true": "sandbox", "1": "sandbox"}
_ENVIRONMENTS = {"sandbox": "sandbox", "development": "sandbox", "production": "production"}


@implementer(INodeType, ILeafType)
class PushNodeType:
    """
    Checks the secret and hands the notification to the delivery.
    """

    defaults: Mapping[str, str] = {
        "pubsub#deliver_notifications": "1",
        "pubsub#deliver_payloads": "1",
        "pubsub#notify_config": "0",
        "pubsub#notify_delete": "0",
        "pubsub#notify_retract": "1",
        "pubsub#persist_items": "1",
        "pubsub#max_items": "1",
        "pubsub#access_model": "whitelist",
        "pubsub#publish_model": "publishers",
        "pubsub#notification_type": "headline",
        "pubsub#send_last_published_item": "never",
        "pubsub#presence_based_delivery": "0",
        "pubsub#type": "urn:xmpp:push:0",
    }
    fixed = frozenset({"pubsub#type"})
    hasSecret = True
    isKept = True
    takesAnything = False

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
            _openLeaf(node, publish)
            return
        # Whoever publishes as a user counts with everybody else of that user's server.
        domain = domainOf(publish.sender)
        used = _used(registration, publish)
        if used != registration.digests[0]:
            # A newer secret is in use: the user's server has it, so those before it are over.
            await self._registrations.secretUsed(registration.node, used)
        target = _inEnvironment(registration.target, publish.options)
        for notification in publish.notifications:
            await self._delivery.accept(target, notification, domain, registration.owner)


def _used(registration: Registration, publish: Publish) -> bytes:
    # The digest of the secret that opens it.
    given = _secretsIn(publish.options)
    secret = given[0] if given else NO_SECRET
    # No secret is one that everybody knows: it is the owner's server only that needs no other, or the owner in whose
    # name it speaks; not everybody else who has an account there.
    isKnown = len(given) <= 1 and (secret != NO_SECRET or _isTheOwners(registration.owner, publish.sender))
    used = registration.usedDigest(secret) if isKnown else None
    if used is None:
        raise WrongSecret()
    return used


def _isTheOwners(owner: str, sender: str) -> bool:
    return bareOf(sender) in (owner, domainOf(owner))


def _openLeaf(node: Node, publish: Publish) -> None:
    given = _secretsIn(publish.options)
    if not isinstance(node, Leaf) or len(given) != 1 or not node.opensWith(given[0]):
        raise WrongSecret()
    if not publish.notifications:
        raise BadPublish("the payload of a push is a notification", "invalid-payload")


def _secretsIn(options: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    # Whoever takes XEP-0060 at its word calls the option of a publish what the node's is called. Who says both, for
    # services of either sort, is taken at ours.
    return options.get("secret") or options.get("pubsub#secret", ())


def _inEnvironment(target: Target, options: Mapping[str, tuple[str, ...]]) -> Target:
    if "environment" in options:
        said, words = options["environment"], _ENVIRONMENTS
    elif "sandbox" in options:
        said, words = options["sandbox"], _SANDBOX
    else:
        return target
    environment = words.get(said[0].strip().lower()) if len(said) == 1 else None
    if environment is None or "environment" in target.details:
        return target
    return replace(target, details={**target.details, "environment": environment})


def makeNodeType(storage: IStorage, delivery: IDelivery, apps: Mapping[str, App]) -> INodeType:
    return PushNodeType(storage.registrations, delivery)
