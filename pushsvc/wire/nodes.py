"""
What owners of nodes and those who subscribe to them ask for (XEP-0060, sections 5 to 8), and what they are told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from twisted.words.xish.domish import Element, SerializedXML

from pushsvc.command import CommandField
from pushsvc.errors import BadForm, BadPublish, NoSuchNode
from pushsvc.jids import addressOf
from pushsvc.leaf import Item, Leaf, Notice
from pushsvc.wire.forms import FORM_TYPE, formTypeOf, readOnce, writeForm
from pushsvc.wire.namespaces import (
    NS_DATA,
    NS_NODE_CONFIG,
    NS_PUBSUB,
    NS_PUBSUB_EVENT,
    NS_PUBSUB_OWNER,
)
from pushsvc.wire.view import View

# Entities whose affiliations are changed at once.
CHANGES_MAX = 200

Options = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Creation:
    """
    A node that is to be.

    :ivar node: its name; None: it is for us to choose.
    :ivar type: its node type; None: the default.
    """

    node: str | None
    type: str | None
    options: Options


class Subscribing(NamedTuple):
    """
    Who is to be told, or not any more.
    """

    node: str
    jid: str
    subid: str | None = None


def nodeOf(verb: View) -> str:
    """
    Which node it is about.

    :raises BadPublish: it does not say.
    """
    node = verb.attribute("node")
    if not node:
        raise BadPublish("which node?", "nodeid-required")
    return node


def readCreate(pubsub: View) -> Creation:
    """
    What node is to be created.

    :raises BadPublish: it is not said as it ought to be.
    :raises BadForm: how it is to be configured cannot be read.
    """
    verbs = [verb for verb in pubsub.elements() if verb.uri == NS_PUBSUB]
    if [verb.name for verb in verbs] not in (["create"], ["create", "configure"]):
        raise BadPublish("first what is created, then how it is configured")
    options: Options | None = {}
    if len(verbs) == 2:
        if verbs[1].attribute("node") is not None:
            raise BadPublish("it is the new node that is configured")
        options = readConfigure(verbs[1], isOptional=True)
    return Creation(verbs[0].attribute("node") or None, verbs[0].attribute("type") or None, options or {})


def readConfigure(configure: View, isOptional: bool = False) -> Options | None:
    """
    Options that are chosen; None: it is to stay as it is.

    :param isOptional: whether there may be no form: then nothing is chosen.
    :raises BadForm: there is none that says this, or one that says a thing twice.
    """
    forms = configure.children(NS_DATA, "x")
    if not forms and isOptional:
        return {}
    if len(forms) != 1:
        raise BadForm("one form is wanted")
    if forms[0].attribute("type") == "cancel":
        return None
    said = readOnce(forms[0])
    if formTypeOf(said) not in (NS_NODE_CONFIG, None):
        raise BadForm("this form is about something else")
    said.pop(FORM_TYPE, None)
    return said


def readAffiliations(affiliations: View) -> Mapping[str, str]:
    """
    Bare JIDs, and what they are to be to the node.

    :raises BadPublish: one is no JID, or is named twice, or nothing is said of it.
    """
    changes: dict[str, str] = {}
    for element in affiliations.children(NS_PUBSUB_OWNER, "affiliation"):
        address = addressOf(element.attribute("jid") or "")
        if address is None:
            raise BadPublish("this is no JID", "invalid-jid")
        if address.bare in changes:
            raise BadPublish("somebody is named twice")
        changes[address.bare] = element.attribute("affiliation") or ""
    if not changes or len(changes) > CHANGES_MAX:
        raise BadPublish("nobody is named, or too many")
    return changes


def readSubscribing(verb: View) -> Subscribing:
    """
    Whom it is about.

    :raises BadPublish: it does not say.
    """
    node, address = nodeOf(verb), addressOf(verb.attribute("jid") or "")
    if address is None:
        raise BadPublish("this is no JID", "invalid-jid")
    return Subscribing(node, address.full, verb.attribute("subid"))


def readItemIds(verb: View) -> Sequence[str]:
    """
    Ids of items.
    """
    return [item.attribute("id") or "" for item in verb.children(NS_PUBSUB, "item")]


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


def writeConfiguration(leaf: Leaf, hasSecret: bool, verb: str = "configure") -> Element:
    """
    How a node is configured, to be changed. Its secret nobody sees, not even its owner.

    :param verb: ``configure``, or ``default``: then it is about any node.
    """
    fields = [CommandField(FORM_TYPE, "", values=(NS_NODE_CONFIG,))]
    shown = {"pubsub#title": "", **leaf.configuration}
    fields += [_field(name, value) for name, value in shown.items()]
    if hasSecret:
        fields.append(CommandField("pubsub#secret", _LABELS["pubsub#secret"], "text-private", values=("",)))
    pubsub = _pubsub(verb, leaf.identifier if verb == "configure" else None, NS_PUBSUB_OWNER)
    _only(pubsub).addChild(writeForm(fields))
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


def isGone(message: View) -> bool:
    """
    Whether a message came back because nobody will ever be there again.
    """
    for error in message.elements():
        if error.name == "error" and error.attribute("type") == "cancel":
            return any(condition.name == "gone" for condition in error.elements())
    return False


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


def _subscription(parent: Element, node: str, jid: str) -> None:
    element = parent.addElement((NS_PUBSUB, "subscription"))
    element["node"], element["jid"], element["subscription"] = node, jid, "subscribed"


def _addItem(items: Element, namespace: str, item: Item) -> None:
    element = items.addElement((namespace, "item"))
    element["id"] = item.id
    if item.payload:
        # It was written by ourselves, from what a parser had read.
        element.children.append(SerializedXML(item.payload))


def _field(name: str, value: str) -> CommandField:
    label = _LABELS.get(name, "")
    if name in _FLAGS:
        return CommandField(name, label, "boolean", values=(value,))
    if name in _CHOICES:
        return CommandField(name, label, "list-single", values=(value,), options=_CHOICES[name])
    return CommandField(name, label, values=(value,))


_LABELS = {
    "pubsub#access_model": "Who may subscribe",
    "pubsub#deliver_notifications": "Tell those who have subscribed",
    "pubsub#deliver_payloads": "Tell them what was published",
    "pubsub#max_items": "Items kept",
    "pubsub#notification_type": "How they are told",
    "pubsub#notify_config": "Tell them when the configuration changes",
    "pubsub#notify_delete": "Tell them when the node is deleted",
    "pubsub#notify_retract": "Tell them when something is taken back",
    "pubsub#persist_items": "Keep what was published last",
    "pubsub#presence_based_delivery": "Tell only who is there",
    "pubsub#publish_model": "Who may publish",
    "pubsub#secret": "Secret that publishes need; empty: as it is",
    "pubsub#send_last_published_item": "When the last item is told again",
    "pubsub#title": "Title",
    "pubsub#type": "What is published",
}
_FLAGS = {
    "pubsub#deliver_notifications",
    "pubsub#deliver_payloads",
    "pubsub#notify_config",
    "pubsub#notify_delete",
    "pubsub#notify_retract",
    "pubsub#persist_items",
    "pubsub#presence_based_delivery",
}
_CHOICES = {
    "pubsub#access_model": {"whitelist": "Whom the owner lets"},
    "pubsub#publish_model": {"publishers": "Whom the owner lets", "open": "Anybody"},
    "pubsub#notification_type": {"headline": "Headline", "normal": "Normal"},
}
