"""
The draft "push 2", where a host has it switched on: notifications that come as messages.

A message that went well is not answered; one that did not comes back as an error. As for publishes, only what is final
is told as such.
"""

from collections.abc import Mapping

from twisted.words.xish.domish import Element

from pushsvc.concealed import concealed
from pushsvc.errors import NoSuchNode, RequestError, TryLater
from pushsvc.hosts import ServedHost
from pushsvc.jids import Address, addressOf
from pushsvc.leaf import Leaf
from pushsvc.model import Publish
from pushsvc.wire.errors import writeError
from pushsvc.wire.push2 import Push2, readPush2
from pushsvc.wire.replies import errorTo
from pushsvc.wire.view import viewOf
from pushsvc.xmpp.edge import Handler
from pushsvc.xmpp.ongoing import Ongoing
from pushsvc.xmpp.pubsub import take


class Push2Messages(Handler):
    """
    Publishes what they say.
    """

    def __init__(self, hosts: Mapping[str, ServedHost], ongoing: Ongoing) -> None:
        super().__init__()
        self._hosts = hosts
        self._ongoing = ongoing

    def connectionInitialized(self) -> None:
        self.observe("/message", self.onMessage)

    def onMessage(self, message: Element) -> None:
        """
        Take a notification, if it is one.
        """
        attributes = message.attributes
        recipient, sender = addressOf(attributes.get("to", "")), addressOf(attributes.get("from", ""))
        host = self._hosts.get(recipient.domain) if recipient is not None and recipient.local is None else None
        if host is None or not host.push2 or sender is None or attributes.get("type") == "error":
            return
        pushed = readPush2(viewOf(message))
        if pushed is not None:
            asked = {name: attributes[name] for name in ("from", "to", "id") if name in attributes}
            self._ongoing.run(self._publish(host, sender, pushed, asked))

    async def _publish(self, host: ServedHost, sender: Address, pushed: Push2, asked: Mapping[str, str]) -> None:
        publish = Publish(host.name, pushed.node, sender.bare, (pushed.notification,), pushed.options)
        try:
            if self._ongoing.closing:
                raise TryLater("the service stops")
            if await _isCreated(host, pushed.node):
                # What is passed on are items, and there is none.
                raise NoSuchNode()
            await take(host, publish)
            return
        except (RequestError, TryLater) as e:
            error = writeError(e)
        except Exception:
            self.log.failure("a message could not be handled: this is a bug", concealed())
            error = writeError(TryLater())
        self.send(errorTo(asked, error, "message"))


async def _isCreated(host: ServedHost, node: str) -> bool:
    try:
        return host.tree is not None and isinstance(await host.tree.getNode(host.name, node), Leaf)
    except NoSuchNode:
        # That is for the host to say, and to count.
        return False
