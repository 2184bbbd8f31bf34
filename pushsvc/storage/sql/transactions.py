"""
What is done in the writer's thread: a batch of requests in one transaction.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import Connection, Engine
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from pushsvc.errors import TryLater
from pushsvc.storage.sql.engine import READING, WRITES
from pushsvc.storage.sql.trouble import Unreachable, concernsAll, describe, mayPass

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, eq=False)
class Operation(Generic[A, R]):
    """
    Something that can be asked of the database, by several at once.

    :ivar run: takes what each of them asks for, in order, and returns as many answers.
    :ivar writes: whether it may change anything.
    :ivar canWait: whether nobody is in a hurry, so that it can wait a moment for others that write too.
    """

    run: Callable[[Connection, Sequence[A]], Sequence[R]]
    writes: bool = True
    canWait: bool = False


class Request(NamedTuple):
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

    :ivar trouble: why nothing at all can be read, or written, just now; None: both can be.
    """

    log = Logger()

    def __init__(self, engine: Engine) -> None:
        self.trouble: str | None = None
        self._engine = engine
        self._connections: dict[bool, Connection] = {}
        # Of batches that write, and of those that do not: from a disk that is full one can read.
        self._told: dict[bool, str] = {}

    def run(self, batch: Sequence[Request]) -> Outcomes:
        """
        Everything in one transaction. If that fails, each request in one of its own, so that only the bad one fails.
        """
        try:
            outcomes = self._atSecondTry(batch)
        except Exception as e:
            if len(batch) == 1 or concernsAll(e):
                self._report(e, batch, len(batch))
                return [(request, TryLater("storage trouble")) for request in batch]
            return self._oneByOne(batch)
        if self._told.pop(_writes(batch), None) is not None and not self._told:
            self.trouble = None
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
        writes = _writes(batch)
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
            self._report(last, batch, failed)
        return outcomes

    def _connection(self, writes: bool) -> Connection:
        # SQLite has one for both: what it has read holds for as long as nobody but itself writes.
        which = writes or self._engine.dialect.name == "sqlite"
        if which not in self._connections:
            try:
                connection = self._engine.connect()
            except Exception as e:
                raise Unreachable from e
            self._connections[which] = connection if which else connection.execution_options(**READING)
        self._connections[which].info[WRITES] = writes
        return self._connections[which]

    def _report(self, error: Exception, batch: Sequence[Request], failed: int) -> None:
        # Once: a database that is down is asked hundreds of times a second.
        trouble = describe(error)
        isNew = trouble not in self._told.values()
        self._told[_writes(batch)] = trouble
        if failed == len(batch):
            self.trouble = trouble
        if isNew:
            self.log.error(
                "storage: {failed} of {asked} requests failed: {trouble}",
                failed=failed,
                asked=len(batch),
                trouble=trouble,
            )


def _writes(batch: Sequence[Request]) -> bool:
    return any(request.operation.writes for request in batch)
