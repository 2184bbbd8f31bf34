"""
What is done in the reactor's thread: requests are gathered, handed to the writer's thread as one batch, and answered.
"""

from collections.abc import Sequence
from functools import partial
from time import perf_counter
from typing import Any, TypeVar

from twisted.internet.defer import Deferred

from pushsvc.errors import TryLater
from pushsvc.model import Work
from pushsvc.storage.sql.gathering import Gathering
from pushsvc.storage.sql.transactions import Operation, Outcomes, Request, Transactions
from pushsvc.storage.sql.writer import Writer

A = TypeVar("A")
R = TypeVar("R")

# Requests that may wait for the thread; who comes then has to come again. Seconds of work at the fullest load.
MOST = 20_000


class Batches:
    """
    A thread that takes everything that was asked for until a turn of the reactor ended, or while it was busy, at once.

    Of that, those who only read are served and answered first: they need not wait for the disk. `Gathering` says who
    of the others waits for whom.
    """

    def __init__(self, transactions: Transactions, reactor: Any) -> None:
        self._transactions = transactions
        self._reactor = reactor
        self._writer = Writer()
        self._gathering = Gathering(reactor, self._handOver)
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
        trouble = self._transactions.trouble
        return Work(self._done, self._asked, self._seconds, len(self._gathering), trouble)

    def start(self) -> None:
        """
        From now on, requests are taken.
        """
        self._writer.start()
        self._isOpen = True

    async def stop(self) -> None:
        """
        Finish what was asked for; take nothing new.
        """
        if not self._isOpen:
            return
        self._isOpen = False
        if self._isBusy or self._gathering:
            self._gathering.hurry()
            self._idle = Deferred()
            await self._idle
        self._writer.do(self._transactions.disconnect)
        self._writer.end()

    async def ask(self, operation: Operation[A, R], argument: A) -> R:
        """
        What the operation answers to this argument.

        :raises TryLater: storage trouble, or not open.
        """
        if not self._isOpen:
            raise TryLater("the storage is not open")
        if len(self._gathering) >= MOST:
            raise TryLater("the storage cannot keep up")
        answer: Deferred[R] = Deferred()
        self._gathering.add(Request(operation, argument, answer))
        return await answer

    def _handOver(self) -> None:
        if self._isBusy:
            return
        parts = self._gathering.take()
        self._isBusy = bool(parts)
        for part in parts:
            self._writer.do(partial(self._work, part, part is parts[-1]))

    def _work(self, batch: Sequence[Request], isLast: bool) -> None:
        outcomes: Outcomes = []
        began = perf_counter()
        try:
            outcomes = self._transactions.run(batch)
        finally:
            # Come what may: nobody is left waiting, and the next batch gets its turn.
            outcomes = outcomes or [(request, TryLater("storage trouble")) for request in batch]
            self._reactor.callFromThread(self._answer, outcomes, perf_counter() - began, isLast)

    def _answer(self, outcomes: Outcomes, seconds: float, isLast: bool) -> None:
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
        if not isLast:
            return
        # What became due meanwhile; not what these answers led to, which comes at the end of this turn.
        self._isBusy = False
        self._handOver()
        if self._idle is not None and not self._isBusy and not self._gathering:
            idle, self._idle = self._idle, None
            idle.callback(None)
