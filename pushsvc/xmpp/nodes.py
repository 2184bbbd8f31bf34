"""
What owners of nodes and those who subscribe to them ask for (XEP-0060, sections 5 to 8): a table of its own, for hosts
on which nodes can be created.
"""

from collections.abc import Awaitable, Callable, Mapping
from secrets import token_urlsafe

from twisted.words.xish.domish import Element

from pushsvc.errors import (
    BadPublish,
    ClosedNode,
    NoSuchNode,
    NotAcceptable,
    NotAllowed,
    NotSubscribed,
    QuotaReached,
    Unsupported,
)
from pushsvc.hosts import ServedHost
from pushsvc.ipushsvc import INodeOwning
from pushsvc.leaf import Notice
from pushsvc.wire import noderequests as asked
from pushsvc.wire import nodes as told
from pushsvc.wire.namespaces import NS_PUBSUB, NS_PUBSUB_OWNER
from pushsvc.wire.nodeconfiguration import writeConfiguration
from pushsvc.wire.view import View
from pushsvc.xmpp.edge import Request
from pushsvc.xmpp.telling import Telling

_NODE_BYTES = 18

# Gets a request, its verb, and what the host can do; returns the payload of the result.
Answer = Callable[[Request, View, INodeOwning], Awaitable[Element | None]]


class NodeRequests:
    """
    Answers them, and tells those who have subscribed.
    """

    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self.answers: Mapping[tuple[str, str, str], Answer] = {
            ("set", NS_PUBSUB, "create"): self.onCreate,
            ("set", NS_PUBSUB, "subscribe"): self.onSubscribe,
            ("set", NS_PUBSUB, "unsubscribe"): self.onUnsubscribe,
            ("set", NS_PUBSUB, "retract"): self.onRetract,
            ("get", NS_PUBSUB, "items"): self.onItems,
            ("get", NS_PUBSUB, "subscriptions"): self.onSubscriptions,
            ("get", NS_PUBSUB, "affiliations"): self.onOwnAffiliations,
            ("get", NS_PUBSUB_OWNER, "affiliations"): self.onAffiliations,
            ("set", NS_PUBSUB_OWNER, "affiliations"): self.onAffiliate,
            ("get", NS_PUBSUB_OWNER, "configure"): self.onConfiguration,
            ("set", NS_PUBSUB_OWNER, "configure"): self.onConfigure,
            ("get", NS_PUBSUB_OWNER, "default"): self.onDefault,
            ("get", NS_PUBSUB_OWNER, "subscriptions"): self.onSubscribers,
            ("set", NS_PUBSUB_OWNER, "subscriptions"): self.onManage,
            ("set", NS_PUBSUB_OWNER, "delete"): self.onDelete,
            ("set", NS_PUBSUB_OWNER, "purge"): self.onPurge,
        }

    def find(self, request: Request, wanted: tuple[str, str, str]) -> Awaitable[Element | None] | None:
        """
        The answer to a request; None: it is not for us.

        :param wanted: the type of the IQ, the namespace, and the verb.
        """
        verb = next(each for each in request.payload.elements() if each.qname == wanted[1:])
        owning = request.host.owning
        if owning is not None:
            answer = self.answers.get(wanted)
            if answer is None:
                return None
            answering = answer(request, verb, owning)
            # Who creates a node asks of none.
            isUniform = request.host.uniformErrors and wanted[2] != "create"
            return _uniform(answering) if isUniform else answering
        if request.host.hasEveryName and wanted in _NEEDLESS:
            return _needless(request, wanted[2])
        return None

    def tell(self, host: ServedHost, notice: Notice | None) -> None:
        """
        Tell those who have subscribed.
        """
        if notice is not None:
            self._telling.tell(host, notice)

    async def onCreate(self, request: Request, verb: View, owning: INodeOwning) -> Element | None:
        """
        Create a node: for whom the host's rule lets.
        """
        _mayCreate(request)
        new = asked.readCreate(request.payload)
        name = await owning.create(request.host.name, request.sender.full, new.node, new.type, new.options)
        return None if new.node is not None else told.writeCreated(name)

    async def onConfiguration(self, request: Request, verb: View, owning: INodeOwning) -> Element:
        """
        Show how a node is configured.
        """
        leaf = await owning.owned(request.host.name, request.sender.full, asked.nodeOf(verb))
        return writeConfiguration(leaf, owning.hasSecret(leaf))

    async def onConfigure(self, request: Request, verb: View, owning: INodeOwning) -> None:
        """
        Configure a node.
        """
        node, options = asked.nodeOf(verb), asked.readConfigure(verb)
        if options is None:
            # Canceled; that is for owners too.
            await owning.owned(request.host.name, request.sender.full, node)
            return
        self.tell(request.host, await owning.configure(request.host.name, request.sender.full, node, options))

    async def onDefault(self, request: Request, verb: View, owning: INodeOwning) -> Element:
        """
        Show how nodes are configured of which nothing is said.
        """
        leaf = owning.default(verb.attribute("type"))
        return writeConfiguration(leaf, owning.hasSecret(leaf), "default")

    async def onDelete(self, request: Request, verb: View, owning: INodeOwning) -> None:
        """
        Delete a node.
        """
        self.tell(request.host, await owning.delete(request.host.name, request.sender.full, asked.nodeOf(verb)))

    async def onAffiliations(self, request: Request, verb: View, owning: INodeOwning) -> Element:
        """
        Show who is what to a node.
        """
        leaf = await owning.owned(request.host.name, request.sender.full, asked.nodeOf(verb))
        return told.writeAffiliations(leaf)

    async def onAffiliate(self, request: Request, verb: View, owning: INodeOwning) -> None:
        """
        Change that, and tell those whom it concerns.
        """
        node, changes = asked.nodeOf(verb), asked.readAffiliations(verb)
        concerned = await owning.affiliate(request.host.name, request.sender.full, node, changes)
        for jid, word in concerned.items():
            self._telling.affiliated(request.host, request.sender, node, jid, word)

    async def onSubscribers(self, request: Request, verb: View, owning: INodeOwning) -> Element:
        """
        Show who is told of what is published to a node.
        """
        leaf = await owning.owned(request.host.name, request.sender.full, asked.nodeOf(verb))
        return told.writeSubscriptions(leaf)

    async def onManage(self, request: Request, verb: View, owning: INodeOwning) -> None:
        """
        Change that, and tell those who are told no more.
        """
        node, changes = asked.nodeOf(verb), asked.readSubscriptions(verb)
        for jid in await owning.manage(request.host.name, request.sender.full, node, changes):
            self._telling.unsubscribed(request.host, request.sender, node, jid)

    async def onOwnAffiliations(self, request: Request, verb: View, owning: INodeOwning) -> Element:
        """
        Show what the asker is to nodes.
        """
        leaves = await owning.concerning(request.host.name, request.sender.full)
        return told.writeOwnAffiliations(leaves, request.sender.bare, verb.attribute("node") or None)

    async def onSubscriptions(self, request: Request, verb: View, owning: INodeOwning) -> Element:
        """
        Show what the asker is told of.
        """
        leaves = await owning.concerning(request.host.name, request.sender.full)
        return told.writeOwnSubscriptions(leaves, request.sender.bare, verb.attribute("node") or None)

    async def onSubscribe(self, request: Request, verb: View, owning: INodeOwning) -> Element:
        """
        Tell the asker from now on.
        """
        if request.payload.children(NS_PUBSUB, "options"):
            raise Unsupported("subscription-options")
        wanted = asked.readSubscribing(verb)
        if wanted.jid not in (request.sender.bare, request.sender.full):
            raise BadPublish("this JID is somebody else's", "invalid-jid")
        await owning.subscribe(request.host.name, request.sender.full, wanted.node, wanted.jid)
        return told.writeSubscribed(wanted.node, wanted.jid)

    async def onUnsubscribe(self, request: Request, verb: View, owning: INodeOwning) -> None:
        """
        Tell the asker no more.
        """
        wanted = asked.readSubscribing(verb)
        if wanted.subid:
            # There is one subscription for each JID: it has no other name.
            raise NotAcceptable("subscriptions have no ids here", "invalid-subid")
        await owning.unsubscribe(request.host.name, request.sender.full, wanted.node, wanted.jid)

    async def onItems(self, request: Request, verb: View, owning: INodeOwning) -> Element:
        """
        Show what was published last.
        """
        node = asked.nodeOf(verb)
        item = await owning.item(request.host.name, request.sender.full, node)
        return told.writeItems(node, told.findItem(item, asked.readItemIds(verb)))

    async def onRetract(self, request: Request, verb: View, owning: INodeOwning) -> None:
        """
        Take an item back.
        """
        node, ids = asked.nodeOf(verb), asked.readItemIds(verb)
        if len(ids) != 1 or not ids[0]:
            raise BadPublish("one item, by its id", "item-required")
        notify = verb.attribute("notify") in ("true", "1")
        self.tell(request.host, await owning.retract(request.host.name, request.sender.full, node, ids[0], notify))

    async def onPurge(self, request: Request, verb: View, owning: INodeOwning) -> None:
        """
        Take back whatever there is.
        """
        self.tell(request.host, await owning.retract(request.host.name, request.sender.full, asked.nodeOf(verb), None))


# What is as it should be where every name is a node.
_NEEDLESS = {
    ("set", NS_PUBSUB, "create"),
    ("set", NS_PUBSUB_OWNER, "affiliations"),
    ("set", NS_PUBSUB_OWNER, "configure"),
    ("set", NS_PUBSUB_OWNER, "delete"),
}


async def _uniform(answering: Awaitable[Element | None]) -> Element | None:
    """
    :raises NoSuchNode: also of what would tell that the node exists.
    """
    try:
        return await answering
    except QuotaReached:
        raise
    except (NotAllowed, ClosedNode, NotSubscribed):
        raise NoSuchNode() from None


async def _needless(request: Request, verb: str) -> Element | None:
    if verb != "create":
        return None
    _mayCreate(request)
    new = asked.readCreate(request.payload)
    return None if new.node is not None else told.writeCreated(token_urlsafe(_NODE_BYTES))


def _mayCreate(request: Request) -> None:
    if not request.host.access.allows(request.sender.bare):
        raise NotAllowed("nodes of this host are not for you to create")
