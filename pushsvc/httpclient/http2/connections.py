"""
The connections of one origin: making, keeping and closing them.
"""

from collections.abc import Callable

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from pushsvc.exchange import ExchangeFailed, NotConnected
from pushsvc.httpclient.http2.backoff import Backoff
from pushsvc.httpclient.http2.connecting import Connect
from pushsvc.httpclient.http2.owner import User
from pushsvc.httpclient.http2.prospects import Prospects
from pushsvc.httpclient.http2.session import Session
from pushsvc.httpclient.http2.timers import Timers
from pushsvc.httpclient.http2.tuning import Tuning


class Connections:
    """
    One more is made when all are at their limit, those that are to be kept are replaced, and those on which nothing
    happens are closed. What fails is tried again after a while.

    :ivar able: those that take requests.

    :param name: of the origin, for the operator.
    :param connect: makes a connection.
    :param keep: so many are kept.
    :param emptied: called when there has been nothing for a while.
    :param isCrowded: whether none are to be kept for whom nothing is asked any more.
    """

    log = Logger()

    def __init__(
        self,
        user: User,
        name: str,
        connect: Connect,
        clock: IReactorTime,
        tuning: Tuning,
        keep: int,
        backoff: Backoff,
        emptied: Callable[[], None],
        isCrowded: Callable[[], bool],
    ) -> None:
        self.able: list[Session] = []
        self._user = user
        self._name = name
        self._connect = connect
        self._clock = clock
        self._tuning = tuning
        self._keep = keep
        self._emptied = emptied
        self._isCrowded = isCrowded
        self._used = clock.seconds()
        # All that there are, to wait for them.
        self._alive: set[Session] = set()
        self._making: set[Deferred[None]] = set()
        self._prospects = Prospects(name, backoff, tuning.isTold)
        self._timers = Timers(clock)
        self._closed: Deferred[None] | None = None

    @property
    def areHopeless(self) -> bool:
        """
        Whether there is none, and none will be tried for a while.
        """
        return not self.able and not self._making and self._prospects.left > 0

    @property
    def mayBeMore(self) -> bool:
        """
        Whether another one is to be expected, for whom those that are will not do.
        """
        if self._making:
            return True
        return len(self.able) < max(self._tuning.connections, self._keep) and not self._prospects.left

    @property
    def kept(self) -> int:
        """
        So many are kept open now.
        """
        isUnused = self._clock.seconds() - self._used >= self._tuning.unused
        return 0 if isUnused and self._isCrowded() else self._keep

    def trouble(self) -> ExchangeFailed:
        """
        Why there is none.
        """
        return self._prospects.trouble()

    def used(self) -> None:
        """
        Something is asked.
        """
        self._used = self._clock.seconds()

    # What becomes of sessions

    def leaves(self, session: Session) -> None:
        """
        It is not chosen any more.
        """
        if session in self.able:
            self.able.remove(session)
            self._judge(session)
            self.grow()

    def _judge(self, session: Session) -> None:
        if self._closed is None and session.conduct.endedBadly(session.idleSince):
            self._prospects.ended(session.why)
            self._mayBeHopeless()

    def answered(self, session: Session) -> None:
        """
        It was good for something.
        """
        self._prospects.answered(session.conduct.isProven)

    def ended(self, session: Session) -> None:
        """
        It is forgotten.
        """
        self._alive.discard(session)
        self._mayBeEmpty()

    # More

    def grow(self) -> None:
        """
        Make connections where some are missing: all that are to be kept, and one more at a time.
        """
        if self._closed is not None:
            return
        while self._isMissing():
            left = self._prospects.left
            if left:
                self._timers.after("connect", left, self.grow)
                return
            making = ensureDeferred(self._make())
            self._making.add(making)
            making.addCallback(self._made, making)
        self._mayBeEmpty()

    def _isMissing(self) -> bool:
        count = len(self.able) + len(self._making)
        if count < self.kept and not self._prospects.isSpeechless:
            return True
        if self._making or count >= max(self._tuning.connections, self._keep):
            return False
        return self._user.needsAnother()

    async def _make(self) -> None:
        try:
            session = await self._connect(self._user)
        except CancelledError:
            return
        except ExchangeFailed as e:
            self._prospects.failed(e)
            return
        except Exception:
            self._prospects.failed(NotConnected("no connection (a bug)"))
            self.log.failure("{name}: a bug in connecting", name=self._name)
            return
        self._prospects.connected()
        self._alive.add(session)
        if session.leaving:
            self._judge(session)
        else:
            self.able.append(session)
            self._timers.after("idle", self._tuning.idle, self._shrink)

    def _made(self, _: None, making: Deferred[None]) -> None:
        self._making.discard(making)
        if self._closed is None:
            self._mayBeHopeless()
            self._user.changed()
        self._mayBeEmpty()

    def _mayBeHopeless(self) -> None:
        if self.areHopeless:
            self._user.hopeless()

    # Fewer

    def _shrink(self) -> None:
        if not self._user.isWaiting():
            self._closeIdle()
        if self.able:
            self._timers.after("idle", self._tuning.idle, self._shrink)
        self._mayBeEmpty()

    def _closeIdle(self) -> None:
        before, kept = self._clock.seconds() - self._tuning.idle, self.kept
        for session in list(self.able):
            if len(self.able) <= kept:
                break
            if session.idleSince is not None and session.idleSince <= before:
                self.able.remove(session)
                session.close()

    def _isEmpty(self) -> bool:
        return not (self._alive or self._making or self._user.isWaiting())

    def _mayBeEmpty(self) -> None:
        if not self._isEmpty():
            return
        if self._closed is None:
            if not self.kept:
                # Not at once: how often connecting has failed is worth remembering.
                self._timers.after("empty", self._tuning.idle, self._stayedEmpty)
        elif not self._closed.called:
            self._timers.cancel()
            self._closed.callback(None)

    def _stayedEmpty(self) -> None:
        if self._isEmpty() and not self.kept:
            self._timers.cancel()
            self._emptied()

    # None

    def close(self) -> Deferred[None]:
        """
        Fires when the answers that are on their way have come and all connections are closed; that may take a while,
        but not more.
        """
        if self._closed is None:
            self._closed = Deferred()
            self._timers.cancel()
            for making in list(self._making):
                making.cancel()
            for session in list(self._alive):
                session.close()
            self._timers.after("farewell", self._tuning.farewell, self._hurry)
            self._mayBeEmpty()
        done: Deferred[None] = Deferred()
        self._closed.addCallback(lambda _: done.callback(None))
        return done

    def _hurry(self) -> None:
        for session in list(self._alive):
            session.abort("the client was closed")
