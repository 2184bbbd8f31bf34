"""
The pubsub host (XEP-0060) as far as pushing needs it: it takes publishes.

Wokkel's PubSubService is passed by. It would parse each publish a second time, and knows no publish-options, which is
where the secret is; two verbs in a request are NotImplementedError to it, a missing node is none of its business, and
each unsupported verb needs a method. What is left to do is a table.
"""

from collections.abc import Awaitable, Mapping

from twisted.words.xish.domish import Element

from pushsvc.errors import BadPublish, NoSuchNode, NotAllowed, Unsupported, WrongSecret
from pushsvc.hosts import ServedHost
from pushsvc.leaf import Notice
from pushsvc.model import Publish
from pushsvc.wire.namespaces import NS_PUBSUB, NS_PUBSUB_OWNER
from pushsvc.wire.nodes import writePublished
from pushsvc.wire.notification import readPublish
from pushsvc.wire.view import View
from pushsvc.xmpp.edge import Answer, Request
from pushsvc.xmpp.nodes import NodeRequests

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

# What is no verb itself when it stands beside this one, on either side.
COMPANIONS = {"publish-options": "publish", "configure": "create", "options": "subscribe"}

# How a publish that was taken is counted.
ACCEPTED = "accepted"


class PushResource:
    """
    Takes publishes, leaves what is about nodes to who knows of them, and says of everything else that it is not done
    here.
    """

    def __init__(self, nodes: NodeRequests) -> None:
        self._nodes = nodes

    @property
    def answers(self) -> Mapping[tuple[str, str, str], Answer]:
        return {
            ("set", NS_PUBSUB, "pubsub"): self.onPubSub,
            ("get", NS_PUBSUB, "pubsub"): self.onPubSub,
            ("set", NS_PUBSUB_OWNER, "pubsub"): self.onPubSub,
            ("get", NS_PUBSUB_OWNER, "pubsub"): self.onPubSub,
        }

    def onPubSub(self, request: Request) -> Awaitable[Element | None]:
        """
        Find out what is wanted. The request is read at once, for it is not to be kept until there is an answer.
        """
        type, namespace, _ = request.kind
        wanted = type, namespace, _verbOf(request.payload, namespace)
        if wanted == ("set", NS_PUBSUB, "publish"):
            return self.publish(request.host, self._read(request))
        feature = UNSUPPORTED.get(wanted)
        if feature is None:
            raise BadPublish("there is no such request")
        answer = self._nodes.find(request, wanted)
        if answer is not None:
            return answer
        raise Unsupported(feature)

    async def publish(self, host: ServedHost, publish: Publish) -> Element | None:
        """
        Let the host take a publish. Where nothing is kept, the result is empty: all publishers ignore what is in it.
        """
        notice = await take(host, publish)
        if notice is None or notice.item is None:
            return None
        self._nodes.tell(host, notice)
        return writePublished(notice.node, notice.item)

    def _read(self, request: Request) -> Publish:
        try:
            return readPublish(
                request.iq, request.host.name, request.sender.full, request.host.owning is not None
            )
        except Exception as e:
            _count(request.host, e)
            raise


async def take(host: ServedHost, publish: Publish) -> Notice | None:
    """
    Let the host take a publish, and count how it is answered.

    :raises RequestError: it is refused, in the words that the host has for that.
    :raises TryLater: it could not be accepted now.
    """
    try:
        notice = await host.publish(publish)
    except Exception as e:
        _count(host, e)
        if host.uniformErrors and isinstance(e, (WrongSecret, NotAllowed)):
            # Both would tell that the node exists.
            raise NoSuchNode() from None
        raise
    host.answers[ACCEPTED] += 1
    return notice


def _count(host: ServedHost, error: Exception) -> None:
    # By what it is, not by how it is told: an operator may know.
    host.answers[type(error).__name__] += 1


def _verbOf(pubsub: View, namespace: str) -> str:
    names = pubsub.names(namespace)
    verbs = [name for name in names if COMPANIONS.get(name) not in names]
    if len(verbs) != 1:
        raise BadPublish("one request at a time")
    return verbs[0]
