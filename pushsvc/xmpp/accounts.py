"""
Accounts whose domain a link of ours serves: for servers that are built on Wokkel, with the publisher in the same
process. Everywhere else what accounts ask for comes by way of their server (`pushsvc.xmpp.delegation`).
"""

from collections.abc import Collection
from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.words.protocols.jabber.jid import JID
from twisted.words.xish.domish import Element
from wokkel import data_form, disco
from wokkel.iwokkel import IDisco
from zope.interface import implementer

from pushsvc.concealed import concealed
from pushsvc.errors import RequestError, TryLater
from pushsvc.jids import addressOf
from pushsvc.wire.errors import ENABLING, writeError
from pushsvc.wire.gate import refusal
from pushsvc.wire.namespaces import NS_PUSH
from pushsvc.wire.replies import errorReply, resultReply
from pushsvc.wire.view import viewOf
from pushsvc.xmpp.edge import Handler
from pushsvc.xmpp.enabling import EnablingRequests


@implementer(IDisco)
class AccountRequests(Handler):
    """
    Answers ``<enable/>`` and ``<disable/>``, to the account or to its domain, and adds to what Wokkel's
    ``DiscoHandler`` tells of accounts.
    """

    def __init__(self, domains: Collection[str], enabling: EnablingRequests) -> None:
        super().__init__()
        self._domains = frozenset(domains)
        self._enabling = enabling

    def connectionInitialized(self) -> None:
        for name in ("enable", "disable"):
            # Before those who answer for nobody.
            self.observe(f"/iq/{name}[@xmlns='{NS_PUSH}']", self.onRequest, 1)

    def onRequest(self, iq: Element) -> None:
        """
        Answer an account.
        """
        if iq.__dict__.get("handled") or iq.getAttribute("type") in ("result", "error"):
            return
        if not iq.getAttribute("to"):
            # Who addresses nobody addresses himself.
            iq["to"] = (iq.getAttribute("from") or "").partition("/")[0]
        recipient = addressOf(iq.getAttribute("to") or "")
        if recipient is None or recipient.domain not in self._domains:
            return
        refused = refusal(iq)
        if refused is not None:
            self.send(refused)
        if not iq.__dict__["handled"]:
            iq.__dict__["handled"] = True
            ensureDeferred(self._answer(iq))

    async def _answer(self, iq: Element) -> None:
        view = viewOf(iq)
        sender, recipient = addressOf(iq["from"]), addressOf(iq["to"])
        assert sender is not None
        try:
            (payload,) = view.elements()
            reply = resultReply(iq, await self._enabling.answer(iq["type"], payload, sender, recipient))
        except (RequestError, TryLater) as e:
            reply = errorReply(iq, writeError(e, ENABLING))
        except Exception:
            self.log.failure("a request could not be handled: this is a bug", concealed())
            reply = errorReply(iq, writeError(TryLater(), ENABLING))
        self.send(reply)

    def getDiscoInfo(self, requestor: JID, target: JID, nodeIdentifier: str = "") -> "Deferred[list[Any]]":
        """
        What accounts, and their domains, have because of us; to the account itself, what holds for it.
        """
        return ensureDeferred(self._info(requestor, target, nodeIdentifier))

    def getDiscoItems(self, requestor: JID, target: JID, nodeIdentifier: str = "") -> list[Any]:
        """
        Nothing.
        """
        return []

    async def _info(self, requestor: JID, target: JID, node: str) -> list[Any]:
        if node or target.host not in self._domains or target.resource:
            return []
        info: list[Any] = [disco.DiscoFeature(feature) for feature in self._enabling.features]
        form = await self._enabling.options(requestor.userhost(), target.userhost()) if target.user else None
        if form is not None:
            info.append(data_form.Form.fromElement(form))
        return info
