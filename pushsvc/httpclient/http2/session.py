"""
One HTTP/2 connection, from its first byte to its last.
"""

from typing import Any

from twisted.internet import protocol
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IHandshakeListener, IPushProducer, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from pushsvc.exchange import AnswerTooLarge, ConnectionBroke, NotSpoken
from pushsvc.httpclient.http2.allowance import Allowance
from pushsvc.httpclient.http2.asking import Asking
from pushsvc.httpclient.http2.engine import (
    Answered,
    Changed,
    Code,
    Data,
    Ended,
    Event,
    GoneAway,
    MakeEngine,
    PeerMisbehaved,
    Reset,
)
from pushsvc.httpclient.http2.liveness import Liveness
from pushsvc.httpclient.http2.outgoing import Outgoing
from pushsvc.httpclient.http2.owner import Owner
from pushsvc.httpclient.http2.tuning import Tuning


@implementer(IHandshakeListener, IPushProducer)
class Session(protocol.Protocol):
    """
    Requests on streams. It keeps none waiting: those that have no stream are their owner's.

    :ivar name: of the other side, for the operator.
    :ivar ready: fires once the other side has said what its settings are; fails when that will not be.
    :ivar leaving: it takes no more requests.
    :ivar answers: how many came.
    """

    log = Logger()
    transport: Any = None

    def __init__(self, owner: Owner, clock: IReactorTime, tuning: Tuning, makeEngine: MakeEngine, name: str) -> None:
        self.name = name
        self.ready: Deferred[Session] = Deferred(lambda _: self.abort("took too long"))
        self.leaving = False
        self.answers = 0
        self.idleSince = self.openSince = clock.seconds()
        self._owner = owner
        self._clock = clock
        self._tuning = tuning
        self._engine = makeEngine()
        self._streams: dict[int, Asking] = {}
        self._allowance = Allowance(tuning.streams)
        self._speaking = self._lost = False
        self._why: str | None = None
        self._notSpoken = False
        self._outgoing = Outgoing(self._engine, clock, self.abort, self._flushed)
        self._liveness = Liveness(clock, tuning, self._ping, self.abort)
        self._closing = False
        self._farewell: IDelayedCall | None = None

    # What the owner looks at

    @property
    def load(self) -> int:
        """
        How many requests are on it.
        """
        return len(self._streams)

    @property
    def room(self) -> int:
        """
        How many requests it may take now.
        """
        if self.leaving or not self._speaking or self._outgoing.paused or self._engine.window <= 0:
            return 0
        return min(self._limit(), self._allowance.now) - len(self._streams)

    @property
    def full(self) -> bool:
        """
        Whether it has as many requests as it was promised: another connection would help. Where a promise was not
        kept it would not.
        """
        return len(self._streams) >= self._limit()

    def _limit(self) -> int:
        limit: int = self._engine.limit
        return min(limit, self._tuning.streams)

    # Requests

    def ask(self, asking: Asking) -> None:
        """
        Open a stream. There has to be room.
        """
        if not self._streams:
            self._liveness.used()
        asking.session = self
        asking.stream = self._engine.open(asking.headers, not asking.body)
        self._streams[asking.stream] = asking
        self._outgoing.add(asking)
        if self._engine.exhausted:
            self._leave()

    def withdraw(self, asking: Asking) -> None:
        """
        Nobody wants the answer any more.
        """
        if self._streams.get(asking.stream) is asking:
            self._remove(asking)
            self._engine.reset(asking.stream, Code.CANCEL)
            self._outgoing.wake()
            self._madeRoom()

    def close(self) -> None:
        """
        Take no more requests, wait for the answers to those that are on it, then end.
        """
        self._leave()
        self._outgoing.wake()

    def abort(self, why: str) -> None:
        """
        End at once.
        """
        if self._why is None:
            self._why = why
        # Until the connection is gone in the next turn, nobody is to put anything on it.
        self._closing = True
        self._outgoing.stop()
        self._liveness.stop()
        if self.transport is not None and not self._lost:
            self.transport.abortConnection()
        self._leave()

    # The connection

    def connectionMade(self) -> None:
        self.transport.registerProducer(self, True)
        self.transport.setTcpNoDelay(True)
        self.transport.setTcpKeepAlive(True)
        self._outgoing.transport = self.transport
        if self.ready.called:
            # Given up before it was there.
            self.abort("took too long")

    def handshakeCompleted(self) -> None:
        if self.transport.negotiatedProtocol != b"h2":
            self._notSpoken = True
            self.abort("does not speak HTTP/2")
            return
        self._engine.start()
        self._outgoing.wake()

    def dataReceived(self, data: bytes) -> None:
        if self._closing:
            return
        self._liveness.heard()
        try:
            events = self._engine.received(data)
        except PeerMisbehaved as e:
            self.log.warn("{name}: what came is no HTTP/2: {error}", name=self.name, error=str(e))
            self.abort("what came is no HTTP/2")
            return
        for event in events:
            self._happened(event)
        self._outgoing.wake()
        self._madeRoom()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._lost = self._closing = True
        self._outgoing.stop()
        self._liveness.stop()
        if self._farewell is not None:
            self._farewell.cancel()
        # First of all nobody may choose this connection any more.
        self._leave()
        why = self._why or type(reason.value).__name__
        streams, self._streams = self._streams, {}
        for asking in streams.values():
            if self._outgoing.wasWritten(asking):
                asking.failed(ConnectionBroke(f"the connection broke ({why})", maybeSent=True))
            else:
                self._owner.unprocessed(asking)
        self._outgoing.clear()
        self._owner.ended(self)
        if not self.ready.called:
            self.ready.errback(NotSpoken("HTTP/2 is not spoken there") if self._notSpoken else reason)

    # What the other side says

    def _happened(self, event: Event) -> None:
        if isinstance(event, Changed):
            if not self._speaking:
                self._speaking = True
                self._liveness.start(lambda: bool(self._streams))
                if not self.ready.called:
                    self.ready.callback(self)
            return
        if isinstance(event, GoneAway):
            self._goneAway(event)
            return
        asking = self._streams.get(getattr(event, "stream", 0))
        if asking is None:
            return
        if isinstance(event, Answered):
            asking.begun(event.status, event.headers)
        elif isinstance(event, Data):
            try:
                asking.continued(event.data)
            except AnswerTooLarge as e:
                self._remove(asking)
                self._engine.reset(asking.stream, Code.CANCEL)
                asking.failed(e)
        elif isinstance(event, Ended):
            self._remove(asking)
            if not asking.sentWhole:
                # Whoever answers early does not want the rest.
                self._engine.reset(asking.stream, Code.CANCEL)
            self.answers += 1
            self._allowance.answered()
            self._owner.answered(self)
            asking.ended()
        elif isinstance(event, Reset):
            self._reset(asking, event.code)

    def _remove(self, asking: Asking) -> None:
        del self._streams[asking.stream]
        self._outgoing.remove(asking)
        if not self._streams:
            self.idleSince = self._clock.seconds()

    def _reset(self, asking: Asking, code: int) -> None:
        self._remove(asking)
        if code == Code.REFUSED_STREAM:
            self._allowance.refused(len(self._streams))
            asking.refusedBy = self
            self._unprocessed(asking)
        else:
            asking.failed(ConnectionBroke(f"the request was reset (code {code})", maybeSent=True))

    def _goneAway(self, event: GoneAway) -> None:
        if event.code != Code.NO_ERROR:
            self.log.warn("{name}: ends the connection: code {code}", name=self.name, code=event.code)
        self._leave()
        for asking in [asking for stream, asking in self._streams.items() if stream > event.last]:
            if self._streams.get(asking.stream) is asking:
                # Nothing is said to the other side of these: it may not know their numbers.
                self._remove(asking)
                self._unprocessed(asking)

    def _unprocessed(self, asking: Asking) -> None:
        if asking.begins:
            # Whoever says so of what it has begun to answer cannot be believed.
            asking.failed(ConnectionBroke("an answer that was taken back", maybeSent=True))
        else:
            self._owner.unprocessed(asking)

    # Its own affairs

    def _madeRoom(self) -> None:
        if self.room > 0:
            self._owner.hasRoom(self)

    def _leave(self) -> None:
        if not self.leaving:
            self.leaving = True
            self._owner.leaves(self)

    def _ping(self) -> None:
        self._engine.ping()
        self._outgoing.wake()

    def _flushed(self) -> None:
        if self.leaving and not self._streams and not self._lost and not self._closing:
            self._closing = True
            self._liveness.stop()
            # The farewell of the other side's TLS may never come.
            self._farewell = self._clock.callLater(self._tuning.farewell, self._hurry)
            self._engine.goAway(Code.NO_ERROR)
            self._outgoing.write()
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def _hurry(self) -> None:
        self._farewell = None
        self.abort("does not close")

    # IPushProducer: the transport's buffer is full, or has room again

    def pauseProducing(self) -> None:
        self._outgoing.paused = True

    def resumeProducing(self) -> None:
        self._outgoing.paused = False
        self._outgoing.wake()
        self._madeRoom()

    def stopProducing(self) -> None:
        self._outgoing.paused = True
