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
from pushsvc.wire.withdrawal import writeAffiliation


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
            message.addChild(writeAffiliation(shape, node, owner))
            self._send(message)
