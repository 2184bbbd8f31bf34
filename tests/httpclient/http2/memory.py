"""
Connections between a pool and a stand-in without a network: every byte moves when the test says so.
"""

from typing import Any

from twisted.internet.error import ConnectionDone, ConnectionLost
from twisted.internet.task import Clock
from twisted.python.failure import Failure

from pushsvc.exchange import ExchangeFailed, NotConnected
from pushsvc.httpclient.http2.engine import MakeEngine
from pushsvc.httpclient.http2.session import Session
from pushsvc.httpclient.http2.tuning import Tuning
from tests.standins.http2 import StandIn


class End:
    """
    One end of a link, as a transport.
    """

    negotiatedProtocol = b"h2"

    def __init__(self, link: "Link") -> None:
        self.link = link
        self.written = b""
        self.closing = False
        self.producer: Any = None
        self.peakPerTurn = 0

    def write(self, data: bytes) -> None:
        if not self.closing:
            self.written += data

    def loseConnection(self) -> None:
        self.closing = True

    def abortConnection(self) -> None:
        self.closing = True
        self.link.clock.callLater(0, self.link.cut)

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        self.producer = producer

    def unregisterProducer(self) -> None:
        self.producer = None

    def setTcpNoDelay(self, on: bool) -> None:
        """
        There is no TCP.
        """

    setTcpKeepAlive = setTcpNoDelay


class Link:
    """
    A connection: what one end has written reaches the other when it is carried there.
    """

    def __init__(self, clock: Clock, client: Session, server: Any) -> None:
        self.clock = clock
        self.client, self.server = client, server
        self.ours, self.theirs = End(self), End(self)
        self.down = False
        server.makeConnection(self.theirs)
        client.makeConnection(self.ours)
        client.handshakeCompleted()

    def toServer(self, size: int) -> None:
        """
        Carry so many bytes.
        """
        data, self.ours.written = self.ours.written[:size], self.ours.written[size:]
        if data and not self.down:
            self.server.dataReceived(data)
        self._close(self.ours)

    def toClient(self, size: int) -> None:
        """
        Carry so many bytes.
        """
        data, self.theirs.written = self.theirs.written[:size], self.theirs.written[size:]
        if data and not self.down:
            self.client.dataReceived(data)
        self._close(self.theirs)

    def _close(self, end: End) -> None:
        if end.closing and not end.written:
            self.cut(ConnectionDone())

    def cut(self, reason: Exception | None = None) -> None:
        """
        End the connection; what is on its way is lost.
        """
        if not self.down:
            self.down = True
            failure = Failure(reason or ConnectionLost())
            self.client.connectionLost(failure)
            self.server.connectionLost(failure)


class Network:
    """
    Makes links to a stand-in.

    :ivar fails: what happens instead of a connection.
    :ivar failures: how often it did.
    """

    def __init__(self, clock: Clock, server: StandIn, tuning: Tuning, makeEngine: MakeEngine) -> None:
        self.clock, self.server, self.tuning, self.makeEngine = clock, server, tuning, makeEngine
        self.fails: ExchangeFailed | None = None
        self.failures = 0
        self.links: list[Link] = []

    async def connect(self, owner: Any) -> Session:
        if self.fails is not None:
            self.failures += 1
            raise self.fails
        session = Session(owner, self.clock, self.tuning, self.makeEngine, "standin")
        self.links.append(Link(self.clock, session, self.server.buildProtocol(None)))
        try:
            await session.ready.addTimeout(self.tuning.connectWithin, self.clock)
        except Exception:
            raise NotConnected("it came to nothing") from None
        return session

    @property
    def up(self) -> list[Link]:
        """
        The links that are there.
        """
        return [link for link in self.links if not link.down]

    def settle(self) -> None:
        """
        Carry everything to where it belongs.
        """
        for _ in range(200):
            before = [(link.ours.written, link.theirs.written, link.down) for link in self.links]
            self.clock.advance(0)
            for link in self.up:
                link.toServer(1_000_000)
                link.toClient(1_000_000)
            if before == [(link.ours.written, link.theirs.written, link.down) for link in self.links]:
                return
