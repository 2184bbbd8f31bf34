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
from pushsvc.httpclient.http2.deadlines import Deadlines
from pushsvc.httpclient.http2.session import Session
from pushsvc.httpclient.http2.tuning import Tuning


class Pool:
    """
    Requests wait, until their deadline, while a connection is being made or all are busy. When one could not be made
    and there is no other, those that wait fail, and until the next attempt those that come fail at once: whoever asks
    has better means to wait, and to tell the operator.

    :param name: of the origin, for the operator.
    :param connect: makes a connection.
    :param keep: so many are kept, once the first request came.
    :param backoff: when to try again what failed.
    :param emptied: called when there has been nothing for a while, neither a request nor a connection.
    :param isCrowded: whether connections are not to be kept for whom nothing is asked any more.
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
        isCrowded: Callable[[], bool] = bool,
    ) -> None:
        self._clock = clock
        self._tuning = tuning
        # Those that were put back, or look for another connection; then those that came after them.
        self._first: dict[Asking, None] = {}
        self._waiting: OrderedDict[Asking, None] = OrderedDict()
        self._deadlines = Deadlines(clock, self._late)
        self._connections = Connections(self, name, connect, clock, tuning, keep, backoff, emptied, isCrowded)
        # In turn: of those that stay anyway, so that others can be spared.
        self._inTurn = max(keep, 1)
        self._uses = 0
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
        self._connections.used()
        asking.deadline = max(0.0, deadline)
        self._deadlines.add(asking, asking.deadline)
        if asking.avoids is not None:
            asking.avoids.conduct.shunned()
        self._put(asking, first=asking.avoids is not None)

    def withdraw(self, asking: Asking) -> None:
        """
        Nobody waits for the answer any more.
        """
        asking.forget()
        self._waiting.pop(asking, None)
        self._first.pop(asking, None)
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
            self._give(asking, session)
        elif self._connections.areHopeless:
            asking.failed(self._connections.trouble())
        elif len(self._waiting) >= self._tuning.waiting and not first:
            asking.failed(NotTaken("too many requests wait"))
        else:
            asking.since = self._clock.seconds()
            (self._first if first else self._waiting)[asking] = None
            self._connections.grow()

    def _choice(self, asking: Asking) -> Session | None:
        able = self._connections.able
        avoided = asking.avoids
        if avoided is not None and not (len(able) > 1 or self._connections.mayBeMore):
            avoided = None
        best: Session | None = None
        least: tuple[bool, bool, int, bool, int] | None = None
        for place, session in enumerate(able):
            if session is avoided or session.room <= 0:
                continue
            isDoubtful = session.conduct.complaints > 0
            rank = (session is asking.refusedBy, isDoubtful, session.load, place >= self._inTurn, session.used)
            if least is None or rank < least:
                best, least = session, rank
        return best

    def _give(self, asking: Asking, session: Session) -> None:
        self._uses += 1
        session.used = self._uses
        session.ask(asking)

    def _dispatch(self) -> None:
        if self._dispatching:
            # An answer has led to a question.
            return
        self._dispatching = True
        try:
            for asking in list(self._first):
                self._serve(asking, self._first)
            while self._waiting and self._serve(next(iter(self._waiting)), self._waiting):
                pass
        finally:
            self._dispatching = False
        self._connections.grow()

    def _serve(self, asking: Asking, queue: dict[Asking, None]) -> bool:
        session = self._choice(asking)
        if session is None or asking not in queue:
            return False
        del queue[asking]
        self._give(asking, session)
        return True

    def _late(self, asking: Asking) -> None:
        session = asking.session
        # First of all what this says about connections: what it leaves is not for others to step into.
        if session is not None:
            session.late(asking)
        else:
            for each in list(self._connections.able):
                each.keptWaiting(asking)
        self.withdraw(asking)
        # What has a stream leaves with the next write, even if it is given up before.
        asking.failed(TimedOut("no answer in time", maybeSent=session is not None))

    def _failWaiting(self, trouble: Callable[[], ExchangeFailed]) -> None:
        waiting = [*self._first, *self._waiting]
        self._first.clear()
        self._waiting.clear()
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
            why = f" ({asking.why})" if asking.why else ""
            asking.failed(NotTaken(f"the request was refused again and again{why}"))
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
        if self.isWaiting():
            self._dispatch()

    def answered(self, session: Session) -> None:
        """
        There is nothing wrong with connecting.
        """
        self._connections.answered(session)

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
        return bool(self._waiting or self._first)

    def needsAnother(self) -> bool:
        """
        Whether those that are cannot take what waits.
        """
        asking = next(iter(self._first or self._waiting), None)
        return asking is not None and all(
            session.full or session is asking.avoids for session in self._connections.able
        )

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
