"""
The connections of HTTP/1.1: Twisted's, for servers that mean no good.

Twisted takes headers for as long as they come, has a line in the log for each 1xx, keeps idle connections to any number
of hosts, and says farewell to TLS for as long as the other side takes to answer. Each of these is a way to have our
memory, our disk or our file descriptors.
"""

from functools import partial
from typing import Any

from twisted.internet.interfaces import IAddress, IDelayedCall, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.logger import ILogObserver, Logger
from twisted.python.failure import Failure
from twisted.web._newclient import HTTP11ClientProtocol
from twisted.web.client import HTTPConnectionPool, _HTTP11ClientFactory
from zope.interface import implementer

# Bytes of all that comes as an answer: four times what is taken of its body, for much is around it in small chunks.
LONGEST_EXCHANGE = 4 * 65536
# Idle connections kept for one host: as many as an app has requests under way when nobody says otherwise; and for all.
IDLE_PER_HOST = 500
IDLE = 2000
# Seconds a connection stays idle; shorter than servers keep theirs, so that it is seldom they who end it.
IDLE_SECONDS = 90
# Seconds that the other side has to close what we close.
FAREWELL = 5.0


@implementer(ILogObserver)
class _Nobody:
    def __call__(self, event: Any) -> None:
        """
        Nobody hears it.
        """


_NOBODY = Logger(observer=_Nobody())


class Bounded(HTTP11ClientProtocol):
    """
    A connection that takes so much for an answer, headers and all, and that ends when we end it.

    :ivar key: where it leads to, while it is idle.
    """

    key: Any = None
    transport: Any

    def __init__(self, quiescentCallback: Any, clock: IReactorTime) -> None:
        super().__init__(quiescentCallback)  # type: ignore[no-untyped-call]
        self._clock = clock
        self._left = 0
        self._farewell: IDelayedCall | None = None

    def connectionMade(self) -> None:
        super().connectionMade()
        self.transport = _Leaving(self.transport, self._hurry)

    def request(self, request: Any) -> Any:
        self._left = LONGEST_EXCHANGE
        asked = super().request(request)
        if self._parser is not None:
            # COMPAT: there is no other way to have it say nothing of 1xx.
            self._parser._log = _NOBODY
        return asked

    def dataReceived(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            self.transport.abortConnection()
        else:
            super().dataReceived(data)  # type: ignore[no-untyped-call]

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if self._farewell is not None and self._farewell.active():
            self._farewell.cancel()
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def _hurry(self) -> None:
        if self._farewell is None:
            self._farewell = self._clock.callLater(FAREWELL, self.transport.abortConnection)


class _Leaving:
    """
    A transport that tells when it is to be closed.
    """

    def __init__(self, transport: Any, told: Any) -> None:
        self._transport = transport
        self._told = told

    def loseConnection(self) -> None:
        self._transport.loseConnection()
        self._told()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Factory(_HTTP11ClientFactory):
    noisy = False

    def __init__(self, clock: IReactorTime, *about: Any) -> None:
        super().__init__(*about)  # type: ignore[no-untyped-call]
        self._clock = clock

    def buildProtocol(self, addr: IAddress | None) -> Bounded:
        return Bounded(self._quiescentCallback, self._clock)


class Pool(HTTPConnectionPool):
    """
    So many connections, whoever they lead to.

    :param persistent: whether idle ones are kept.
    """

    maxPersistentPerHost = IDLE_PER_HOST
    cachedConnectionTimeout = IDLE_SECONDS
    retryAutomatically = False

    def __init__(self, reactor: Any, persistent: bool) -> None:
        super().__init__(reactor, persistent)  # type: ignore[no-untyped-call]
        self._factory: Any = partial(_Factory, reactor)
        self._most = IDLE

    def getConnection(self, key: Any, endpoint: Any) -> Any:
        found = super().getConnection(key, endpoint)
        self._forget(key)
        return found

    def _putConnection(self, key: Any, connection: Any) -> None:
        super()._putConnection(key, connection)  # type: ignore[no-untyped-call]
        connection.key = key
        if len(self._timeouts) > self._most:
            longest = next(iter(self._timeouts))
            self._timeouts[longest].cancel()
            self._removeConnection(longest.key, longest)

    def _removeConnection(self, key: Any, connection: Any) -> None:
        super()._removeConnection(key, connection)  # type: ignore[no-untyped-call]
        self._forget(key)

    def _forget(self, key: Any) -> None:
        # Twisted remembers every host.
        if not self._connections.get(key, True):
            del self._connections[key]
