"""
Servers on loopback that misbehave on purpose.
"""

from collections.abc import Callable
from typing import Any

from twisted.internet import ssl
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import SSL4ServerEndpoint
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.python.failure import Failure

from tests.standins.certificates import Certificate

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


class Script(ServerFactory):
    """
    Does to the n-th request what the n-th entry says; the last entry goes for all that follow.

    :ivar requests: what was received, connection by connection.
    :ivar ended: fires when a connection has ended.
    """

    noisy = False

    def __init__(self, *acts: Callable[[Protocol], None]) -> None:
        self.acts = list(acts)
        self.requests: list[list[bytes]] = []
        self.ended: Deferred[None] = Deferred()

    def buildProtocol(self, addr: Any) -> Protocol:
        protocol = _Connection(self)
        self.requests.append(protocol.requests)
        return protocol


class _Connection(Protocol):
    def __init__(self, script: Script) -> None:
        self.requests: list[bytes] = []
        self._script = script
        self._received = b""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if not self._script.ended.called:
            self._script.ended.callback(None)

    def dataReceived(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        length = [line[15:] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        if not end or len(body) < int(length[0] if length else 0):
            return
        self.requests.append(self._received)
        self._received = b""
        act = self._script.acts.pop(0) if len(self._script.acts) > 1 else self._script.acts[0]
        act(self)


def says(answer: bytes) -> Callable[[Protocol], None]:
    """
    Answer with these bytes.
    """
    return lambda connection: connection.transport.write(answer)


def saysAndCloses(answer: bytes) -> Callable[[Protocol], None]:
    """
    Answer with these bytes, and end the connection.
    """

    def act(connection: Protocol) -> None:
        connection.transport.write(answer)
        connection.transport.loseConnection()

    return act


def cuts(connection: Protocol) -> None:
    """
    Cut the connection.
    """
    connection.transport.abortConnection()


def isMute(connection: Protocol) -> None:
    """
    Say nothing.
    """


def listenTLS(reactor: Any, factory: ServerFactory, issued: Certificate) -> Any:
    """
    A Deferred that fires with the port.
    """
    pair = ssl.DefaultOpenSSLContextFactory(str(issued.key), str(issued.certificate))
    return SSL4ServerEndpoint(reactor, 0, pair, interface="127.0.0.1").listen(factory)
