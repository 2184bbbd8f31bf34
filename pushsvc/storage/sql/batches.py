"""
What is done in the reactor's thread: requests are gathered, handed to the writer's thread as one batch, and answered.
"""

from threading import Thread
from time import perf_counter
from typing import Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.python.threadpool import ThreadPool

from pushsvc.errors import TryLater
from pushsvc.model import Work
from pushsvc.storage.sql.transactions import Operation, Outcomes, Request, Transactions

A = TypeVar("A")
R = TypeVar("R")

# Requests that may wait for the thread; who comes then has to come again. Seconds of work at the fullest load.
MOST = 20_000


class _Thread(Thread):
    """
    A process that ends without closing does not wait for it: what was not committed was not promised either.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, daemon=True, **kwargs)


class Batches:
    """
    A thread that takes everything that was asked for in one turn of the reactor, or while it was busy, at once.
    """

    def __init__(self, transactions: Transactions, reactor: Any) -> None:
        self._transactions = transactions
        self._reactor = reactor
        self._pool = ThreadPool(1, 1, "storage")
        self._pool.threadFactory = _Thread
        self._gathered: list[Request] = []
        self._isOpen = False
        self._isBusy = False
        self._idle: Deferred[None] | None = None
        self._done = 0
        self._asked = 0
        self._seconds = 0.0

    @property
    def work(self) -> Work:
        """
        What was done until now.
        """
        return Work(self._done, self._asked, self._seconds, len(self._gathered))

    def start(self) -> None:
        """
        From now on, requests are taken.
        """
        self._pool.start()
        self._isOpen = True

    async def stop(self) -> None:
        """
        Finish what was asked for; take nothing new.
        """
        if not self._isOpen:
            return
        self._isOpen = False
        if self._isBusy or self._gathered:
            self._idle = Deferred()
            await self._idle
        self._pool.callInThread(self._transactions.disconnect)
        self._pool.stop()

    async def ask(self, operation: Operation[A, R], argument: A) -> R:
        """
        What the operation answers to this argument.

        :raises TryLater: storage trouble, or not open.
        """
        if not self._isOpen:
            raise TryLater("the storage is not open")
        if len(self._gathered) >= MOST:
            raise TryLater("the storage cannot keep up")
        if not self._gathered and not self._isBusy:
            self._reactor.callLater(0, self._handOver)
        answer: Deferred[R] = Deferred()
        self._gathered.append(Request(operation, argument, answer))
        return await answer

    def _handOver(self) -> None:
        if self._isBusy or not self._gathered:
            return
        batch, self._gathered = self._gathered, []
        self._isBusy = True
        self._pool.callInThread(self._work, batch)

    def _work(self, batch: list[Request]) -> None:
        outcomes: Outcomes = [(request, TryLater("storage trouble")) for request in batch]
        began = perf_counter()
        try:
            outcomes = self._transactions.run(batch)
        finally:
            # Come what may: nobody is left waiting, and the next batch gets its turn.
            self._reactor.callFromThread(self._answer, outcomes, perf_counter() - began)

    def _answer(self, outcomes: Outcomes, seconds: float) -> None:
        self._done += 1
        self._asked += len(outcomes)
        self._seconds += seconds
        # In the order in which things happened in the database: who learns that a place of the outbox is empty must
        # not have been told before of what was put there after that.
        for request, outcome in outcomes:
            if isinstance(outcome, TryLater):
                request.answer.errback(outcome)
            else:
                request.answer.callback(outcome)
        # What these answers led to is in the next batch already.
        self._isBusy = False
        self._handOver()
        if self._idle is not None and not self._isBusy:
            idle, self._idle = self._idle, None
            idle.callback(None)
