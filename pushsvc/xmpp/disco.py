"""
Service discovery (XEP-0030): what a host is, what it offers, and its commands.

Nodes of push registrations are never shown: whoever could see them could publish to some of them.
"""

from collections.abc import Mapping

from twisted.words.xish.domish import Element

from pushsvc.errors import NoSuchNode, NotAllowed
from pushsvc.hosts import ServedHost
from pushsvc.wire.namespaces import (
    NS_COMMANDS,
    NS_DATA,
    NS_DISCO_INFO,
    NS_DISCO_ITEMS,
    NS_PING,
    NS_PUBSUB,
    NS_PUSH,
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

Identity = tuple[str, str, str]


class Disco:
    """
    Tells what there is.
    """

    @property
    def answers(self) -> Mapping[tuple[str, str, str], Answer]:
        return {("get", NS_DISCO_INFO, "query"): self.onInfo, ("get", NS_DISCO_ITEMS, "query"): self.onItems}

    async def onInfo(self, request: Request) -> Element:
        """
        Identities and features of the host, of the list of its commands, or of a command.

        :raises NoSuchNode: of anything else.
        """
        node = request.payload.attribute("node")
        if not node:
            return _info(node, _identities(request.host), _features(request.host))
        commands = _commands(request)
        if node == NS_COMMANDS:
            return _info(node, [("automation", "command-list", "Commands")], (NS_COMMANDS,))
        if node in commands:
            # Forms belong to the commands: the host has none itself, and does not say so.
            return _info(node, [("automation", "command-node", commands[node])], (NS_COMMANDS, NS_DATA))
        raise NoSuchNode()

    async def onItems(self, request: Request) -> Element:
        """
        The commands, to who asks for them; the host has nothing else to show.

        :raises NoSuchNode: there is no such thing here.
        """
        node = request.payload.attribute("node")
        query = _query(NS_DISCO_ITEMS, node)
        if not node:
            return query
        commands = _commands(request)
        if node == NS_COMMANDS:
            for command, name in commands.items():
                item = query.addElement((NS_DISCO_ITEMS, "item"))
                item["jid"], item["node"], item["name"] = request.host.name, command, name
        elif node not in commands:
            raise NoSuchNode()
        return query


def _commands(request: Request) -> dict[str, str]:
    """
    What the asker may run here, to name. On a host that registers nobody there is not even a list.
    """
    if not request.host.dialects:
        raise NoSuchNode()
    commands: dict[str, str] = {}
    for dialect in request.host.dialects:
        commands.update(dialect.commands(request.host.name))
    node = request.payload.attribute("node")
    # Who may not run them may not learn which there are, but an unknown node is no secret.
    if not request.host.access.allows(request.sender.bare) and (node == NS_COMMANDS or node in commands):
        raise NotAllowed("the commands of this host are not for you")
    return commands


def _identities(host: ServedHost) -> list[Identity]:
    identities: list[Identity] = []
    if host.tree is not None:
        identities.append(("pubsub", "push", "Push service"))
    identities.extend([("app-server", name, "Push registration") for name in host.appNames])
    return identities or [("component", "generic", "Push service")]


def _features(host: ServedHost) -> list[str]:
    features = list(FEATURES)
    if host.tree is not None:
        features.extend(PUBSUB_FEATURES)
    if host.dialects:
        features.append(NS_COMMANDS)
    return sorted(features)


def _info(node: str | None, identities: list[Identity], features: tuple[str, ...] | list[str]) -> Element:
    query = _query(NS_DISCO_INFO, node)
    for category, type, name in identities:
        identity = query.addElement((NS_DISCO_INFO, "identity"))
        identity["category"], identity["type"], identity["name"] = category, type, name
    for feature in features:
        query.addElement((NS_DISCO_INFO, "feature"))["var"] = feature
    return query


def _query(namespace: str, node: str | None) -> Element:
    # The node is mirrored as it was asked, also when it is empty.
    return Element((namespace, "query"), attribs={"node": node} if node is not None else None)
