"""
A publish to somebody else's push node (XEP-0357 section 7), as servers send it.
"""

from collections.abc import Mapping

from twisted.words.xish.domish import Element

from pushsvc.model import Kind, Notification, Priority, Summary
from pushsvc.wire.forms import FORM_TYPE
from pushsvc.wire.namespaces import (
    NS_DATA,
    NS_PUBLISH_OPTIONS,
    NS_PUBSUB,
    NS_PUSH,
    NS_PUSH_SUMMARY,
    NS_TIGASE_ACCOUNT_EVENT,
    NS_TIGASE_ENCRYPT,
    NS_TIGASE_EVENT,
    NS_TIGASE_JINGLE,
    NS_TIGASE_MUC_OFFLINE,
    NS_TIGASE_PRIORITY,
)

_PRIORITIES = {Priority.HIGH: "high", Priority.LOW: "low"}


def writePublish(
    node: str | None, notification: Notification, options: Mapping[str, tuple[str, ...]] | Element
) -> Element:
    """
    The ``<pubsub/>`` of a publish.

    :param node: None: the service has no nodes.
    :param options: publish-options: the name of a field to its values; or the whole form.
    """
    pubsub = Element((NS_PUBSUB, "pubsub"))
    publish = pubsub.addElement((NS_PUBSUB, "publish"))
    if node is not None:
        publish["node"] = node
    publish.addElement((NS_PUBSUB, "item")).addChild(writeNotification(notification))
    if isinstance(options, Element) or options:
        pubsub.addElement((NS_PUBSUB, "publish-options")).addChild(_asForm(options))
    return pubsub


def writeFarewell(node: str | None, options: Mapping[str, tuple[str, ...]] | Element) -> Element:
    """
    The same, of an account that is gone, as Tigase's server says it.
    """
    pubsub = writePublish(node, Notification(), options)
    for notification in pubsub.publish.item.elements():
        notification.addElement((NS_TIGASE_ACCOUNT_EVENT, "event"))["name"] = "account-removed"
    return pubsub


def writeNotification(notification: Notification) -> Element:
    """
    The ``<notification/>``. Who can read neither ``tigase:push`` nor anything else is still woken by it.
    """
    element = Element((NS_PUSH, "notification"))
    if notification.summary is not None:
        element.addChild(_summary(notification.summary))
    if notification.encrypted is not None:
        encrypted = element.addElement((NS_TIGASE_ENCRYPT, "encrypted"), content=notification.encrypted.payload)
        encrypted["iv"] = notification.encrypted.iv
        if notification.encrypted.type is not None:
            encrypted["type"] = notification.encrypted.type
    more = notification.more
    if notification.kind is Kind.CALL:
        jingle = element.addElement((NS_TIGASE_JINGLE, "jingle"))
        jingle["action"] = "propose"
        if "sid" in more:
            jingle["sid"] = more["sid"]
        for media in more.get("media", "").split(","):
            if media:
                jingle.addElement((NS_TIGASE_JINGLE, "media"), content=media)
    if "event" in more:
        element.addElement((NS_TIGASE_EVENT, "event"))["name"] = more["event"]
    if "nickname" in more:
        groupchat = element.addElement((NS_TIGASE_MUC_OFFLINE, "groupchat"))
        groupchat.addElement((NS_TIGASE_MUC_OFFLINE, "nickname"), content=more["nickname"])
    if notification.priority in _PRIORITIES:
        element.addElement((NS_TIGASE_PRIORITY, "priority"), content=_PRIORITIES[notification.priority])
    return element


def _summary(summary: Summary) -> Element:
    form = _form(NS_PUSH_SUMMARY)
    for name, value in (
        ("message-count", summary.messageCount),
        ("pending-subscription-count", summary.pendingSubscriptionCount),
        ("last-message-sender", summary.lastMessageSender),
        ("last-message-body", summary.lastMessageBody),
        ("last-subscription-sender", summary.lastSubscriptionSender),
    ):
        if value is not None:
            _field(form, name, str(value))
    return form


def _asForm(options: Mapping[str, tuple[str, ...]] | Element) -> Element:
    if isinstance(options, Element):
        return options
    form = _form(NS_PUBLISH_OPTIONS)
    for name, values in options.items():
        _field(form, name, *values)
    return form


def _form(formType: str) -> Element:
    form = Element((NS_DATA, "x"), attribs={"type": "submit"})
    _field(form, FORM_TYPE, formType)["type"] = "hidden"
    return form


def _field(form: Element, name: str, *values: str) -> Element:
    field: Element = form.addElement((NS_DATA, "field"))
    field["var"] = name
    for value in values:
        field.addElement((NS_DATA, "value"), content=value)
    return field
