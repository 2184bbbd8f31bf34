"""
The connections of one origin: making, keeping and closing them.
"""

from collections.abc import Callable
from typing import Protocol

from twisted.internet.defer import CancelledError, Deferred, ensureDeferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from pushsvc.exchange import ExchangeFailed, NotConnected, NotSpoken
from pushsvc.httpclient.http2.backoff import Backoff
from pushsvc.httpclient.http2.connecting import Connect
from pushsvc.httpclient.http2.owner import Owner
from pushsvc.httpclient.http2.session import Session
from pushsvc.httpclient.http2.tuning import Tuning


class User(Owner, Protocol):
    """
    Whoever wants connections.
    """

    def isWaiting(self) -> bool:
        """
        Whether there is anything for one more connection to do.
        """

    def changed(self) -> None:
        """
        There is a connection more, or one that was being made did not come about.
        """

    def hopeless(self) -> None:
        """
        There is no connection, and there will be none for a while.
        """


class Connections:
    """
    One more is made when all are at their limit, those that are to be kept are replaced, and those on which nothing
    happens are closed. What fails is tried again after a while.

    :ivar able: those that take requests.

    :param name: of the origin, for the operator.
    :param connect: makes a connection.
    :param keep: so many are kept.
    :param emptied: called when there has been nothing for a while.
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
    ) -> None:
        self.able: list[Session] = []
        self._user = user
        self._name = name
        self._connect = connect
        self._clock = clock
        self._tuning = tuning
        self._keep = keep
        self._backoff = backoff
        self._emptied = emptied
        # All that there are, to wait for them.
        self._alive: set[Session] = set()
        self._making: set[Deferred[None]] = set()
        self._trouble: ExchangeFailed = NotConnected("not connected yet")
        self._timers: dict[str, IDelayedCall] = {}
        self._closed: Deferred[None] | None = None

    @property
    def areHopeless(self) -> bool:
        """
        Whether there is none, and none will be tried for a while.
        """
        return not self.able and not self._making and self._backoff.left > 0

    def trouble(self) -> ExchangeFailed:
        """
        Why there is none.
        """
        return type(self._trouble)(str(self._trouble))

    # What becomes of sessions

    def leaves(self, session: Session) -> None:
        """
        It is not chosen any more.
        """
        if session in self.able:
            self.able.remove(session)
            if not session.answers and self._clock.seconds() - session.openSince < self._tuning.longestBackoff:
                self._trouble = NotConnected("connections do not last")
                self._backoff.ended()
                self._mayBeHopeless()
            self.grow()

    def answered(self) -> None:
        """
        There is nothing wrong with connecting.
        """
        self._backoff.succeeded()

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
            left = self._backoff.left
            if left:
                self._after("connect", left, self.grow)
                return
            making = ensureDeferred(self._make())
            self._making.add(making)
            making.addCallback(self._made, making)

    def _isMissing(self) -> bool:
        count = len(self.able) + len(self._making)
        if count < self._keep and not isinstance(self._trouble, NotSpoken):
            return True
        return (
            self._user.isWaiting()
            and not self._making
            and count < max(self._tuning.connections, self._keep)
            and all(session.full for session in self.able)
        )

    async def _make(self) -> None:
        try:
            session = await self._connect(self._user)
        except CancelledError:
            return
        except ExchangeFailed as e:
            self._trouble = e
            self._backoff.failed()
            return
        except Exception:
            self._trouble = NotConnected("no connection (a bug)")
            self._backoff.failed()
            self.log.failure("{name}: a bug in connecting", name=self._name)
            return
        self._trouble = NotConnected("the connection ended")
        self._alive.add(session)
        if not session.leaving:
            self.able.append(session)
            self._after("idle", self._tuning.idle, self._shrink)

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
        since = self._clock.seconds() - self._tuning.idle
        for session in [session for session in self.able if not session.load and session.idleSince <= since]:
            if len(self.able) <= self._keep:
                break
            self.able.remove(session)
            session.close()
        if self.able:
            self._after("idle", self._tuning.idle, self._shrink)
        self._mayBeEmpty()

    def _isEmpty(self) -> bool:
        return not (self._alive or self._making or self._user.isWaiting())

    def _mayBeEmpty(self) -> None:
        if not self._isEmpty():
            return
        if self._closed is None:
            if not self._keep:
                # Not at once: how often connecting has failed is worth remembering.
                self._after("empty", self._tuning.idle, self._stayedEmpty)
        elif not self._closed.called:
            self._cancelTimers()
            self._closed.callback(None)

    def _stayedEmpty(self) -> None:
        if self._isEmpty():
            self._cancelTimers()
            self._emptied()

    # None

    def close(self) -> Deferred[None]:
        """
        Fires when the answers that are on their way have come and all connections are closed; that may take a while,
        but not more.
        """
        if self._closed is None:
            self._closed = Deferred()
            self._cancelTimers()
            for making in list(self._making):
                making.cancel()
            for session in list(self._alive):
                session.close()
            self._after("farewell", self._tuning.farewell, self._hurry)
            self._mayBeEmpty()
        done: Deferred[None] = Deferred()
        self._closed.addCallback(lambda _: done.callback(None))
        return done

    def _hurry(self) -> None:
        for session in list(self._alive):
            session.abort("the client was closed")

    # Time

    def _after(self, name: str, seconds: float, call: Callable[[], None]) -> None:
        if name not in self._timers:

            def called() -> None:
                del self._timers[name]
                call()

            self._timers[name] = self._clock.callLater(seconds, called)

    def _cancelTimers(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
