"""
What is done in the writer's thread: a batch of requests in one transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Engine
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from pushsvc.errors import TryLater
from pushsvc.storage.sql.engine import READING
from pushsvc.storage.sql.trouble import Unreachable, concernsAll, describe, mayPass

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Operation(Generic[A, R]):
    """
    Something that can be asked of the database, by several at once.

    :ivar run: takes what each of them asks for, in order, and returns as many answers.
    :ivar writes: whether it may change anything.
    """

    run: Callable[[Connection, Sequence[A]], Sequence[R]]
    writes: bool = True


@dataclass(frozen=True, eq=False)
class Request:
    """
    One who asks.
    """

    operation: Operation[Any, Any]
    argument: Any
    answer: "Deferred[Any]"


# In the order in which things happened. An answer that is a TryLater was not given.
Outcomes = list[tuple[Request, Any]]


class Transactions:
    """
    Runs batches, over connections of its own. To be used by one thread at a time.
    """

    log = Logger()

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._connections: dict[bool, Connection] = {}
        self._trouble: str | None = None

    def run(self, batch: Sequence[Request]) -> Outcomes:
        """
        Everything in one transaction. If that fails, each request in one of its own, so that only the bad one fails.
        """
        try:
            outcomes = self._atSecondTry(batch)
        except Exception as e:
            if len(batch) == 1 or concernsAll(e):
                self._report(e, len(batch), len(batch))
                return [(request, TryLater("storage trouble")) for request in batch]
            return self._oneByOne(batch)
        if self._trouble is not None:
            self._trouble = None
            self.log.info("storage: works again")
        return outcomes

    def disconnect(self) -> None:
        """
        Let go of the connections; what was not committed is undone.
        """
        while self._connections:
            _, connection = self._connections.popitem()
            try:
                connection.close()
            except Exception as e:
                self.log.debug("storage: a connection could not be closed: {cause}", cause=describe(e))

    def _atSecondTry(self, batch: Sequence[Request]) -> Outcomes:
        try:
            return self._together(batch)
        except Exception as e:
            if not mayPass(e):
                raise
        return self._together(batch)

    def _together(self, batch: Sequence[Request]) -> Outcomes:
        groups: dict[Operation[Any, Any], list[Request]] = {}
        for request in batch:
            groups.setdefault(request.operation, []).append(request)
        writes = any(operation.writes for operation in groups)
        outcomes: Outcomes = []
        try:
            connection = self._connection(writes)
            transaction = connection.begin()
            for operation, requests in groups.items():
                answers = operation.run(connection, [request.argument for request in requests])
                outcomes += zip(requests, answers, strict=True)
            if writes:
                transaction.commit()
            else:
                transaction.rollback()
        except Exception:
            # Whatever state it is in: the next one is fresh.
            self.disconnect()
            raise
        return outcomes

    def _oneByOne(self, batch: Sequence[Request]) -> Outcomes:
        outcomes: Outcomes = []
        failed = 0
        last: Exception | None = None
        for request in batch:
            try:
                if last is not None and concernsAll(last):
                    raise last
                outcomes += self._atSecondTry([request])
            except Exception as e:
                failed, last = failed + 1, e
                outcomes.append((request, TryLater("storage trouble")))
        if last is not None:
            self._report(last, failed, len(batch))
        return outcomes

    def _connection(self, writes: bool) -> Connection:
        if writes not in self._connections:
            try:
                connection = self._engine.connect()
            except Exception as e:
                raise Unreachable from e
            self._connections[writes] = connection if writes else connection.execution_options(**READING)
        return self._connections[writes]

    def _report(self, error: Exception, failed: int, asked: int) -> None:
        # Once: a database that is down is asked hundreds of times a second.
        trouble = describe(error)
        if trouble != self._trouble:
            self._trouble = trouble
            self.log.error(
                "storage: {failed} of {asked} requests failed: {trouble}",
                failed=failed,
                asked=asked,
                trouble=trouble,
            )
