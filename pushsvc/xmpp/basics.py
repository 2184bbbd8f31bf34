"""
What every entity answers: ping (XEP-0199), version (XEP-0092), and that it does not know what it was asked.
"""

from collections.abc import Mapping

from twisted.words.xish.domish import Element

from pushsvc.hosts import ServedHost
from pushsvc.jids import addressOf
from pushsvc.wire.errors import errorElement
from pushsvc.wire.namespaces import NS_PING, NS_VERSION
from pushsvc.wire.replies import errorReply
from pushsvc.xmpp.edge import Answer, Handler, Request


class Basics:
    """
    Ping and version. The operating system is nobody's business.
    """

    def __init__(self, version: str) -> None:
        self._version = version

    @property
    def answers(self) -> Mapping[tuple[str, str, str], Answer]:
        return {("get", NS_PING, "ping"): self.onPing, ("get", NS_VERSION, "query"): self.onVersion}

    async def onPing(self, request: Request) -> None:
        """
        We are here.
        """

    async def onVersion(self, request: Request) -> Element:
        """
        What we are.
        """
        query = Element((NS_VERSION, "query"))
        query.addElement((NS_VERSION, "name"), content="pushsvc")
        query.addElement((NS_VERSION, "version"), content=self._version)
        return query


class Unanswered(Handler):
    """
    Answers the IQ requests that nobody else has. Wokkel's FallbackHandler looks for ``handled`` where peers can put
    an element of that name.
    """

    def connectionInitialized(self) -> None:
        self.observe("/iq", self.onIQ, -1)

    def onIQ(self, iq: Element) -> None:
        """
        Say no to a request. Answers, awaited or not, are never answered.
        """
        if iq.__dict__.get("handled") or iq.attributes.get("type") not in ("get", "set"):
            return
        iq.__dict__["handled"] = True
        self.send(errorReply(iq, errorElement("cancel", "service-unavailable")))


class Presence(Handler):
    """
    A service has no presence to share: who asks to subscribe is told so, or their server would go on asking. All other
    presence, and messages, are passed over in silence.
    """

    def __init__(self, hosts: Mapping[str, ServedHost]) -> None:
        super().__init__()
        self._hosts = hosts

    def connectionInitialized(self) -> None:
        self.observe("/presence[@type='subscribe']", self.onSubscribe)

    def onSubscribe(self, presence: Element) -> None:
        """
        Decline.
        """
        sender = addressOf(presence.attributes.get("from", ""))
        recipient = addressOf(presence.attributes.get("to", ""))
        if presence.__dict__.get("handled") or sender is None or recipient is None:
            return
        if recipient.domain not in self._hosts:
            return
        presence.__dict__["handled"] = True
        # Subscriptions are between bare JIDs.
        attributes = {"type": "unsubscribed", "from": recipient.bare, "to": sender.bare}
        self.send(Element((None, "presence"), attribs=attributes))
