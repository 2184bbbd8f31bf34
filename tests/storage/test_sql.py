"""
What is particular to SQL: it is kept, in batches, and by several processes.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pytest_twisted import ensureDeferred
from sqlalchemy import Engine, event
from twisted.internet.defer import Deferred, DeferredList, gatherResults
from twisted.internet.defer import ensureDeferred as started
from twisted.internet.task import Clock

from pushsvc.errors import TryLater
from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary, Target, Waiting, digest
from pushsvc.storage.sql.batches import MOST
from pushsvc.storage.sql.engine import makeEngine, readURL
from tests.contracts.registrations import ROMEO, registration, waitingFor


def atOnce(coroutines: Iterable[Any]) -> "Deferred[list[Any]]":
    """
    What all of them came to, asked in one turn of the reactor.
    """
    return gatherResults([started(each) for each in coroutines], consumeErrors=True)


@pytest.fixture
def statements() -> Iterator[Counter[str]]:
    """
    What databases are asked to do: statements by their first word, and commits.
    """
    seen: Counter[str] = Counter()

    def execute(connection: Any, cursor: Any, statement: str, *args: Any) -> None:
        seen[statement.split()[0]] += 1

    def commit(connection: Any) -> None:
        seen["COMMIT"] += 1

    event.listen(Engine, "before_cursor_execute", execute)
    event.listen(Engine, "commit", commit)
    yield seen
    event.remove(Engine, "before_cursor_execute", execute)
    event.remove(Engine, "commit", commit)


class TestKeeping:
    """
    What was accepted is there after a restart.
    """

    @ensureDeferred
    async def test_G11_survives(self, sqlURL: str, opened: Any) -> None:
        """
        G11: registrations and what waits survive the end of a process, every field of them.
        """
        before = opened(sqlURL)
        known = await before.registrations.register(registration(room="room@muc.example"))
        waiting = await before.outbox.put(waitingFor(known), 0.0)
        await before.close()

        after = opened(sqlURL)

        assert await after.registrations.byNode("node1") == known
        assert await after.outbox.claim("me", 5000.0, 6000.0, 10) == [replace(waiting, owner="me")]

    @ensureDeferred
    async def test_closeFinishes(self, sqlURL: str, opened: Any) -> None:
        """
        What was asked for before a stop is done before it.
        """
        before = opened(sqlURL)
        asked = atOnce(before.registrations.register(registration(f"{n}", deviceId=f"{n}")) for n in range(20))

        await before.close()

        assert len(await asked) == 20
        assert len(await opened(sqlURL).registrations.ofOwner(ROMEO)) == 20

    def test_onDisk(self, tmp_path: Any) -> None:
        """
        SQLite is told to wait for the disk: an acknowledged notification survives a power cut.
        """
        engine = makeEngine(readURL(f"sqlite:///{tmp_path / 'pushsvc.db'}"))

        with engine.connect() as connection:
            said = {
                name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
                for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
            }

        # 2 is FULL.
        assert said == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


    @ensureDeferred
    async def test_wholeValues(self, sqlURL: str, opened: Any) -> None:
        """
        What is read from the outbox has every field that it had when it was put there, whichever were set.
        """
        storage = opened(sqlURL)
        new = waitingFor(registration())
        summaries = (None, Summary(), Summary(lastMessageBody="“Hé”"), Summary(1, 2, "a", "b", "c"))
        notifications = [Notification(summary=each) for each in summaries]
        secret = Encrypted("iv", "payload", "voip")
        notifications.append(Notification(Kind.CALL, Priority.HIGH, encrypted=secret, more={"sid": "1"}))
        for number, each in enumerate(notifications):
            target = Target(f"node{number}", "chatninja", "token", {"topic": f"{number}"})
            await storage.outbox.put(replace(new, target=target, notification=each, due=float(number)), 0.0)

        claimed = await storage.outbox.claim("me", 5000.0, 6000.0, 10)

        assert notifications == [each.notification for each in claimed]
        assert [{"topic": f"{number}"} for number in range(5)] == [each.target.details for each in claimed]
        read: list[Any] = [part for each in claimed for part in (each, each.target, each.notification)]
        read += [each.notification.summary for each in claimed if each.notification.summary is not None]
        for value in read:
            assert {field.name for field in fields(value)} == set(vars(value))

    def test_onDiskInPostgreSQLToo(self, postgresqlURL: str) -> None:
        """
        PostgreSQL waits for its disk, though it be told not to for everybody else; what it does beyond that stays.
        """
        where = postgresqlURL.replace("@/postgres", "@/template1")
        answers = []
        for told in ("off", "remote_apply"):
            with psycopg.connect(where, autocommit=True) as admin:
                admin.execute(f"ALTER DATABASE postgres SET synchronous_commit = {told}")
                try:
                    with makeEngine(readURL(postgresqlURL)).connect() as connection:
                        answers.append(connection.exec_driver_sql("SHOW synchronous_commit").scalar())
                finally:
                    admin.execute("ALTER DATABASE postgres RESET synchronous_commit")

        assert ["on", "remote_apply"] == answers


class TestBatches:
    """
    What is asked for in one turn of the reactor is done together.
    """

    @ensureDeferred
    async def test_oneCommit(self, sqlURL: str, opened: Any, statements: Any) -> None:
        """
        However many notifications are accepted in one turn, they cost one commit and a handful of statements.
        """
        storage = opened(sqlURL)
        statements.clear()

        stored = await atOnce(
            storage.outbox.put(waitingFor(registration(f"{number}")), 0.0) for number in range(100)
        )

        assert statements["COMMIT"] == 1
        assert statements["SELECT"] == statements["INSERT"] == 1
        statements.clear()
        await atOnce(storage.outbox.finish(each, 0.0) for each in stored)
        assert statements["COMMIT"] == statements["DELETE"] == 1
        assert statements["SELECT"] == 0

    @ensureDeferred
    async def test_readingOnly(self, sqlURL: str, opened: Any, statements: Any) -> None:
        """
        Whoever only reads shares a statement with the others, and waits for no disk.
        """
        storage = opened(sqlURL)
        await atOnce(storage.registrations.register(registration(f"{n}", deviceId=f"{n}")) for n in range(50))
        statements.clear()

        found = await atOnce(storage.registrations.byNode(f"{n}") for n in range(60))

        assert [known and known.node for known in found] == [f"{n}" for n in range(50)] + [None] * 10
        # SQLite is asked besides whether others have written.
        assert statements["SELECT"] == 1
        assert set(statements) <= {"SELECT", "PRAGMA"}

    @ensureDeferred
    async def test_readersFirst(self, sqlURL: str, opened: Any) -> None:
        """
        Who only reads is answered before those who wait for the disk, though they came first.
        """
        storage = opened(sqlURL)
        order: list[str] = []

        async def told(name: str, asked: Any) -> None:
            await asked
            order.append(name)

        await atOnce(
            [
                told("written", storage.outbox.put(waitingFor(registration()), 0.0)),
                told("read", storage.registrations.byNode("node1")),
            ]
        )

        assert order == ["read", "written"]

    @ensureDeferred
    async def test_onePlaceTwiceInABatch(self, sqlURL: str, opened: Any) -> None:
        """
        Two notifications for one place in one turn come one after the other; both are told of the newer one, so that
        whichever is sent, it is that.
        """
        storage = opened(sqlURL)
        first = replace(waitingFor(registration()), owner="me", pushId="1")
        second = replace(first, pushId="2", expires=first.expires + 1)

        stored = await atOnce(storage.outbox.put(each, 1e12) for each in (first, second))

        assert stored == [replace(second, sequence=2)] * 2
        assert await storage.outbox.finish(stored[0], 1e12) is None
        assert await storage.outbox.nextDue() is None

    @ensureDeferred
    async def test_oneDeviceTwiceInABatch(self, sqlURL: str, opened: Any) -> None:
        """
        A device that registers twice in one turn is one device, and may use either secret.
        """
        storage = opened(sqlURL)
        secrets = [digest("one"), digest("two")]

        stored = await atOnce(
            storage.registrations.register(registration(f"node{n}", digests=(secret,)))
            for n, secret in enumerate(secrets)
        )

        assert {known.node for known in stored} == {"node0"}
        assert (await storage.registrations.byNode("node0")).digests == tuple(secrets)

    @ensureDeferred
    async def test_answersInOrder(self, sqlURL: str, opened: Any) -> None:
        """
        Who finishes what was in a place and who puts something new there, in one turn, learn of it in the order in
        which it happened.
        """
        storage = opened(sqlURL)
        new = replace(waitingFor(registration()), owner="me")
        sent = await storage.outbox.put(new, 1e12)
        order: list[str] = []

        async def told(name: str, asked: Any) -> Any:
            answer = await asked
            order.append(name)
            return answer

        newer, stored = await atOnce(
            [
                told("finish", storage.outbox.finish(sent, 1e12)),
                told("put", storage.outbox.put(replace(new, pushId="2"), 1e12)),
            ]
        )

        assert order == ["finish", "put"]
        assert newer is None
        assert (stored.pushId, stored.sequence, stored.owner) == ("2", 1, "me")

    @ensureDeferred
    async def test_badRequestFailsAlone(self, sqlURL: str, opened: Any, logEvents: list[Any]) -> None:
        """
        A request that the database cannot take fails; those that came with it do not, and the log says no more than
        what kind of thing it was.
        """
        storage = opened(sqlURL)
        good = [waitingFor(registration(f"{number}")) for number in range(5)]
        # Half a surrogate pair: no XML can say it, and no database takes it.
        bad = waitingFor(registration("half\ud83c"))

        outcomes = await DeferredList(
            [started(storage.outbox.put(each, 0.0)) for each in (*good[:2], bad, *good[2:])], consumeErrors=True
        )

        assert [succeeded for succeeded, _ in outcomes] == [True, True, False, True, True, True]
        assert outcomes[2][1].type is TryLater
        assert len(await storage.outbox.claim("me", 5000.0, 6000.0, 10)) == 5
        (said,) = [event for event in logEvents if "trouble" in event]
        assert (said["failed"], said["asked"]) == (1, 6)
        assert "UnicodeEncodeError" in said["trouble"]
        assert "half" not in str(said)


    @ensureDeferred
    async def test_overload(self, tmp_path: Path, opened: Any) -> None:
        """
        Requests do not pile up without bounds: who comes too many is to try later, and the others are served.
        """
        storage = opened(f"sqlite:///{tmp_path / 'pushsvc.db'}")
        asked = [started(storage.registrations.byNode("node1")) for _ in range(MOST + 2)]

        outcomes = await DeferredList(asked, consumeErrors=True)

        assert [succeeded for succeeded, _ in outcomes] == [True] * MOST + [False] * 2
        assert outcomes[-1][1].type is TryLater


class TestSeveralProcesses:
    """
    Several processes share one database.
    """

    @ensureDeferred
    async def test_claimedOnce(self, sqlURL: str, opened: Any) -> None:
        """
        Whoever claims at the same time is never given the same.
        """
        processes = {"one": opened(sqlURL), "two": opened(sqlURL)}
        await atOnce(
            processes["one"].outbox.put(waitingFor(registration(f"{number}")), 0.0) for number in range(60)
        )

        async def work(name: str) -> list[str]:
            claimed: list[str] = []
            while batch := await processes[name].outbox.claim(name, 5000.0, 6000.0, 5):
                claimed += [waiting.pushId for waiting in batch]
            return claimed

        one, two = await atOnce([work("one"), work("two")])

        assert len(one) + len(two) == 60
        assert len({*one, *two}) == 60

    @ensureDeferred
    async def test_putTogether(self, sqlURL: str, opened: Any, clock: Clock) -> None:
        """
        Whoever puts into one place at the same time counts on: it has one owner, and the latest content.
        """
        now = clock.seconds()
        processes = {"one": opened(sqlURL), "two": opened(sqlURL)}
        new = Waiting(Target("node1", "app", "token"), Notification(), "", "app", expires=now + 9, due=now)

        stored = await atOnce(
            processes[name].outbox.put(replace(new, owner=name, pushId=f"{name}{number}"), now + 60)
            for number in range(20)
            for name in processes
        )

        (owner,) = {waiting.owner for waiting in stored}
        (last,) = await processes["one"].outbox.claim("all", now + 60, now + 120, 10)
        assert owner in processes
        assert last.sequence == 40
        assert last.pushId in ("one19", "two19")

    @ensureDeferred
    async def test_registeredTogether(self, sqlURL: str, opened: Any) -> None:
        """
        A device that registers with two processes at the same time gets one node.
        """
        processes = [opened(sqlURL), opened(sqlURL)]

        stored = await atOnce(
            each.registrations.register(registration(f"node{n}")) for n, each in enumerate(processes)
        )

        assert len({known.node for known in stored}) == 1
        assert len(await processes[0].registrations.ofOwner(ROMEO)) == 1
