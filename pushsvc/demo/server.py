"""
The XMPP server's end of a component stream (XEP-0114), for one component and on loopback: what Prosody would do.
"""

import itertools
from typing import Any
from xml.dom.minidom import parseString

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.words.protocols.jabber.component import NS_COMPONENT_ACCEPT, ListenComponentAuthenticator
from twisted.words.protocols.jabber.xmlstream import STREAM_AUTHD_EVENT, XmlStreamServerFactory
from twisted.words.xish.domish import Element

# Seconds; on loopback nothing takes that long.
PATIENCE = 10


class DemoServer:
    """
    Waits for a component, sends it stanzas, and hears its answers.
    """

    def __init__(self, reactor: Any, secret: str) -> None:
        self._reactor = reactor
        self._ids = itertools.count(1)
        self._answers: dict[str, Deferred[Element]] = {}
        self._stream: Any = None
        self._port: Any = None
        self.attached: Deferred[None] = Deferred()
        self._factory = XmlStreamServerFactory(lambda: ListenComponentAuthenticator(secret))
        self._factory.addBootstrap(STREAM_AUTHD_EVENT, self._onAttached)

    async def listen(self) -> int:
        """
        Wait on a free port of loopback.

        :returns: the port.
        """
        endpoint = TCP4ServerEndpoint(self._reactor, 0, interface="127.0.0.1")  # type: ignore[no-untyped-call]
        self._port = await endpoint.listen(self._factory)  # type: ignore[no-untyped-call]
        return int(self._port.getHost().port)

    def nextId(self) -> str:
        """
        An id for a stanza.
        """
        return f"n{next(self._ids)}"

    async def ask(self, iq: str) -> str:
        """
        Send an IQ and wait for its answer, as text to be read.
        """
        answer: Deferred[Element] = Deferred()
        self._answers[parseString(iq).documentElement.getAttribute("id")] = answer  # type: ignore[union-attr]
        self._stream.send(iq)
        return readable(await answer.addTimeout(PATIENCE, self._reactor))

    async def close(self) -> None:
        """
        Hear no more.
        """
        if self._port is not None:
            await self._port.stopListening()
        if self._stream is not None and self._stream.transport is not None:
            self._stream.transport.loseConnection()

    def _onAttached(self, stream: Any) -> None:
        self._stream = stream
        stream.addObserver("/iq", self._onIQ)
        self.attached.callback(None)

    def _onIQ(self, iq: Element) -> None:
        answer = self._answers.pop(iq.getAttribute("id", ""), None)
        if answer is not None:
            answer.callback(iq)


def readable(stanza: Element) -> str:
    """
    A stanza with an element a line, without what is the same on all of them.
    """
    text = stanza.toXml().replace(f" xmlns='{NS_COMPONENT_ACCEPT}'", "")
    document = parseString(text)
    assert document.documentElement is not None
    return document.documentElement.toprettyxml(indent="  ").rstrip()
