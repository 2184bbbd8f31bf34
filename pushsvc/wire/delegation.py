"""
Delegated namespaces (XEP-0355), in both of its namespaces: what accounts ask their server for, handed on to us.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from twisted.words.xish.domish import Element

from pushsvc.jids import Address, addressOf
from pushsvc.wire.namespaces import NS_CLIENT, NS_DELEGATION_1, NS_DELEGATION_2, NS_FORWARD
from pushsvc.wire.view import View

NAMESPACES = NS_DELEGATION_2, NS_DELEGATION_1


class About(NamedTuple):
    """
    What a server asks a delegate about: what one of the two has because of a namespace.

    :ivar isAccounts: its accounts; else the server itself.
    """

    namespace: str
    isAccounts: bool


@dataclass(frozen=True)
class Delegated:
    """
    A request as it was handed on.

    :ivar recipient: None: the sender's own account.
    :ivar payload: None: it asks for nothing, or for several things.
    """

    id: str
    type: str
    sender: Address = field(repr=False)
    recipient: Address | None = field(repr=False)
    payload: View | None = field(repr=False)


def readDelegated(delegation: View) -> Delegated | None:
    """
    What was handed on; None: nothing that makes sense.

    :param delegation: the ``<delegation/>``.
    """
    for forwarded in delegation.children(NS_FORWARD, "forwarded"):
        for iq in forwarded.elements():
            sender = addressOf(iq.attribute("from") or "")
            to = iq.attribute("to")
            recipient = addressOf(to) if to else None
            # Whoever cannot be read is not the sender's own account.
            if iq.name != "iq" or sender is None or (to and recipient is None):
                return None
            payloads = iq.elements()
            return Delegated(
                iq.attribute("id") or "",
                iq.attribute("type") or "",
                sender,
                recipient,
                payloads[0] if len(payloads) == 1 else None,
            )
    return None


def readNode(node: str) -> About | None:
    """
    What is asked about; None: something else.

    :param node: of a question for disco#info.
    """
    for namespace in NAMESPACES:
        for whose, isAccounts in (("::", False), (":bare:", True)):
            if node.startswith(namespace + whose):
                return About(node.removeprefix(namespace + whose), isAccounts)
    return None


def readNamespaces(message: View) -> list[str]:
    """
    Which namespaces a server says that it hands on to us.
    """
    return [
        delegated.attribute("namespace") or ""
        for namespace in NAMESPACES
        for delegation in message.children(namespace, "delegation")
        for delegated in delegation.children(namespace, "delegated")
    ]


def writeAnswer(namespace: str, asked: Delegated, type: str, payload: Element | None) -> Element:
    """
    The ``<delegation/>`` with our answer in it. It comes from whom the account asked: itself, if it named nobody.

    :param namespace: of the ``<delegation/>`` that the request came in.
    """
    delegation = Element((namespace, "delegation"))
    iq = delegation.addElement((NS_FORWARD, "forwarded")).addElement((NS_CLIENT, "iq"))
    sender = asked.recipient.full if asked.recipient is not None else asked.sender.bare
    iq.attributes.update({"type": type, "from": sender, "to": asked.sender.full, "id": asked.id})
    if payload is not None:
        iq.addChild(payload)
    return delegation
