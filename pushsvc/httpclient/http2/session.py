"""
One HTTP/2 connection, from its first byte to its last.
"""

from collections.abc import Sequence
from typing import Any

from twisted.internet import protocol
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IHandshakeListener, IReactorTime
from twisted.internet.protocol import connectionDone
from twisted.logger import Logger, LogLevel
from twisted.python.failure import Failure
from zope.interface import implementer

from pushsvc.exchange import ConnectionBroke, ExchangeFailed, NotAdmitted, NotSpoken
from pushsvc.httpclient.http2.asking import Asking
from pushsvc.httpclient.http2.conduct import Conduct
from pushsvc.httpclient.http2.engine import Changed, Code, Event, GoneAway, MakeEngine, PeerMisbehaved, Pong
from pushsvc.httpclient.http2.liveness import Liveness
from pushsvc.httpclient.http2.outgoing import Outgoing
from pushsvc.httpclient.http2.owner import Owner
from pushsvc.httpclient.http2.streams import Streams
from pushsvc.httpclient.http2.tuning import Tuning
from pushsvc.httpclient.trust import isRefusal


@implementer(IHandshakeListener)
class Session(protocol.Protocol):
    """
    A connection that takes requests. It keeps none waiting: those that have no stream are their owner's.

    :ivar name: of the other side, for the operator.
    :ivar ready: fires once the other side has said what its settings are; fails when that will not be.
    :ivar leaving: it takes no more requests.
    :ivar why: it does not, for the operator.
    :ivar conduct: what speaks for it, and against it.
    :ivar used: larger than that of those which were used before it; its owner's.
    """

    log = Logger()
    transport: Any = None

    def __init__(self, owner: Owner, clock: IReactorTime, tuning: Tuning, makeEngine: MakeEngine, name: str) -> None:
        self.name = name
        self.ready: Deferred[Session] = Deferred(lambda _: self.abort("took too long"))
        self.leaving = False
        self.why = ""
        self.used = 0
        self.conduct = Conduct(clock, tuning)
        self._owner = owner
        self._clock = clock
        self._tuning = tuning
        self._engine = makeEngine()
        self._speaking = self._lost = False
        self._notSpoken = False
        self._outgoing = Outgoing(self._engine, clock, self.abort, self._flushed, self._madeRoom)
        self._streams = Streams(self, owner, self._engine, self._outgoing, self.conduct, clock, tuning)
        self._liveness = Liveness(clock, tuning, self._ping, self.abort)
        self._closing = False
        self._farewell: IDelayedCall | None = None

    # What the owner looks at

    @property
    def load(self) -> int:
        """
        How many requests are on it.
        """
        return len(self._streams.asked)

    @property
    def idleSince(self) -> float | None:
        """
        Since when there has been none; None: there are some.
        """
        return None if self._streams.asked else self._streams.idleSince

    @property
    def room(self) -> int:
        """
        How many requests it may take now.
        """
        if self.leaving or not self._speaking or self._outgoing.paused or self._engine.window <= 0:
            return 0
        return self._streams.room

    @property
    def full(self) -> bool:
        """
        Whether another connection would help: it has as many requests as it was promised, or nothing gets through.
        Where a promise was not kept, another would not.
        """
        return self.load >= self._streams.limit or self._outgoing.paused or self._engine.window <= 0

    # Requests

    def ask(self, asking: Asking) -> None:
        """
        Open a stream. There has to be room.
        """
        if not self._streams.asked:
            self._liveness.used()
        self._streams.open(asking)
        if self._engine.exhausted:
            self.conduct.isSpent = True
            self._leave("its numbers have run out")

    def withdraw(self, asking: Asking) -> None:
        """
        Nobody wants the answer any more.
        """
        if self._streams.has(asking):
            self._streams.reset(asking)
            self._outgoing.wake()
            self._madeRoom()

    def late(self, asking: Asking) -> None:
        """
        The time of a request is up that is on it.
        """
        self.conduct.late(asking)
        self._judge()

    def keptWaiting(self, asking: Asking) -> None:
        """
        The time of a request is up that waits.
        """
        if self.room <= 0:
            self.conduct.keptWaiting(asking)
            self._judge()

    def close(self) -> None:
        """
        Take no more requests, wait for the answers to those that are on it, then end.
        """
        self._leave("closed")
        self._outgoing.wake()

    def abort(self, why: str) -> None:
        """
        End at once.
        """
        # Until the connection is gone in the next turn, nobody is to put anything on it.
        self._closing = True
        self._outgoing.stop()
        self._liveness.stop()
        if self.transport is not None and not self._lost:
            self.transport.abortConnection()
        self._leave(why)

    # The connection

    def connectionMade(self) -> None:
        self.transport.setTcpNoDelay(True)
        self.transport.setTcpKeepAlive(True)
        self._outgoing.begin(self.transport)
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
            self._tell("{name}: what came is no HTTP/2: {error}", error=str(e))
            # Answers among it may lead to questions, and to more: nothing of that is for this connection.
            farewell = self._engine.toSend()
            self._leave("what came is no HTTP/2")
            self._happened(e.before)
            self._hangUp(farewell)
            return
        # First of all the limit: it holds already for what the events lead to.
        self._streams.changed()
        self._happened(events)
        self._judge()
        self._outgoing.wake()
        self._madeRoom()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._lost = self._closing = True
        self._outgoing.stop()
        self._liveness.stop()
        if self._farewell is not None:
            self._farewell.cancel()
        # First of all nobody may choose this connection any more.
        self._leave(type(reason.value).__name__)
        self._streams.broke(self._broken(reason))
        self._outgoing.clear()
        self._owner.ended(self)
        if not self.ready.called:
            self.ready.errback(NotSpoken("HTTP/2 is not spoken there") if self._notSpoken else reason)

    def _broken(self, reason: Failure) -> ExchangeFailed:
        error = reason.value
        if error is not None and isRefusal(error) and not self.conduct.good:
            # In TLS 1.3 this may come when we think that we are through.
            return NotAdmitted("our certificate is not taken")
        return self._broke()

    def _broke(self) -> ExchangeFailed:
        return ConnectionBroke(f"the connection broke ({self.why})", maybeSent=True)

    # What the other side says

    def _happened(self, events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, Changed):
                self._changed()
            elif isinstance(event, GoneAway):
                self._goneAway(event)
            elif not isinstance(event, Pong):
                self._streams.happened(event)

    def _changed(self) -> None:
        self.conduct.spoke()
        if not self._speaking:
            self._speaking = True
            self._liveness.start(lambda: bool(self._streams.asked))
            if not self.ready.called:
                self.ready.callback(self)

    def _goneAway(self, event: GoneAway) -> None:
        self.conduct.spoke()
        why = "it went away" if event.why is None else f"it went away: {event.why}"
        if event.code != Code.NO_ERROR or event.why is not None:
            self._tell("{name}: ends the connection: code {code}, {why}", code=event.code, why=why)
        self._leave(why)
        self._streams.goneAbove(event.last, why)

    # Its own affairs

    def _tell(self, format: str, **fields: Any) -> None:
        level = LogLevel.warn if self._tuning.isTold else LogLevel.debug
        self.log.emit(level, format, name=self.name, **fields)

    def _madeRoom(self) -> None:
        if self.room > 0:
            self._owner.hasRoom(self)

    def _judge(self) -> None:
        if self.conduct.isUseless and not self.leaving:
            self._leave("answers nothing, or is unavailable")
            self._outgoing.wake()

    def _leave(self, why: str) -> None:
        if not self.leaving:
            self.leaving = True
            self.why = why
            self._owner.leaves(self)

    def _ping(self) -> None:
        self._engine.ping()
        self._outgoing.wake()

    def _flushed(self) -> None:
        if self.leaving and not self._streams.asked and not self._lost and not self._closing:
            self._engine.goAway(Code.NO_ERROR)
            self._outgoing.write()
            self._end()

    def _hangUp(self, farewell: bytes) -> None:
        if self._closing:
            return
        if not self._speaking or not self._outgoing.hasBegun or self._outgoing.paused:
            # Nobody there who would understand why, or who listens.
            self.abort(self.why)
            return
        self._outgoing.stop()
        self.transport.write(farewell)
        self._end()
        self._streams.broke(self._broke())
        self._outgoing.clear()

    def _end(self) -> None:
        self._closing = True
        self._liveness.stop()
        # The farewell of the other side's TLS may never come.
        self._farewell = self._clock.callLater(self._tuning.farewell, self._hurry)
        self.transport.unregisterProducer()
        self.transport.loseConnection()

    def _hurry(self) -> None:
        self._farewell = None
        self.abort("does not close")
