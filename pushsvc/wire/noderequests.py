"""
What owners of nodes and those who subscribe to them ask for (XEP-0060, sections 5 to 8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from pushsvc.errors import BadForm, BadPublish, NotAcceptable
from pushsvc.jids import Address, addressOf
from pushsvc.wire.forms import FORM_TYPE, formTypeOf, readOnce
from pushsvc.wire.namespaces import NS_DATA, NS_NODE_CONFIG, NS_PUBSUB, NS_PUBSUB_OWNER
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
    Bare JIDs, and what they are to be to the node. What is not said of one stays as it is.

    :raises BadPublish: one is no JID, or is named twice.
    """
    named = [
        (_addressIn(element).bare, element.attribute("affiliation"))
        for element in affiliations.children(NS_PUBSUB_OWNER, "affiliation")
    ]
    return _changes(named)


def readSubscriptions(subscriptions: View) -> Mapping[str, str]:
    """
    JIDs, bare or full, and what is to become of their subscriptions. What is not said of one stays as it is.

    :raises BadPublish: one is no JID, or is named twice.
    :raises NotAcceptable: one is named by an id.
    """
    named = []
    for element in subscriptions.children(NS_PUBSUB_OWNER, "subscription"):
        named.append((_addressIn(element).full, element.attribute("subscription")))
        if element.attribute("subid"):
            raise NotAcceptable("subscriptions have no ids here", "invalid-subid")
    return _changes(named)


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


def isGone(message: View) -> bool:
    """
    Whether a message came back because nobody will ever be there again.
    """
    for error in message.elements():
        if error.name == "error" and error.attribute("type") == "cancel":
            return any(condition.name == "gone" for condition in error.elements())
    return False


def _addressIn(element: View) -> Address:
    address = addressOf(element.attribute("jid") or "")
    if address is None:
        raise BadPublish("this is no JID", "invalid-jid")
    return address


def _changes(named: Sequence[tuple[str, str | None]]) -> Mapping[str, str]:
    if not named or len(named) > CHANGES_MAX:
        raise BadPublish("nobody is named, or too many")
    if len(dict(named)) < len(named):
        raise BadPublish("somebody is named twice")
    return {jid: word for jid, word in named if word is not None}
