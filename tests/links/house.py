"""
A component, the server that it is of, and what one does with both.
"""

from typing import Any

from twisted.internet import reactor as theReactor
from twisted.internet.endpoints import TCP4ClientEndpoint
from twisted.internet.task import Clock, deferLater
from twisted.words.xish.domish import Element

from pushsvc.links.componentlink import ComponentLink
from pushsvc.links.limits import Limits
from tests.links.peer import SECRET, ComponentServer, Recorder

reactor: Any = theReactor

DOMAIN = "push.example"
LIMITS = Limits(size=262_144, elements=4_000, tag=1_048_576, skips=True)


class House:
    """
    A server, a link to it that is not started yet, and a handler.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.server = ComponentServer()
        self.port = self.server.listen(reactor)
        self.handler = Recorder()
        self.link = self.makeLink()
        self.link.addHandlers([self.handler])

    def makeLink(self, secret: str = SECRET, maxWaiting: int = 100) -> ComponentLink:
        """
        A link to the server.
        """
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.port)
        return ComponentLink(DOMAIN, secret, endpoint, self.clock, LIMITS, maxWaiting, lambda: 1.0)

    async def attach(self) -> None:
        """
        Start the link, and wait until it is ready.
        """
        self.link.startService()
        await self.server.attached.get()
        await self.handler.initialized.get()


def message(text: str) -> Element:
    """
    A message from us.
    """
    stanza = Element((None, "message"))
    stanza["to"] = "example.org"
    stanza.addElement("body", content=text)
    return stanza


def events(logged: list[Any]) -> list[str]:
    """
    What the link told the operator.
    """
    ours = [event for event in logged if event.get("log_namespace", "").startswith("pushsvc")]
    return [event["log_format"].format(**event) for event in ours]


async def clog(link: ComponentLink) -> int:
    """
    Send until it is certain that the server, which does not read, will not take more: there is always a little room
    left between us, but not for this much.

    :returns: how many messages were sent; each begins with its number.
    """
    sent = waiting = 0
    while waiting < 50:
        waiting = waiting + 1 if link.xmlstream.congested else 0
        link.send(message(f"{sent} " + "x" * 100_000))
        sent += 1
        assert sent < 1_000
        await turns(1)
    return sent


async def turns(count: int = 3) -> None:
    """
    Let the reactor do what it can do at once.
    """
    for _ in range(count):
        await deferLater(reactor, 0)
