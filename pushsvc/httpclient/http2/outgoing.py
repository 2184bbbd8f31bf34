"""
What a session has to write: bodies within both flow controls, and everything in one write per turn of the reactor.
"""

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from zope.interface import implementer

from pushsvc.httpclient.http2.asking import Asking

# Bytes kept for a transport that takes none; more means that the other side asks without listening.
MOST_KEPT = 1_000_000


@implementer(IPushProducer)
class Outgoing:
    """
    The way out of one connection.

    :ivar paused: the transport takes nothing now.
    :ivar hasBegun: the transport has taken something.

    :param abort: called with the reason when there is no point in going on.
    :param flushed: called after each turn.
    :param resumed: called when the transport takes something again.
    """

    def __init__(
        self,
        engine: Any,
        clock: IReactorTime,
        abort: Callable[[str], None],
        flushed: Callable[[], None],
        resumed: Callable[[], None],
    ) -> None:
        self.paused = self.hasBegun = False
        self._transport: Any = None
        self._engine = engine
        self._clock = clock
        self._abort = abort
        self._flushed = flushed
        self._resumed = resumed
        self._turn: IDelayedCall | None = None
        # In the order of their turn; what has a body that is not sent whole.
        self._bodies: dict[Asking, None] = {}
        # Opened, and nothing of it was handed to the transport.
        self._unwritten: set[Asking] = set()
        self._kept: list[bytes] = []
        self._keptBytes = 0
        self._stopped = False

    def begin(self, transport: Any) -> None:
        """
        This is where to write.
        """
        self._transport = transport
        transport.registerProducer(self, True)

    def add(self, asking: Asking) -> None:
        """
        A stream was opened.
        """
        self._unwritten.add(asking)
        if asking.body and not self._sendBody(asking):
            self._bodies[asking] = None
        self.wake()

    def remove(self, asking: Asking) -> None:
        """
        Nothing more of it is to be sent.
        """
        self._bodies.pop(asking, None)
        self._unwritten.discard(asking)

    def wasWritten(self, asking: Asking) -> bool:
        """
        Whether anything of it may have left.
        """
        return asking not in self._unwritten

    def wake(self) -> None:
        """
        There may be something to write before this turn ends.
        """
        if self._turn is None and not self._stopped:
            self._turn = self._clock.callLater(0, self._flush)

    def stop(self) -> None:
        """
        Write nothing more.
        """
        self._stopped = True
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None

    def clear(self) -> None:
        """
        There is no connection any more.
        """
        self._bodies.clear()
        self._unwritten.clear()
        self._kept.clear()

    def _flush(self) -> None:
        self._turn = None
        if not self.paused:
            for asking in list(self._bodies):
                if self._engine.window <= 0:
                    break
                # Those that were cut off go to the end of the queue.
                del self._bodies[asking]
                if not self._sendBody(asking):
                    self._bodies[asking] = None
        self.write()
        if not self._stopped:
            self._flushed()

    def write(self) -> None:
        """
        Hand everything to the transport, in one piece.
        """
        data = self._engine.toSend()
        if data:
            self._kept.append(data)
            self._keptBytes += len(data)
        if self._transport is None or not self._kept:
            return
        if self.paused:
            if self._keptBytes > MOST_KEPT:
                self._abort("asks without listening")
            return
        data = self._kept[0] if len(self._kept) == 1 else b"".join(self._kept)
        self._kept.clear()
        self._keptBytes = 0
        self._unwritten.clear()
        self.hasBegun = True
        self._transport.write(data)

    # The transport's buffer is full, or has room again

    def pauseProducing(self) -> None:
        self.paused = True

    def resumeProducing(self) -> None:
        self.paused = False
        self.wake()
        self._resumed()

    def stopProducing(self) -> None:
        self.paused = True

    def _sendBody(self, asking: Asking) -> bool:
        body, size = asking.body, len(asking.body)
        while asking.offset < size:
            room = self._engine.room(asking.stream)
            if room <= 0:
                return False
            part = body[asking.offset : asking.offset + room] if asking.offset or room < size else body
            asking.offset += len(part)
            self._engine.send(asking.stream, part, asking.offset >= size)
        return True
