"""
The server's end of a component stream, and somebody at our end to hand stanzas to.
"""

from typing import Any

from twisted.internet.defer import Deferred, DeferredQueue, gatherResults
from twisted.words.protocols.jabber import error, xmlstream
from twisted.words.protocols.jabber.component import ListenComponentAuthenticator
from twisted.words.xish import domish
from wokkel.subprotocols import XMPPHandler

from tests.servers.rig.ports import freePort

SECRET = "sesame"


class ComponentServer:
    """
    Takes components that know the secret.

    :ivar attached: the streams of components that did; wait with ``get()``.
    :ivar received: the stanzas they sent; wait with ``get()``.
    :ivar ended: why their streams ended; wait with ``get()``.
    :ivar refusal: a stream error with which every handshake is answered.
    :ivar attempts: how many connections there were.
    """

    def __init__(self, secret: str = SECRET) -> None:
        self.attached: DeferredQueue[Any] = DeferredQueue()
        self.received: DeferredQueue[domish.Element] = DeferredQueue()
        self.ended: DeferredQueue[Any] = DeferredQueue()
        self.refusal: str | None = None
        self.attempts = 0
        self.stream: Any = None  # the latest that attached
        self._streams: set[Any] = set()
        self._gone: list[Deferred[None]] = []
        self._factory = xmlstream.XmlStreamServerFactory(lambda: _Authenticator(secret, self))
        self._factory.addBootstrap(xmlstream.STREAM_CONNECTED_EVENT, self._connected)
        self._factory.addBootstrap(xmlstream.STREAM_AUTHD_EVENT, self._authenticated)
        self._port: Any = None

    def listen(self, reactor: Any, port: int = 0) -> int:
        """
        Take connections on this machine.

        :returns: the port.
        """
        # Nobody else gets it while we are away for a moment.
        self._port = reactor.listenTCP(port or freePort(), self._factory, interface="127.0.0.1")
        return int(self._port.getHost().port)

    def send(self, stanza: domish.Element | str) -> None:
        """
        Say something to the component that attached last.
        """
        self.stream.send(stanza)

    async def stop(self) -> None:
        """
        Hang up on everybody, and take no more connections.
        """
        if self._port is not None:
            port, self._port = self._port, None
            await port.stopListening()
        self._gone = [Deferred() for _ in self._streams]
        for stream in list(self._streams):
            stream.transport.abortConnection()
        await gatherResults(self._gone)

    def _connected(self, stream: Any) -> None:
        self.attempts += 1
        self._streams.add(stream)
        stream.addObserver(xmlstream.STREAM_END_EVENT, self._lost, 0, stream)

    def _authenticated(self, stream: Any) -> None:
        self.stream = stream
        stream.addObserver("/*", self.received.put)
        self.attached.put(stream)

    def _lost(self, stream: Any, reason: Any) -> None:
        self._streams.discard(stream)
        self.ended.put(reason.value)
        if self._gone:
            self._gone.pop().callback(None)


class _Authenticator(ListenComponentAuthenticator):
    def __init__(self, secret: str, server: ComponentServer) -> None:
        super().__init__(secret)
        self._server = server

    def onHandshake(self, handshake: str) -> None:
        if self._server.refusal is not None:
            self.xmlstream.sendStreamError(error.StreamError(self._server.refusal))
        else:
            super().onHandshake(handshake)


class Recorder(XMPPHandler):
    """
    A handler that keeps what it is told.

    :ivar told: ``made``, ``initialized`` and ``lost``, in order.
    :ivar initialized: fires once for each stream that is ready; wait with ``get()``.
    :ivar lost: fires once for each stream that ended; wait with ``get()``.
    :ivar received: stanzas; wait with ``get()``.
    """

    def __init__(self, query: str = "/*") -> None:
        super().__init__()
        self._query = query
        self.told: list[str] = []
        self.initialized: DeferredQueue[Any] = DeferredQueue()
        self.lost: DeferredQueue[Any] = DeferredQueue()
        self.received: DeferredQueue[domish.Element] = DeferredQueue()

    def connectionMade(self) -> None:
        self.told.append("made")

    def connectionInitialized(self) -> None:
        self.told.append("initialized")
        self.xmlstream.addObserver(self._query, self.received.put)
        self.initialized.put(self.xmlstream)

    def connectionLost(self, reason: Any) -> None:
        super().connectionLost(reason)
        self.told.append("lost")
        self.lost.put(reason.value)
