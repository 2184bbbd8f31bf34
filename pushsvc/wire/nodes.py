"""
What owners of nodes and those who subscribe to them are told (XEP-0060, sections 5 to 8).
"""

from collections.abc import Sequence

from twisted.words.xish.domish import Element, SerializedXML

from pushsvc.errors import NoSuchNode
from pushsvc.leaf import Item, Leaf, Notice
from pushsvc.wire.namespaces import NS_PUBSUB, NS_PUBSUB_EVENT, NS_PUBSUB_OWNER


def writeCreated(node: str) -> Element:
    """
    A node was created, of this name.
    """
    return _pubsub("create", node)


def writePublished(node: str, item: Item) -> Element:
    """
    An item was published.
    """
    pubsub = _pubsub("publish", node)
    _only(pubsub).addElement((NS_PUBSUB, "item"))["id"] = item.id
    return pubsub


def writeAffiliations(leaf: Leaf) -> Element:
    """
    Who is what to a node, for its owner.
    """
    pubsub = _pubsub("affiliations", leaf.identifier, NS_PUBSUB_OWNER)
    for jid, word in leaf.affiliations.items():
        element = _only(pubsub).addElement((NS_PUBSUB_OWNER, "affiliation"))
        element["jid"], element["affiliation"] = jid, word
    return pubsub


def writeSubscriptions(leaf: Leaf) -> Element:
    """
    Who is told of what is published to a node, for its owner.
    """
    pubsub = _pubsub("subscriptions", leaf.identifier, NS_PUBSUB_OWNER)
    for jid in leaf.subscribers:
        element = _only(pubsub).addElement((NS_PUBSUB_OWNER, "subscription"))
        element["jid"], element["subscription"] = jid, "subscribed"
    return pubsub


def writeUnsubscribed(node: str, jid: str) -> Element:
    """
    Somebody is told no more, because an owner does not want it (XEP-0060 section 8.8.4).
    """
    event = Element((NS_PUBSUB_EVENT, "event"))
    _subscription(event, node, jid, "none", NS_PUBSUB_EVENT)
    return event


def writeOwnAffiliations(leaves: Sequence[Leaf], jid: str, node: str | None) -> Element:
    """
    What somebody is to nodes.

    :param node: of this one only.
    """
    pubsub = _pubsub("affiliations", node)
    for leaf in leaves:
        word = leaf.affiliations.get(jid)
        if word is not None and node in (None, leaf.identifier):
            element = _only(pubsub).addElement((NS_PUBSUB, "affiliation"))
            element["node"], element["affiliation"] = leaf.identifier, word
    return pubsub


def writeOwnSubscriptions(leaves: Sequence[Leaf], jid: str, node: str | None) -> Element:
    """
    What somebody is told of.

    :param node: of this one only.
    """
    pubsub = _pubsub("subscriptions", node)
    for leaf in leaves:
        for subscriber in leaf.subscribers:
            if subscriber.partition("/")[0] == jid and node in (None, leaf.identifier):
                _subscription(_only(pubsub), leaf.identifier, subscriber)
    return pubsub


def writeSubscribed(node: str, jid: str) -> Element:
    """
    Somebody is told from now on.
    """
    pubsub = Element((NS_PUBSUB, "pubsub"))
    _subscription(pubsub, node, jid)
    return pubsub


def writeItems(node: str, item: Item | None) -> Element:
    """
    What is kept.
    """
    pubsub = _pubsub("items", node)
    if item is not None:
        _addItem(_only(pubsub), NS_PUBSUB, item)
    return pubsub


def writeEvent(notice: Notice) -> Element:
    """
    What those who have subscribed are told.
    """
    event = Element((NS_PUBSUB_EVENT, "event"))
    if notice.what in ("item", "retract"):
        items = event.addElement((NS_PUBSUB_EVENT, "items"))
        items["node"] = notice.node
        if notice.item is not None and notice.what == "item":
            _addItem(items, NS_PUBSUB_EVENT, notice.item)
        elif notice.item is not None:
            items.addElement((NS_PUBSUB_EVENT, "retract"))["id"] = notice.item.id
    else:
        event.addElement((NS_PUBSUB_EVENT, notice.what))["node"] = notice.node
    return event


def findItem(item: Item | None, ids: Sequence[str]) -> Item | None:
    """
    What there is, if it is among those that are asked for; none being asked for, it is.

    :raises NoSuchNode: others are asked for.
    """
    if ids and (item is None or item.id not in ids):
        raise NoSuchNode("there is no such item")
    return item


def _pubsub(verb: str, node: str | None, namespace: str = NS_PUBSUB) -> Element:
    pubsub = Element((namespace, "pubsub"))
    element = pubsub.addElement((namespace, verb))
    if node is not None:
        element["node"] = node
    return pubsub


def _only(pubsub: Element) -> Element:
    element: Element = pubsub.children[0]
    return element


def _subscription(
    parent: Element, node: str, jid: str, word: str = "subscribed", namespace: str = NS_PUBSUB
) -> None:
    element = parent.addElement((namespace, "subscription"))
    element["node"], element["jid"], element["subscription"] = node, jid, word


def _addItem(items: Element, namespace: str, item: Item) -> None:
    element = items.addElement((namespace, "item"))
    element["id"] = item.id
    if item.payload:
        # It was written by ourselves, from what a parser had read.
        element.children.append(SerializedXML(item.payload))
