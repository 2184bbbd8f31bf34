"""
A publish to a push node (XEP-0357 section 7), as every publisher in the field sends it.

``<pubsub/>`` holds one ``<publish/>`` with one ``<item/>`` whose payload is ``<notification/>``, and beside it perhaps
``<publish-options/>``. What is not understood is left out rather than refused: a server whose publish is refused may
forget the device for good, while a push without its summary still wakes it.
"""

from collections.abc import Mapping, Sequence

from pushsvc.errors import BadForm, BadPublish, PayloadTooBig, PreconditionNotMet
from pushsvc.jids import addressOf
from pushsvc.model import Encrypted, Kind, Notification, Priority, Publish, Summary
from pushsvc.wire.forms import FORM_TYPE, formTypeOf, readEveryValue, readOnce
from pushsvc.wire.more import readCall, readMore
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
# Characters of what is kept, or handed on; and of what it is called.
PAYLOAD_MAX = 65_536
ID_MAX = 1023
# In one publish; publishers send one, and each of them costs a place on the disk.
NOTIFICATIONS_MAX = 16

# What a form says once; several values are as good as none.
_Said = Mapping[str, str]

# What every push node is configured as, in the words of pubsub#node_config.
CONFIGURATION = {
    "pubsub#access_model": "whitelist",
    "pubsub#publish_model": "publishers",
    "pubsub#type": NS_PUSH,
}


def readPublish(iq: View, host: str, sender: str, isKept: bool = False) -> Publish:
    """
    What a user's server publishes.

    Publish-options are kept with all their values, so that a node type can refuse a doubled secret. XEP-0060 wants
    each of them compared with the node's configuration and unknown ones refused. A push service cannot: clients put
    into them what their app server wants to know. So only those in pubsub's own namespace are compared, and of these
    only the ones that say who may read and write and what the payload is (``CONFIGURATION``): a push node answers
    for nothing else.

    :param host: the pubsub host it was sent to.
    :param sender: the JID it came from, prepared.
    :param isKept: whether what is published may be kept and handed on. Then it is read whatever it is, and what its
        options are compared with is known to the node alone.
    :raises BadPublish: it is no publish of a push notification.
    :raises PreconditionNotMet: publish-options ask for another configuration than that of push nodes.
    """
    pubsub = iq.child(NS_PUBSUB, "pubsub")
    publish = None if pubsub is None else pubsub.child(NS_PUBSUB, "publish")
    if pubsub is None or publish is None:
        raise BadPublish("nothing is published")
    node = publish.attribute("node")
    if not node:
        raise BadPublish("which node?", "nodeid-required")
    items = publish.children(NS_PUBSUB, "item")
    if len(items) != 1:
        raise BadPublish("one item at a time", "invalid-payload")
    if isKept:
        return _readKept(host, node, sender, items[0], pubsub)
    return Publish(host, node, sender, _readItem(items[0]), _compared(_readOptions(pubsub)))


def _readKept(host: str, node: str, sender: str, item: View, pubsub: View) -> Publish:
    content, isPush = item.elements(), bool(item.children(NS_PUSH, "notification"))
    if not isPush and len(content) != 1:
        raise BadPublish("one payload at a time", "invalid-payload" if content else "payload-required")
    notifications = _readItem(item) if isPush else ()
    payload = "".join([each.element().toXml() for each in content])
    if len(payload) > PAYLOAD_MAX:
        raise PayloadTooBig("too much to keep")
    id = item.attribute("id") or None
    if id is not None and len(id) > ID_MAX:
        raise BadPublish("the id is too long", "invalid-payload")
    return Publish(host, node, sender, notifications, _readOptions(pubsub), id, payload)


def _readItem(item: View) -> tuple[Notification, ...]:
    notifications = item.children(NS_PUSH, "notification")
    if not notifications:
        missing = "invalid-payload" if item.count else "payload-required"
        raise BadPublish("the payload of a push is a notification", missing)
    if len(notifications) > NOTIFICATIONS_MAX:
        raise BadPublish("too many notifications at once", "invalid-payload")
    return tuple([_readNotification(notification, item) for notification in notifications])


def _readNotification(notification: View, item: View) -> Notification:
    # Prosody's mod_cloud_notify as in Debian 11 puts the summary beside the notification instead of into it.
    forms = notification.children(NS_DATA, "x")
    said = _saidIn(forms or item.children(NS_DATA, "x"))
    summary = _readSummary(said) if said else None
    encrypted = None
    isSealed = False
    asked = None
    calling = said.get("jingle-message") == "propose"
    more: dict[str, str] = {}
    # Most say no more than that.
    for child in notification.elements() if notification.count > len(forms) else ():
        qname = child.qname
        if qname == (NS_TIGASE_ENCRYPT, "encrypted"):
            isSealed = True
            encrypted = _readEncrypted(child)
            calling = calling or child.attribute("type") == "voip"
        elif qname == (NS_TIGASE_PRIORITY, "priority"):
            asked = {"high": Priority.HIGH, "low": Priority.LOW}.get(child.text.strip().lower())
        elif qname == (NS_TIGASE_JINGLE, "jingle"):
            calling = calling or child.attribute("action") == "propose"
            more |= readCall(child)
        elif qname != (NS_DATA, "x"):
            more |= readMore(child)

    hasBody = summary is not None and summary.lastMessageBody is not None
    if calling:
        kind = Kind.CALL
    elif summary is not None and summary.messageCount == 0 and not hasBody:
        kind = Kind.CLEAR
    else:
        kind = Kind.MESSAGE
    # Nobody can see what is encrypted, so it may well be what the phone is waiting for.
    urgent = calling or hasBody or isSealed
    return Notification(kind, asked or (Priority.HIGH if urgent else Priority.NORMAL), summary, encrypted, more)


def _saidIn(forms: Sequence[View]) -> _Said:
    for x in forms:
        try:
            fields = readOnce(x)
        except BadForm:
            continue
        # One that does not say what it is stands where a summary stands; one that says it is something else is not.
        if formTypeOf(fields) in (NS_PUSH_SUMMARY, None):
            return {name: values[0] for name, values in fields.items() if len(values) == 1}
    return {}


def _readSummary(said: _Said) -> Summary | None:
    known = (
        _count(said.get("message-count")),
        _count(said.get("pending-subscription-count")),
        # MongooseIM's hints plugin has a name of its own for it.
        _jid(said.get("last-message-sender")) or _jid(said.get("message-sender")),
        said.get("last-message-body", "")[:BODY_MAX] or None,
        _jid(said.get("last-subscription-sender")),
    )
    return Summary(*known) if known != _NOTHING else None


_NOTHING = (None,) * 5


def _count(said: str | None) -> int | None:
    text = (said or "").strip()
    if not text or len(text) > 10 or not (text.isascii() and text.isdigit()):
        return None
    count = int(text)
    return count if count <= COUNT_MAX else None


def _jid(said: str | None) -> str | None:
    text = (said or "").strip()
    address = addressOf(text) if text else None
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
            if not options:
                options = said
                continue
            for name, values in said.items():
                options[name] = options[name] + values if name in options else values
    return options


def _compared(options: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    for name, value in CONFIGURATION.items():
        if name in options and options[name] != (value,):
            raise PreconditionNotMet(f"{name} of this node is {value}")
    return options
