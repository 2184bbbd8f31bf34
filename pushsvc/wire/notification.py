"""
A publish to a push node (XEP-0357 section 7), as every publisher in the field sends it.

``<pubsub/>`` holds one ``<publish/>`` with one ``<item/>`` whose payload is ``<notification/>``, and beside it perhaps
``<publish-options/>``. What is not understood is left out rather than refused: a server whose publish is refused may
forget the device for good, while a push without its summary still wakes it.
"""

from collections.abc import Mapping, Sequence

from pushsvc.errors import BadForm, BadPublish, PreconditionNotMet
from pushsvc.jids import addressOf
from pushsvc.model import Encrypted, Kind, Notification, Priority, Publish, Summary
from pushsvc.wire.forms import FORM_TYPE, formTypeOf, readEveryValue, readOnce
from pushsvc.wire.namespaces import (
    NS_DATA,
    NS_PUBLISH_OPTIONS,
    NS_PUBSUB,
    NS_PUSH,
    NS_PUSH_SUMMARY,
    NS_TIGASE_ENCRYPT,
    NS_TIGASE_JINGLE,
    NS_TIGASE_PRIORITY,
)
from pushsvc.wire.view import View

COUNT_MAX = 2**31 - 1
# No network takes more than four or five kilobytes, and all of it has to be kept: of a text the beginning is taken,
# and an encrypted payload that cannot reach its device is left out.
BODY_MAX = 4096
ENCRYPTED_MAX = 16_384
# In one publish; publishers send one, and each of them costs a place on the disk.
NOTIFICATIONS_MAX = 16

_Fields = Mapping[str, tuple[str, ...]]

# What every push node is configured as, in the words of pubsub#node_config.
CONFIGURATION = {
    "pubsub#access_model": "whitelist",
    "pubsub#publish_model": "publishers",
    "pubsub#type": NS_PUSH,
}


def readPublish(iq: View, host: str, sender: str) -> Publish:
    """
    What a user's server publishes.

    Publish-options are kept with all their values, so that a node type can refuse a doubled secret. XEP-0060 wants
    each of them compared with the node's configuration and unknown ones refused. A push service cannot: clients put
    into them what their app server wants to know. So only those in pubsub's own namespace are compared, and of these
    only the ones that say who may read and write and what the payload is (``CONFIGURATION``): a push node answers
    for nothing else.

    :param host: the pubsub host it was sent to.
    :param sender: the JID it came from, prepared.
    :raises BadPublish: it is no publish of a push notification.
    :raises PreconditionNotMet: publish-options ask for another configuration than that of push nodes.
    """
    pubsub = next(iter(iq.children(NS_PUBSUB, "pubsub")), None)
    publish = next(iter(pubsub.children(NS_PUBSUB, "publish")), None) if pubsub is not None else None
    if pubsub is None or publish is None:
        raise BadPublish("nothing is published")
    node = publish.attribute("node")
    if not node:
        raise BadPublish("which node?", "nodeid-required")
    items = publish.children(NS_PUBSUB, "item")
    if len(items) != 1:
        raise BadPublish("one item at a time", "invalid-payload")
    return Publish(host, node, sender, _readItem(items[0]), _readOptions(pubsub))


def _readItem(item: View) -> tuple[Notification, ...]:
    notifications = item.children(NS_PUSH, "notification")
    if not notifications:
        missing = "invalid-payload" if item.elements() else "payload-required"
        raise BadPublish("the payload of a push is a notification", missing)
    if len(notifications) > NOTIFICATIONS_MAX:
        raise BadPublish("too many notifications at once", "invalid-payload")
    # Prosody's mod_cloud_notify as in Debian 11 puts the summary beside the notification instead of into it.
    beside = item.children(NS_DATA, "x")
    return tuple([_readNotification(notification, beside) for notification in notifications])


def _readNotification(notification: View, beside: Sequence[View]) -> Notification:
    fields = _summaryFields(notification.children(NS_DATA, "x") or beside)
    summary = _readSummary(fields) if fields is not None else None
    encrypted = None
    isSealed = False
    asked = None
    calling = fields is not None and _one(fields, "jingle-message") == "propose"
    for child in notification.elements():
        uri = child.uri
        if uri == NS_TIGASE_ENCRYPT and child.name == "encrypted":
            isSealed = True
            encrypted = _readEncrypted(child)
            calling = calling or child.attribute("type") == "voip"
        elif uri == NS_TIGASE_PRIORITY and child.name == "priority":
            asked = {"high": Priority.HIGH, "low": Priority.LOW}.get(child.text.strip().lower())
        elif uri == NS_TIGASE_JINGLE and child.name == "jingle":
            calling = calling or child.attribute("action") == "propose"

    hasBody = summary is not None and summary.lastMessageBody is not None
    if calling:
        kind = Kind.CALL
    elif summary is not None and summary.messageCount == 0 and not hasBody:
        kind = Kind.CLEAR
    else:
        kind = Kind.MESSAGE
    # Nobody can see what is encrypted, so it may well be what the phone is waiting for.
    urgent = calling or hasBody or isSealed
    return Notification(kind, asked or (Priority.HIGH if urgent else Priority.NORMAL), summary, encrypted)


def _summaryFields(forms: Sequence[View]) -> _Fields | None:
    for x in forms:
        try:
            fields = readOnce(x)
        except BadForm:
            continue
        # One that does not say what it is stands where a summary stands; one that says it is something else is not.
        if formTypeOf(fields) in (NS_PUSH_SUMMARY, None):
            return fields
    return None


def _readSummary(fields: _Fields) -> Summary | None:
    summary = Summary(
        _count(fields, "message-count"),
        _count(fields, "pending-subscription-count"),
        # MongooseIM's hints plugin has a name of its own for it.
        _jid(fields, "last-message-sender") or _jid(fields, "message-sender"),
        (_one(fields, "last-message-body") or "")[:BODY_MAX] or None,
        _jid(fields, "last-subscription-sender"),
    )
    return summary if summary != _NOTHING else None


_NOTHING = Summary()


def _one(fields: _Fields, name: str) -> str | None:
    """
    A value there is one of; several are as good as none.
    """
    values = fields.get(name)
    return values[0] or None if values is not None and len(values) == 1 else None


def _count(fields: _Fields, name: str) -> int | None:
    text = (_one(fields, name) or "").strip()
    if len(text) > 10 or not (text.isascii() and text.isdigit()):
        return None
    count = int(text)
    return count if count <= COUNT_MAX else None


def _jid(fields: _Fields, name: str) -> str | None:
    address = addressOf((_one(fields, name) or "").strip())
    return address.full if address is not None else None


def _readEncrypted(element: View) -> Encrypted | None:
    iv = element.attribute("iv")
    payload = element.text.strip()
    type = element.attribute("type") or None
    if not iv or not payload or len(iv) + len(payload) + len(type or "") > ENCRYPTED_MAX:
        return None
    return Encrypted(iv, payload, type)


def _readOptions(pubsub: View) -> Mapping[str, tuple[str, ...]]:
    options: dict[str, tuple[str, ...]] = {}
    for element in pubsub.children(NS_PUBSUB, "publish-options"):
        for x in element.children(NS_DATA, "x"):
            said = readEveryValue(x)
            if formTypeOf(said) not in (NS_PUBLISH_OPTIONS, None):
                continue
            said.pop(FORM_TYPE, None)
            for name, values in said.items():
                options[name] = options.get(name, ()) + values
    for name, values in options.items():
        if name in CONFIGURATION and values != (CONFIGURATION[name],):
            raise PreconditionNotMet(f"{name} of this node is {CONFIGURATION[name]}")
    return options
