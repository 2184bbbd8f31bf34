"""
The other end: the XMPP server of example.net, as far as pushsvc can tell. Its streams are made by the same code as
pushsvc's own, and go over the network as any others.
"""

import itertools
from pathlib import Path
from typing import Any
from xml.dom.minidom import parseString

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.words.protocols.jabber.xmlstream import XMPPHandler
from twisted.words.xish.domish import Element, elementStream

from pushsvc.addresses import Reachable
from pushsvc.links.s2s import racing
from pushsvc.links.s2s.keypairs import Files
from pushsvc.links.s2s.link import S2SLink
from pushsvc.links.s2s.ourselves import Settings
from pushsvc.links.s2s.resolve import Resolver
from pushsvc.links.s2s.tls import Certificates

_MEANS = {"EXTERNAL": "known by its certificate (SASL EXTERNAL)", "dialback": "known by dialback (XEP-0220)"}

# Seconds; on loopback nothing takes that long.
PATIENCE = 10


class DemoServer(XMPPHandler):
    """
    Sends stanzas of its domain to pushsvc, and hears the answers.
    """

    xmlstream: Any

    def __init__(self, reactor: Any, domain: str, port: int, names: tuple[str, int], files: Files, trust: Path) -> None:
        """
        :param port: where it listens, on loopback.
        :param names: the name server.
        :param trust: whom it believes when they vouch for others.
        """
        super().__init__()  # type: ignore[no-untyped-call]
        self.domain = domain
        self._reactor = reactor
        self._ids = itertools.count(1)
        self._answers: dict[str, Deferred[Element]] = {}
        self._watched = _Watched(serverFromString(reactor, f"tcp:{port}:interface=127.0.0.1"))  # type: ignore[no-untyped-call]
        self._link = S2SLink(
            [domain],
            Certificates({}, files, trust),
            Resolver([names], reactor, reachable=Reachable(["127.0.0.0/8"])).candidates,
            [(self._watched, False)],
            reactor,
            # Two streams show more than one.
            Settings(bidi=False),
            connect=self._watched.connect,
        )
        self._link.addHandlers([self])

    def start(self) -> None:
        """
        Listen.
        """
        self._link.startService()

    async def close(self) -> None:
        """
        Close all streams.
        """
        await self._link.stopService()

    def connectionInitialized(self) -> None:
        self.xmlstream.addObserver("/iq", self._onIQ)

    def nextId(self) -> str:
        """
        An id for a stanza.
        """
        return f"n{next(self._ids)}"

    async def ask(self, iq: str) -> str:
        """
        Send an IQ and wait for its answer, as text to be read.
        """
        stanza, answer = _parsed(iq), Deferred[Element]()
        self._answers[stanza["id"]] = answer
        self._link.send(stanza)
        return readable(await answer.addTimeout(PATIENCE, self._reactor))

    def streams(self) -> list[str]:
        """
        What streams there were so far, and how one end came to believe the other.
        """
        return [self._described(stream) for stream in self._watched.streams]

    def _described(self, stream: Any) -> str:
        way = f"{self.domain} -> pushsvc" if stream.initiating else f"pushsvc -> {self.domain}"
        # Where nobody shows who it is, something is asked.
        means = _MEANS.get(stream.means, f"only asks: is this dialback key yours, {self.domain}?")
        return f"{way}:  {'TLS' if stream.secure else 'no TLS'}, {means}"

    def _onIQ(self, iq: Element) -> None:
        answer = self._answers.pop(iq.getAttribute("id", ""), None)
        if answer is not None:
            answer.callback(iq)


class _Watched:
    """
    Where the streams of a link come from, in both directions.
    """

    def __init__(self, endpoint: Any) -> None:
        self.streams: list[Any] = []
        self._endpoint = endpoint

    def listen(self, factory: Any) -> Any:
        build = factory.buildProtocol

        def watched(address: Any) -> Any:
            self.streams.append(build(address))
            return self.streams[-1]

        factory.buildProtocol = watched
        return self._endpoint.listen(factory)

    def connect(self, *what: Any) -> Any:
        return racing.connect(*what).addCallback(self._connected)

    def _connected(self, stream: Any) -> Any:
        self.streams.append(stream)
        return stream


def _parsed(text: str) -> Element:
    """
    A stanza, as handlers make them.
    """
    elements: list[Element] = []
    stream = elementStream()
    stream.DocumentStartEvent = elements.append
    stream.ElementEvent = lambda child: elements[0].addChild(child)
    stream.DocumentEndEvent = lambda: None
    stream.parse(text.encode("utf-8"))
    # Of whatever namespace its stream is.
    elements[0].uri = elements[0].defaultUri = None
    return elements[0]


def readable(stanza: Element) -> str:
    """
    A stanza with an element a line, without the white space that came with it.
    """
    document = parseString(stanza.toXml())
    assert document.documentElement is not None
    lines = document.documentElement.toprettyxml(indent="  ").splitlines()
    return "\n".join(line for line in lines if line.strip())
