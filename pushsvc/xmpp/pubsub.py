"""
The pubsub host (XEP-0060) as far as pushing needs it: it takes publishes.

Wokkel's PubSubService is passed by. It would parse each publish a second time, and knows no publish-options, which is
where the secret is; two verbs in a request are NotImplementedError to it, a missing node is none of its business, and
each unsupported verb needs a method. What is left to do is a table.
"""

from collections.abc import Mapping

from twisted.words.xish.domish import Element

from pushsvc.errors import BadPublish, NoSuchNode, NotAllowed, Unsupported, WrongSecret
from pushsvc.wire.namespaces import NS_PUBSUB, NS_PUBSUB_OWNER
from pushsvc.wire.notification import readPublish
from pushsvc.wire.view import View
from pushsvc.xmpp.edge import Answer, Request

# Type, namespace and verb of what we do not do, and the feature that it would take.
UNSUPPORTED = {
    ("set", NS_PUBSUB, "create"): "create-nodes",
    ("set", NS_PUBSUB, "subscribe"): "subscribe",
    ("set", NS_PUBSUB, "unsubscribe"): "subscribe",
    ("set", NS_PUBSUB, "retract"): "delete-items",
    ("get", NS_PUBSUB, "items"): "retrieve-items",
    ("get", NS_PUBSUB, "subscriptions"): "retrieve-subscriptions",
    ("get", NS_PUBSUB, "affiliations"): "retrieve-affiliations",
    ("get", NS_PUBSUB, "default"): "retrieve-default-sub",
    ("get", NS_PUBSUB, "options"): "subscription-options",
    ("set", NS_PUBSUB, "options"): "subscription-options",
    ("get", NS_PUBSUB_OWNER, "affiliations"): "modify-affiliations",
    ("set", NS_PUBSUB_OWNER, "affiliations"): "modify-affiliations",
    ("get", NS_PUBSUB_OWNER, "configure"): "config-node",
    ("set", NS_PUBSUB_OWNER, "configure"): "config-node",
    ("get", NS_PUBSUB_OWNER, "default"): "retrieve-default",
    ("set", NS_PUBSUB_OWNER, "delete"): "delete-nodes",
    ("set", NS_PUBSUB_OWNER, "purge"): "purge-nodes",
    ("get", NS_PUBSUB_OWNER, "subscriptions"): "manage-subscriptions",
    ("set", NS_PUBSUB_OWNER, "subscriptions"): "manage-subscriptions",
}

# What may stand beside a verb and is none itself.
COMPANIONS = {"publish": "publish-options", "create": "configure", "subscribe": "options"}

# How a publish that was taken is counted.
ACCEPTED = "accepted"


class PushResource:
    """
    Takes publishes, and says of everything else that it is not done here.
    """

    @property
    def answers(self) -> Mapping[tuple[str, str, str], Answer]:
        return {
            ("set", NS_PUBSUB, "pubsub"): self.onPubSub,
            ("get", NS_PUBSUB, "pubsub"): self.onPubSub,
            ("set", NS_PUBSUB_OWNER, "pubsub"): self.onPubSub,
            ("get", NS_PUBSUB_OWNER, "pubsub"): self.onPubSub,
        }

    async def onPubSub(self, request: Request) -> Element | None:
        """
        Find out what is wanted.
        """
        verb = _verbOf(request.payload)
        type = request.iq.attribute("type") or ""
        if (type, request.payload.uri, verb) == ("set", NS_PUBSUB, "publish"):
            await self.publish(request)
            return None
        feature = UNSUPPORTED.get((type, request.payload.uri, verb))
        if feature is None:
            raise BadPublish("there is no such request")
        raise Unsupported(feature)

    async def publish(self, request: Request) -> None:
        """
        Let the host take a publish. All publishers ignore what is in the result: it is empty.
        """
        host = request.host
        try:
            await host.publish(readPublish(request.iq, host.name, request.sender.full))
        except Exception as e:
            # By what it is, not by how it is told: an operator may know.
            host.answers[type(e).__name__] += 1
            if host.uniformErrors and isinstance(e, (WrongSecret, NotAllowed)):
                # Both would tell that the node exists.
                raise NoSuchNode() from None
            raise
        host.answers[ACCEPTED] += 1


def _verbOf(pubsub: View) -> str:
    verbs = [element.name for element in pubsub.elements() if element.uri == pubsub.uri]
    # Companions may stand on either side of their verb.
    for verb, companion in COMPANIONS.items():
        if verb in verbs:
            verbs = [name for name in verbs if name != companion]
    if len(verbs) != 1:
        raise BadPublish("one request at a time")
    return verbs[0]
