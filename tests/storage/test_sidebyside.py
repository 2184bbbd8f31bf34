"""
Whatever is asked for in whatever order: all kinds of storage answer the same, for they do not know what the others do.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event
from twisted.internet.task import Clock

from pushsvc.enablement import Enablement
from pushsvc.model import (
    Encrypted,
    Kind,
    Notification,
    Priority,
    Registration,
    Remembered,
    Summary,
    Target,
    Waiting,
    digest,
)
from pushsvc.storage.enablements import Enablements
from pushsvc.storage.memory import MemoryStorage
from pushsvc.storage.sql.accounts import SQLAccounts
from pushsvc.storage.sql.engine import makeEngine, readURL
from pushsvc.storage.sql.outbox import SQLOutbox
from pushsvc.storage.sql.registrations import SQLRegistrations
from pushsvc.storage.sql.schema import metadata
from pushsvc.storage.sql.transactions import Request, Transactions
from pushsvc.storage.sql.upgrade import toHead
from pushsvc.storage.sql.verdicts import SQLVerdictBook
from tests.support import resultOf

KEYS = ("one", "two", "three")
PROCESSES = ("me", "other", None)
LANES = ("app", "app/else")
ALL = 1000
EXAMPLES = {"sqlite": 30, "postgresql": 6}
NODES = st.sampled_from(KEYS)
OWNERS = st.sampled_from(["romeo@example.net", "juliet@example.net"])


class Alone:
    """
    What asks the database for one thing after the other, without a thread.
    """

    def __init__(self, transactions: Transactions) -> None:
        self._transactions = transactions

    async def ask(self, operation: Any, argument: Any) -> Any:
        ((_, outcome),) = self._transactions.run([Request(operation, argument, None)])  # type: ignore[arg-type]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Database:
    """
    The same parts as of a storage.
    """

    def __init__(self, transactions: Transactions, clock: Clock) -> None:
        alone: Any = Alone(transactions)
        self.outbox = SQLOutbox(alone, clock)
        self.registrations = SQLRegistrations(alone)
        self.verdicts = SQLVerdictBook(alone)
        self.enablements = Enablements(SQLAccounts(alone))


class Pair:
    """
    Two storages that are asked for the same.
    """

    def __init__(self, memory: Any, database: Any, clock: Clock) -> None:
        self.clock = clock
        self.memory, self.database = memory, database
        self.number = 0
        # What was ever told to be somewhere.
        self.seen: list[Waiting] = []
        self.steps: list[str] = []

    @property
    def now(self) -> float:
        return self.clock.seconds()

    def ask(self, part: str, name: str, *arguments: Any, by: Callable[[Any], Any] = lambda answer: answer) -> Any:
        self.steps.append(f"{part}.{name}{arguments}")
        expected = resultOf(getattr(getattr(self.memory, part), name)(*arguments))
        found = resultOf(getattr(getattr(self.database, part), name)(*arguments))
        assert _plain(by(found)) == _plain(by(expected)), "\n".join(self.steps)
        return expected

    def put(self, key: str, sort: int, owner: str | None, later: int, lane: str, token: str) -> None:
        self.number += 1
        kind = (Kind.MESSAGE, Kind.CALL)[sort % 2]
        encrypted = Encrypted("aXY=", str(self.number)) if sort >= 2 else None
        priority = (Priority.NORMAL, Priority.HIGH)[sort % 2]
        notification = Notification(kind, priority, Summary(messageCount=self.number), encrypted)
        waiting = Waiting(
            Target(key, "app", token, {"number": f"{self.number}"}),
            notification,
            f"id{self.number}",
            lane,
            expires=self.now + 30 * (self.number % 4),
            due=self.now if owner is not None else self.now + later,
            slot=int(encrypted is not None),
            owner=owner,
        )
        self.seen.append(self.ask("outbox", "put", waiting, self.now + 60))

    def again(self, which: int) -> None:
        if self.seen:
            waiting = self.seen[which % len(self.seen)]
            self.seen.append(self.ask("outbox", "put", waiting, self.now + 60))

    def claim(self, owner: str, lane: str | None, rooms: bool) -> None:
        # As Taking does: of everything, but for some lanes; or of some lanes.
        some: tuple[Any, ...] = ((lane,),) if lane is not None and not rooms else ((),)
        if lane is not None and rooms:
            some = ((), {lane: ALL}, 0)
        taken = self.ask("outbox", "claim", owner, self.now, self.now + 60, ALL, *some, by=_inOrder)
        self.seen += taken

    def finish(self, which: int) -> None:
        if self.seen:
            newer = self.ask("outbox", "finish", self.seen[which % len(self.seen)], self.now + 60)
            self.seen += [newer] if newer is not None else []

    def postpone(self, which: int, later: int, tried: bool) -> None:
        if self.seen:
            self.ask("outbox", "postpone", self.seen[which % len(self.seen)], self.now + later, tried)

    def hurry(self, lane: str | None) -> None:
        self.ask("outbox", "hurry", "app", self.now, ALL, lane)

    def release(self, owner: str) -> None:
        self.ask("outbox", "release", owner, self.now)

    def expire(self) -> None:
        self.ask("outbox", "expire", self.now)

    def register(self, owner: str, device: str, token: str) -> None:
        self.number += 1
        node = KEYS[self.number] if self.number < len(KEYS) else f"node{self.number}"
        target = Target(node, "app", token)
        secret = digest(f"{self.number}")
        known = Registration(node, "push.example.net", owner, device, target, (secret,), self.now, self.now)
        self.ask("registrations", "register", known)

    def rename(self, owner: str, node: str, device: str) -> None:
        self.ask("registrations", "rename", owner, node, device)

    def remove(self, owner: str, node: str) -> None:
        self.ask("registrations", "remove", owner, [node, node, "none"])

    def gone(self, node: str, token: str, ago: int | None) -> None:
        self.ask("registrations", "removeGone", node, token, None if ago is None else self.now - ago)

    def note(self, node: str, word: str | None) -> None:
        news = Remembered(self.now) if word is None else Remembered(None, self.now, word)
        self.ask("verdicts", "note", {node: news})

    def enable(self, node: str, most: int) -> None:
        one = Enablement("a@example.net", "push.example.net", node, self.now, self.now, options={"secret": ("x",)})
        self.ask("enablements", "enable", one, most, None, ["three"])

    def disable(self, node: str | None) -> None:
        self.ask("enablements", "disable", "a@example.net", "push.example.net", node)

    def pend(self, messages: int) -> None:
        self.ask("enablements", "pend", "a@example.net", messages, 1, ["phone"], {"chat": messages})

    def settle(self, session: str | None) -> None:
        self.ask("enablements", "settle", "a@example.net", session, True, self.now, KEYS)

    def time(self, seconds: float) -> None:
        self.steps.append(f"{seconds} seconds")
        self.clock.advance(seconds)

    def look(self) -> None:
        """
        What can be seen without changing anything.
        """
        self.ask("outbox", "owners")
        self.ask("outbox", "standings")
        self.ask("outbox", "nextDue")
        self.ask("outbox", "nextDue", ("app",))

    def lookAtAll(self) -> None:
        """
        Everything that there is.
        """
        self.time(0.0)
        self.ask("registrations", "page", "", ALL)
        self.ask("registrations", "counts")
        self.ask("verdicts", "ofNodes", [*KEYS, *(f"node{number}" for number in range(self.number + 1))])
        self.ask("enablements", "page", "", ALL)
        late = self.now + 10_000
        self.ask("outbox", "claim", "everybody", late, late + 60, ALL, by=_inOrder)


def _inOrder(taken: Any) -> Any:
    return sorted(taken, key=lambda waiting: waiting.pushId)


def _plain(answer: Any) -> Any:
    return list(answer) if isinstance(answer, tuple) else answer


WHICH = st.integers(0, 30)
SECONDS = st.sampled_from([0, 1, 20, 70])
TOKENS = st.sampled_from(["first", "second"])
PROCESS = st.sampled_from(["me", "other"])

steps = st.one_of(
    *[
        st.tuples(
            st.just("put"),
            NODES,
            st.integers(0, 3),
            st.sampled_from(PROCESSES),
            SECONDS,
            st.sampled_from(LANES),
            TOKENS,
        )
        for _ in range(3)
    ],
    st.tuples(st.just("again"), WHICH),
    st.tuples(st.just("claim"), PROCESS, st.sampled_from([None, *LANES]), st.booleans()),
    st.tuples(st.just("finish"), WHICH),
    st.tuples(st.just("finish"), WHICH),
    st.tuples(st.just("postpone"), WHICH, SECONDS, st.booleans()),
    st.tuples(st.just("hurry"), st.sampled_from([None, *LANES])),
    st.tuples(st.just("release"), PROCESS),
    st.tuples(st.just("expire")),
    st.tuples(st.just("register"), OWNERS, st.sampled_from(["phone", "tablet"]), TOKENS),
    st.tuples(st.just("rename"), OWNERS, NODES, st.sampled_from(["phone", "tablet", "watch"])),
    st.tuples(st.just("remove"), OWNERS, NODES),
    st.tuples(st.just("gone"), NODES, TOKENS, st.sampled_from([None, 0, 30])),
    st.tuples(st.just("note"), NODES, st.sampled_from([None, "down"])),
    st.tuples(st.just("enable"), NODES, st.integers(1, 2)),
    st.tuples(st.just("disable"), st.sampled_from([None, *KEYS])),
    st.tuples(st.just("pend"), st.integers(0, 2)),
    st.tuples(st.just("settle"), st.sampled_from([None, "phone"])),
    st.tuples(st.just("time"), SECONDS),
)


@contextmanager
def database(url: str) -> Iterator[tuple[Engine, Transactions]]:
    """
    A database that does not wait for its disk.
    """
    engine = makeEngine(readURL(url))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", lambda connection, record: connection.execute("PRAGMA synchronous=OFF"))
    toHead(engine)
    transactions = Transactions(engine)
    yield engine, transactions
    transactions.disconnect()


def test_sideBySide(sqlURL: str) -> None:
    """
    Publishes, claims, ends, delays, devices that come and go, accounts that enable and read, time that passes: memory
    and the database tell the same all the while, and hold the same in the end.
    """

    examples = EXAMPLES[readURL(sqlURL).get_backend_name()]

    allowed = list(HealthCheck)

    @settings(max_examples=examples, deadline=None, database=None, derandomize=True, suppress_health_check=allowed)
    @given(st.lists(steps, min_size=20, max_size=50))
    def alike(happening: list[tuple[Any, ...]]) -> None:
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        clock = Clock()
        clock.advance(1_700_000_000)
        memory = MemoryStorage(clock)
        memory.open()
        pair = Pair(memory, Database(transactions, clock), clock)

        for what, *arguments in happening:
            getattr(pair, what)(*arguments)
            pair.look()

        pair.lookAtAll()

    with database(sqlURL) as (engine, transactions):
        alike()
