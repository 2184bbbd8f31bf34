"""
The connection below a stream: who says much has turns, who does not read what we write is not read from either, and is
hung up on when that does not help.
"""

from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IPushProducer
from twisted.python.failure import Failure
from twisted.words.protocols.jabber import xmlstream
from zope.interface import implementer

from pushsvc.links.hearing import Hearing
from pushsvc.links.sockets import prepare
from pushsvc.links.turns import Turns

# Seconds.
STALLED = 30.0


@implementer(IPushProducer)
class PacedStream(xmlstream.XmlStream):
    """
    A stream, as far as it is bytes.

    :ivar drained: called when a peer that did not read has read everything.
    :ivar why: why we hung up, when it was not at the peer's wish and there was no stream error.
    :ivar congested: whether what is written now would pile up; who can keep it should.
    """

    # Twisted starts them as None.
    transport: Any
    stream: Any

    def __init__(self, authenticator: xmlstream.Authenticator, clock: Any, turns: Turns | None = None) -> None:
        """
        :param turns: see `pushsvc.links.hearing.Hearing`.
        """
        super().__init__(authenticator)  # type: ignore[no-untyped-call]
        self.drained: Callable[[], object] = lambda: None
        self.why: str | None = None
        self.congested = False
        self._clock = clock
        self._closing = False  # we have said all we will say
        self._hungUp = False
        self._impatience: Any = None  # hangs up, unless cancelled
        self._hearing = Hearing(self, clock, turns)
        self._lost: Failure | None = None  # why the connection is gone, and there still is something to be read

    @property
    def usable(self) -> bool:
        """
        Whether there is any use in saying something.
        """
        return not self._closing and self._lost is None

    @property
    def authenticated(self) -> bool:
        """
        See `pushsvc.links.hearing.Listener`.
        """
        # Who is believed, each kind of stream decides for itself.
        raise NotImplementedError

    def hangUp(self, why: str) -> None:
        """
        Leave at once, and leave everything.
        """
        self.why = why
        self.forget()
        self.transport.abortConnection()

    def forget(self) -> None:
        """
        Whatever else the peer has said until now is nobody's.
        """
        self.stream.kill()
        self._hearing.forget()

    # What the transport says

    def connectionMade(self) -> None:
        prepare(self.transport)
        self.transport.registerProducer(self, True)
        super().connectionMade()  # type: ignore[no-untyped-call]

    def dataReceived(self, data: bytes) -> None:
        self._hearing.add(data)

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        if self._hearing.pending:
            # It was said before. To say something to that is of no use.
            self._lost, self.congested = reason, False
            self._hearing.regulate()
        else:
            self.gone(reason)

    def gone(self, reason: Failure) -> None:
        """
        The connection is gone, and everything that has come by it was read.
        """
        self._lost = None
        self.forget()
        self._patient()
        self._hungUp = self._closing = True
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def pauseProducing(self) -> None:
        """
        The peer does not read: it is not read from either.
        """
        self.congested = True
        if not self._closing:
            self._hearing.regulate()
            self._hangUpIn(STALLED, "it does not read")

    def resumeProducing(self) -> None:
        """
        The peer has read everything.
        """
        self.congested = False
        if not self._closing:
            self._patient()
            self._hearing.regulate()
            self.drained()

    def stopProducing(self) -> None:
        """
        The connection is gone; connectionLost says so, too.
        """

    # What has arrived

    def hear(self, said: bytes) -> None:
        """
        See `pushsvc.links.hearing.Listener`.
        """
        # So is what to do with what was said: this one only knows when.
        raise NotImplementedError

    def mayHear(self) -> bool:
        """
        See `pushsvc.links.hearing.Listener`.
        """
        return self._closing or not self.congested

    def heardAll(self) -> None:
        """
        See `pushsvc.links.hearing.Listener`.
        """
        if self._lost is not None:
            self.gone(self._lost)

    def flow(self, wanted: bool) -> None:
        """
        See `pushsvc.links.hearing.Listener`.
        """
        if self._lost is not None:
            return
        if wanted:
            self.transport.resumeProducing()
        else:
            self.transport.pauseProducing()

    # Patience

    def _hangUpIn(self, seconds: float, why: str) -> None:
        self._patient()
        self._impatience = self._clock.callLater(seconds, self._lostPatience, why)

    def _lostPatience(self, why: str) -> None:
        self._impatience = None
        self.hangUp(why)

    def _patient(self) -> None:
        if self._impatience is not None:
            self._impatience.cancel()
            self._impatience = None
