"""
A push service says that it takes no publishes for a node any more (XEP-0357 section 8), in both shapes there are; and
what else somebody has become to a node (XEP-0060 section 8.9.4).

XEP-0357 has the node on ``<pubsub/>``; mod_push has it on ``<affiliations/>``, as XEP-0060.
"""

from dataclasses import dataclass, field

from twisted.words.xish.domish import Element

from pushsvc.jids import addressOf
from pushsvc.wire.namespaces import NS_PUBSUB
from pushsvc.wire.view import View


@dataclass(frozen=True)
class Withdrawal:
    """
    Whom it concerns.

    :ivar account: bare JID.
    """

    account: str = field(repr=False)
    node: str = field(repr=False)


def readWithdrawal(message: View) -> Withdrawal | None:
    """
    Who may not publish any more, and to what; None: that is not what the message says, or not to whom it concerns.

    No other affiliation than ``none`` means anything here.
    """
    recipient = addressOf(message.attribute("to") or "")
    if recipient is None:
        return None
    for pubsub in message.children(NS_PUBSUB, "pubsub"):
        for holder in (pubsub, *pubsub.children(NS_PUBSUB, "affiliations")):
            node = holder.attribute("node")
            for affiliation in holder.children(NS_PUBSUB, "affiliation"):
                concerned = addressOf(affiliation.attribute("jid") or "")
                if node is None or concerned is None or affiliation.attribute("affiliation") != "none":
                    continue
                if concerned.bare == recipient.bare:
                    return Withdrawal(concerned.bare, node)
    return None


def writeAffiliation(shape: str, node: str, jid: str, word: str = "none") -> Element:
    """
    What somebody is to a node from now on.

    :param shape: ``xep-0357`` or ``mod_push``, as the configuration has it.
    """
    pubsub = Element((NS_PUBSUB, "pubsub"))
    holder = pubsub if shape == "xep-0357" else pubsub.addElement((NS_PUBSUB, "affiliations"))
    holder["node"] = node
    holder.addChild(Element((NS_PUBSUB, "affiliation"), attribs={"jid": jid, "affiliation": word}))
    return pubsub
