"""
The requests to one origin: those that wait, and who gets which.
"""

from collections import OrderedDict
from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from pushsvc.exchange import ExchangeFailed, NotConnected, NotTaken, TimedOut
from pushsvc.httpclient.http2.asking import Asking
from pushsvc.httpclient.http2.backoff import Backoff
from pushsvc.httpclient.http2.connecting import Connect
from pushsvc.httpclient.http2.connections import Connections
from pushsvc.httpclient.http2.session import Session
from pushsvc.httpclient.http2.tuning import Tuning


class Pool:
    """
    Requests wait, until their deadline, while a connection is being made or all are busy. When one could not be made
    and there is no other, those that wait fail, and until the next attempt those that come fail at once: whoever asks
    has better means to wait, and to tell the operator.

    For the parameters see `Connections`.
    """

    def __init__(
        self,
        name: str,
        connect: Connect,
        clock: IReactorTime,
        tuning: Tuning,
        keep: int,
        backoff: Backoff,
        emptied: Callable[[], None],
    ) -> None:
        self._clock = clock
        self._tuning = tuning
        self._waiting: OrderedDict[Asking, None] = OrderedDict()
        self._connections = Connections(self, name, connect, clock, tuning, keep, backoff, emptied)
        self._closed = False
        self._dispatching = False

    def ask(self, asking: Asking, deadline: float) -> None:
        """
        Take a request: its answer, or why there is none, is told by `Asking.answer`.

        :param deadline: seconds.
        """
        if self._closed:
            asking.failed(NotConnected("the client was closed"))
            return
        asking.timer = self._clock.callLater(max(0.0, deadline), self._late, asking)
        self._put(asking, first=False)

    def withdraw(self, asking: Asking) -> None:
        """
        Nobody waits for the answer any more.
        """
        asking.forget()
        self._waiting.pop(asking, None)
        if asking.session is not None:
            asking.session.withdraw(asking)

    def close(self) -> Deferred[None]:
        """
        Take nothing more, and end when the answers that are on their way have come; they have a while for it.
        """
        self._closed = True
        self._failWaiting(lambda: NotConnected("the client was closed"))
        return self._connections.close()

    # Who gets which

    def _put(self, asking: Asking, first: bool) -> None:
        session = None if self._waiting and not first else self._choice(asking)
        if session is not None:
            session.ask(asking)
        elif self._connections.areHopeless:
            asking.failed(self._connections.trouble())
        elif len(self._waiting) >= self._tuning.waiting and not first:
            asking.failed(NotTaken("too many requests wait"))
        else:
            self._waiting[asking] = None
            if first:
                self._waiting.move_to_end(asking, last=False)
            self._connections.grow()

    def _choice(self, asking: Asking) -> Session | None:
        able = [session for session in self._connections.able if session.room > 0]
        if len(able) > 1:
            return min(able, key=lambda session: (session is asking.refusedBy, session.load))
        return able[0] if able else None

    def _dispatch(self) -> None:
        if self._dispatching:
            # An answer has led to a question.
            return
        self._dispatching = True
        try:
            while self._waiting:
                asking = next(iter(self._waiting))
                session = self._choice(asking)
                if session is None:
                    break
                del self._waiting[asking]
                session.ask(asking)
        finally:
            self._dispatching = False
        self._connections.grow()

    def _late(self, asking: Asking) -> None:
        asking.timer = None
        # What has a stream leaves with the next write, even if it is given up before.
        maybeSent = asking.session is not None
        self.withdraw(asking)
        asking.failed(TimedOut("no answer in time", maybeSent=maybeSent))

    def _failWaiting(self, trouble: Callable[[], ExchangeFailed]) -> None:
        waiting, self._waiting = self._waiting, OrderedDict()
        for asking in waiting:
            asking.failed(trouble())

    # What sessions say

    def unprocessed(self, asking: Asking) -> None:
        """
        It goes elsewhere at once, before those that came after it.
        """
        if asking.answer.called:
            return
        asking.again()
        asking.repeats += 1
        if self._closed:
            asking.failed(NotConnected("the client was closed"))
        elif asking.repeats > self._tuning.repeats:
            asking.failed(NotTaken("the request was refused again and again"))
        else:
            self._put(asking, first=True)

    def leaves(self, session: Session) -> None:
        """
        It is not chosen any more.
        """
        self._connections.leaves(session)

    def hasRoom(self, session: Session) -> None:
        """
        For those that wait.
        """
        if self._waiting:
            self._dispatch()

    def answered(self, session: Session) -> None:
        """
        There is nothing wrong with connecting.
        """
        self._connections.answered()

    def ended(self, session: Session) -> None:
        """
        It is forgotten.
        """
        self._connections.ended(session)

    # What connections say

    def isWaiting(self) -> bool:
        """
        Whether any request is.
        """
        return bool(self._waiting)

    def changed(self) -> None:
        """
        For those that wait.
        """
        self._dispatch()

    def hopeless(self) -> None:
        """
        Those that wait need not wait any longer.
        """
        self._failWaiting(self._connections.trouble)
