"""
The form by which a node is configured (``pubsub#node_config``).
"""

from twisted.words.xish.domish import Element

from pushsvc.command import CommandField
from pushsvc.leaf import Leaf
from pushsvc.wire.forms import FORM_TYPE, writeForm
from pushsvc.wire.namespaces import NS_NODE_CONFIG, NS_PUBSUB_OWNER

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
    pubsub = Element((NS_PUBSUB_OWNER, "pubsub"))
    element = pubsub.addElement((NS_PUBSUB_OWNER, verb))
    if verb == "configure":
        element["node"] = leaf.identifier
    element.addChild(writeForm(fields))
    return pubsub


def _field(name: str, value: str) -> CommandField:
    label = _LABELS.get(name, "")
    if name in _FLAGS:
        return CommandField(name, label, "boolean", values=(value,))
    if name in _CHOICES:
        return CommandField(name, label, "list-single", values=(value,), options=_CHOICES[name])
    return CommandField(name, label, values=(value,))
