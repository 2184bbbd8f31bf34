"""
Privileged entities (XEP-0356), in both of its namespaces: what a server lets us do in the name of its accounts.
"""

from dataclasses import dataclass

from twisted.words.xish.domish import Element

from pushsvc.wire.namespaces import NS_FORWARD, NS_PRIVILEGE_1, NS_PRIVILEGE_2, NS_PUBSUB
from pushsvc.wire.view import View

NAMESPACES = NS_PRIVILEGE_2, NS_PRIVILEGE_1


@dataclass(frozen=True)
class Privileges:
    """
    What was granted.

    :ivar namespace: of XEP-0356, as the server has it.
    :ivar publishing: whether accounts' requests to pubsub services may be made.
    """

    namespace: str
    publishing: bool


def readPrivileges(message: View) -> Privileges | None:
    """
    What a server grants; None: it grants nothing here.
    """
    for namespace in NAMESPACES:
        for privilege in message.children(namespace, "privilege"):
            granted = {
                each.attribute("ns"): each.attribute("type")
                for perm in privilege.children(namespace, "perm")
                if perm.attribute("access") == "iq"
                for each in perm.children(namespace, "namespace")
            }
            return Privileges(namespace, granted.get(NS_PUBSUB) in ("set", "both"))
    return None


def asAccount(inner: Element, namespace: str) -> Element:
    """
    The request of an account, as we ask for it.

    :param inner: the IQ, in jabber:client.
    """
    wrapper = Element((namespace, "privileged_iq"))
    wrapper.addChild(inner)
    return wrapper


def answerIn(answer: View) -> View | None:
    """
    What the account was answered; None: this is no such answer.
    """
    for namespace in NAMESPACES:
        for privilege in answer.children(namespace, "privilege"):
            for forwarded in privilege.children(NS_FORWARD, "forwarded"):
                return next((inner for inner in forwarded.elements() if inner.name == "iq"), None)
    return None
