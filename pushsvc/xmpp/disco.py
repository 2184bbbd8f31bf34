"""
Service discovery (XEP-0030): what a host is, what it offers, its commands, and to whom one may turn (XEP-0157).

Nodes of push registrations are shown to who registered, and to nobody else: whoever could see them could publish to
some of them. They are never listed. Nodes that somebody created are shown, and listed, to whom they concern.
"""

from collections.abc import Callable, Mapping, Sequence

from twisted.words.xish.domish import Element

from pushsvc.errors import NoSuchNode, NotAllowed
from pushsvc.hosts import ServedHost
from pushsvc.leaf import OUTCAST, OWNER, Leaf
from pushsvc.model import Node
from pushsvc.wire.caps import verOf
from pushsvc.wire.disco import Extension, Identity, Info, Item, writeInfo, writeItems
from pushsvc.wire.namespaces import (
    NS_COMMANDS,
    NS_DATA,
    NS_DISCO_INFO,
    NS_DISCO_ITEMS,
    NS_META_DATA,
    NS_PING,
    NS_PUBSUB,
    NS_PUSH,
    NS_PUSH2,
    NS_SERVERINFO,
    NS_VERSION,
)
from pushsvc.xmpp.edge import Answer, Request

FEATURES = (NS_DISCO_INFO, NS_DISCO_ITEMS, NS_PING, NS_VERSION)
PUBSUB_FEATURES = (
    NS_PUSH,
    NS_PUBSUB,
    f"{NS_PUBSUB}#access-whitelist",
    f"{NS_PUBSUB}#publish",
    f"{NS_PUBSUB}#publish-only-affiliation",
    f"{NS_PUBSUB}#publish-options",
)
# Where nodes can be created.
OWNING_FEATURES = tuple(
    f"{NS_PUBSUB}#{feature}"
    for feature in (
        "config-node",
        "create-and-configure",
        "create-nodes",
        "delete-items",
        "delete-nodes",
        "instant-nodes",
        "item-ids",
        "manage-subscriptions",
        "member-affiliation",
        "meta-data",
        "modify-affiliations",
        "outcast-affiliation",
        "persistent-items",
        "publisher-affiliation",
        "purge-nodes",
        "retract-items",
        "retrieve-affiliations",
        "retrieve-default",
        "retrieve-items",
        "retrieve-subscriptions",
        "subscribe",
    )
)
# Not registered with anybody: what there is to say of payloads nobody has a form for.
NS_PAYLOADS = "pushsvc:payloads:0"

_META_DATA_TYPES = {
    "pubsub#type": "text-single",
    "pubsub#title": "text-single",
    "pubsub#owner": "jid-multi",
    "pubsub#num_subscribers": "text-single",
}

_COMMAND_LIST = Info((Identity("automation", "command-list", "Commands"),), (NS_COMMANDS,))
_LEAF = Info((Identity("pubsub", "leaf", "Push registration"),), (NS_PUBSUB, NS_PUSH))


class Disco:
    """
    Tells what there is.
    """

    def __init__(self, others: Sequence[Callable[[ServedHost, str], Info | None]] = ()) -> None:
        """
        :param others: know of further nodes: each is asked about one of a host, and answers None if it is none of its
            own.
        """
        self._others = others

    @property
    def answers(self) -> Mapping[tuple[str, str, str], Answer]:
        return {("get", NS_DISCO_INFO, "query"): self.onInfo, ("get", NS_DISCO_ITEMS, "query"): self.onItems}

    async def onInfo(self, request: Request) -> Element:
        """
        What is said of the host, of the list of its commands, of a command, or of a node.

        :raises NoSuchNode: of anything else.
        """
        node = request.payload.attribute("node")
        for other in self._others:
            info = other(request.host, node or "")
            if info is not None:
                return writeInfo(info, node)
        return writeInfo(await _about(request, node), node)

    async def onItems(self, request: Request) -> Element:
        """
        The commands, and nodes that somebody created, to who may know of them; nothing else here has anything to list.

        :raises NoSuchNode: there is no such thing here.
        """
        host, node = request.host, request.payload.attribute("node")
        items = []
        if not node and host.owning is not None:
            leaves = await host.owning.concerning(host.name, request.sender.full)
            seen = [leaf for leaf in leaves if leaf.affiliationOf(request.sender.bare) != OUTCAST]
            items = [Item(host.name, leaf.identifier, leaf.configuration.get("pubsub#title", "")) for leaf in seen]
        if node:
            commands = _commands(request, node)
            if node == NS_COMMANDS and commands:
                items = [Item(host.name, command, name) for command, name in commands.items()]
            elif node not in commands and all(other(request.host, node) is None for other in self._others):
                await _findOwn(request, node)
        return writeItems(items, node)


async def _about(request: Request, node: str | None) -> Info:
    if not node:
        return infoOf(request.host)
    commands = _commands(request, node)
    if node == NS_COMMANDS and commands:
        return _COMMAND_LIST
    if node in commands:
        # Forms belong to the commands: the host has none itself, and does not say so.
        return Info((Identity("automation", "command-node", commands[node]),), (NS_COMMANDS, NS_DATA))
    info = infoOf(request.host)
    # Whoever's node it is before the #: what counts is whether we are what it stands for.
    if node.rpartition("#")[2] == verOf(info):
        return info
    found = await _findOwn(request, node)
    return _created(found) if isinstance(found, Leaf) else _LEAF


def _created(leaf: Leaf) -> Info:
    """
    What a node that somebody created says of itself (XEP-0060 section 5.4). Who else may publish, or is told, only
    its owners learn, who ask otherwise.
    """
    said = (
        ("pubsub#type", (leaf.configuration.get("pubsub#type", ""),)),
        ("pubsub#title", (leaf.configuration.get("pubsub#title", ""),)),
        ("pubsub#owner", tuple(sorted(jid for jid, word in leaf.affiliations.items() if word == OWNER))),
        ("pubsub#num_subscribers", (str(len(leaf.subscribers)),)),
    )
    data = Extension(NS_META_DATA, tuple((name, values) for name, values in said if any(values)), _META_DATA_TYPES)
    return Info((Identity("pubsub", "leaf", "Node"),), (NS_PUBSUB,), (data,))


def infoOf(host: ServedHost) -> Info:
    """
    What a host says of itself.
    """
    identities = [Identity("pubsub", "push", "Push service")] if host.tree is not None else []
    if host.owning is not None:
        identities.append(Identity("pubsub", "service", "Nodes of app servers"))
    registering = registeringAt(host)
    identities += registering.identities
    features = {*FEATURES, *registering.features}
    if host.tree is not None:
        features.update(PUBSUB_FEATURES)
    if host.owning is not None:
        features.update(OWNING_FEATURES)
    if host.push2:
        features.add(NS_PUSH2)
    extensions = []
    if host.contact:
        fields = [(f"{whom}-addresses", addresses) for whom, addresses in sorted(host.contact.items())]
        extensions.append(Extension(NS_SERVERINFO, tuple(fields)))
    if host.payloadSize is not None:
        extensions.append(Extension(NS_PAYLOADS, (("max-payload-size", (str(host.payloadSize),)),)))
    return Info(
        tuple(identities or [Identity("component", "generic", "Push service")]),
        tuple(sorted(features)),
        tuple(extensions),
    )


def registeringAt(host: ServedHost) -> Info:
    """
    What somebody has with whom devices register as they do at this host.
    """
    identities = tuple(Identity("app-server", name, "Push registration") for name in host.appNames)
    return Info(identities, tuple(sorted({*host.features, *([NS_COMMANDS] if host.dialects else [])})))


def _commands(request: Request, node: str) -> dict[str, str]:
    """
    What may be run here, to name. A host that registers nobody has none, and no list of them.

    :raises NotAllowed: the asker may not learn that.
    """
    commands: dict[str, str] = {}
    for dialect in request.host.dialects:
        commands.update(dialect.commands(request.host.name))
    # Who may not run them may not learn which there are, but an unknown node is no secret.
    if not request.host.access.allows(request.sender.bare) and commands and (node == NS_COMMANDS or node in commands):
        raise NotAllowed("the commands of this host are not for you")
    return commands


async def _findOwn(request: Request, node: str) -> Node:
    """
    Look for a node of the asker's own, or one that he may know of.

    :raises NoSuchNode: there is none; or it is somebody else's, which looks the same.
    """
    host = request.host
    if host.tree is None:
        raise NoSuchNode()
    found = await host.tree.getNode(host.name, node)
    if isinstance(found, Leaf):
        isKnown = request.sender.bare in found.concerns() and found.affiliationOf(request.sender.bare) != OUTCAST
    else:
        isKnown = found.registration is not None and found.registration.owner == request.sender.bare
    if not isKnown:
        raise NoSuchNode()
    return found
