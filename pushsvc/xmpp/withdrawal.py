"""
Telling a user's server that a node is gone (XEP-0357 section 8).

Two shapes are in use: XEP-0357's has the node on ``<pubsub/>``; mod_push sent that of XEP-0060, with the node on
``<affiliations/>``. The configuration says which are sent; to servers that know neither they are harmless.
"""

from collections.abc import Callable, Mapping
from secrets import token_hex

from twisted.words.xish.domish import Element
from zope.interface import implementer

from pushsvc.hosts import ServedHost
from pushsvc.ipushsvc import IWithdrawals
from pushsvc.jids import addressOf
from pushsvc.wire.namespaces import NS_PUBSUB


@implementer(IWithdrawals)
class Withdrawals:
    """
    One message for each shape, from the host to the owner's bare JID: the owner's server sees it first.
    """

    def __init__(self, hosts: Mapping[str, ServedHost], send: Callable[[Element], object]) -> None:
        """
        :param send: takes a stanza, and finds the link by which it leaves.
        """
        self._hosts = hosts
        self._send = send

    def withdrawn(self, host: str, node: str, owner: str) -> None:
        served = self._hosts.get(host)
        if served is None or addressOf(owner) is None:
            # No longer in the configuration: we cannot speak for it. Or who registered has no account, nor a server.
            return
        for shape in served.withdrawals:
            message = Element((None, "message"), attribs={"from": host, "to": owner, "id": token_hex(8)})
            message.addChild(_SHAPES[shape](node, owner))
            self._send(message)


def _asXEP0357(node: str, owner: str) -> Element:
    pubsub = Element((NS_PUBSUB, "pubsub"), attribs={"node": node})
    pubsub.addChild(_noAffiliation(owner))
    return pubsub


def _asModPush(node: str, owner: str) -> Element:
    pubsub = Element((NS_PUBSUB, "pubsub"))
    affiliations = pubsub.addElement((NS_PUBSUB, "affiliations"))
    affiliations["node"] = node
    affiliations.addChild(_noAffiliation(owner))
    return pubsub


def _noAffiliation(owner: str) -> Element:
    return Element((NS_PUBSUB, "affiliation"), attribs={"jid": owner, "affiliation": "none"})


_SHAPES = {"xep-0357": _asXEP0357, "mod_push": _asModPush}
