"""
Those who have subscribed to nodes and are gone.
"""

from collections.abc import Mapping

from twisted.logger import Logger
from twisted.words.xish.domish import Element

from pushsvc.concealed import concealed
from pushsvc.errors import TryLater
from pushsvc.hosts import ServedHost
from pushsvc.ipushsvc import INodeOwning
from pushsvc.jids import addressOf
from pushsvc.wire.noderequests import isGone
from pushsvc.wire.view import viewOf
from pushsvc.xmpp.edge import Handler
from pushsvc.xmpp.ongoing import Ongoing


class Bounces(Handler):
    """
    Hears that those who have subscribed are gone. One for each link.
    """

    log = Logger()

    def __init__(self, hosts: Mapping[str, ServedHost], ongoing: Ongoing) -> None:
        super().__init__()
        self._hosts = hosts
        self._ongoing = ongoing

    def connectionInitialized(self) -> None:
        self.observe("/message[@type='error']", self.onError)

    def onError(self, message: Element) -> None:
        """
        A message came back. That is never answered.
        """
        host = self._hosts.get(message.attributes.get("to", ""))
        sender = addressOf(message.attributes.get("from", ""))
        if host is None or host.owning is None or sender is None or not isGone(viewOf(message)):
            return
        self._ongoing.run(self._forget(host.owning, host.name, sender.full))

    async def _forget(self, owning: INodeOwning, host: str, jid: str) -> None:
        try:
            await owning.unreachable(host, jid)
        except TryLater:
            # It comes back again the next time.
            pass
        except Exception:
            self.log.failure("a subscription was not dropped: this is a bug", concealed())
