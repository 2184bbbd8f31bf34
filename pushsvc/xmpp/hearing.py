"""
Messages to our hosts: what servers grant us, what push services withdraw, and what feeds are waiting for.
"""

from collections.abc import Collection, Sequence

from twisted.internet.defer import ensureDeferred
from twisted.logger import Logger
from twisted.words.xish.domish import Element

from pushsvc.concealed import concealed
from pushsvc.errors import TryLater
from pushsvc.ipushsvc import IPublisher, IStanzaFeed
from pushsvc.jids import addressOf, domainOf
from pushsvc.wire.delegation import readNamespaces
from pushsvc.wire.namespaces import NS_COMMANDS, NS_PUSH
from pushsvc.wire.privilege import readPrivileges
from pushsvc.wire.stanzas import forwardedIn
from pushsvc.wire.view import View, viewOf
from pushsvc.wire.withdrawal import readWithdrawal
from pushsvc.xmpp.edge import Handler
from pushsvc.xmpp.voices import Voices


class Hearing(Handler):
    """
    One for each link.
    """

    log = Logger()

    def __init__(
        self, domains: Collection[str], publisher: IPublisher, voices: Voices, feeds: Sequence[IStanzaFeed]
    ) -> None:
        """
        :param domains: whose accounts we publish for.
        """
        super().__init__()
        self._domains = frozenset(domains)
        self._publisher = publisher
        self._voices = voices
        self._feeds = feeds
        # Servers that granted something by this link.
        self._granting: set[str] = set()

    def connectionInitialized(self) -> None:
        self.observe("/message", self.onMessage)

    def connectionLost(self, reason: object) -> None:
        """
        Whoever comes back is told anew what is granted to him.
        """
        super().connectionLost(reason)  # type: ignore[no-untyped-call]
        self._voices.lost(self._granting)
        self._granting.clear()

    def onMessage(self, message: Element) -> None:
        """
        Hear it, if it is of any interest. Messages are never answered.
        """
        view = viewOf(message)
        sender = addressOf(view.attribute("from") or "")
        if sender is None or view.attribute("type") == "error":
            return
        if sender.full in self._domains and self._isGranted(sender.full, message):
            return
        if self._isWithdrawal(sender.full, view):
            return
        for feed in self._feeds:
            if feed.heard(message):
                return

    def _isGranted(self, server: str, message: Element) -> bool:
        view = viewOf(message)
        privileges = readPrivileges(view)
        if privileges is not None and _isTo(view, self._voices.host):
            self._voices.granted(server, privileges)
            self._granting.add(server)
        namespaces = readNamespaces(view)
        if NS_PUSH in namespaces:
            self.log.info("{server} has its accounts' push services enabled by us", server=server)
        if NS_COMMANDS in namespaces:
            self.log.info("{server} has commands on its domain run by us", server=server)
        return privileges is not None or bool(namespaces)

    def _isWithdrawal(self, sender: str, message: View) -> bool:
        # It is said to accounts: their servers forward it, unless the accounts are reached by a link of ours.
        forwarded = forwardedIn(message) if sender in self._domains else None
        withdrawal = readWithdrawal(forwarded or message)
        if withdrawal is None:
            return False
        service = sender
        if forwarded is not None:
            address = addressOf(forwarded.attribute("from") or "")
            if address is None or domainOf(withdrawal.account) != sender:
                return False
            service = address.full
        ensureDeferred(self._withdraw(withdrawal.account, service, withdrawal.node))
        return True

    async def _withdraw(self, account: str, service: str, node: str) -> None:
        try:
            await self._publisher.withdrawn(service, account, node)
        except TryLater:
            # It refuses the next publish as well: that counts.
            pass
        except Exception:
            self.log.failure("a withdrawal was not heeded: this is a bug", concealed())


def _isTo(view: View, host: str) -> bool:
    # Of several components of one server each has its own: what one may do, and until when, is none of the others'.
    address = addressOf(view.attribute("to") or "")
    return address is None or address.full == host
