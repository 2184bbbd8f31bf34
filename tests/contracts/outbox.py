"""
What every `IOutbox` promises. Whoever uses this class has fixtures ``storage``: an open, empty `IStorage`, and
``clock``: the `Clock` that this storage goes by.
"""

from dataclasses import replace
from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from twisted.internet.task import Clock
from zope.interface.verify import verifyObject

from pushsvc.ipushsvc import IOutbox
from pushsvc.model import Encrypted, Kind, Notification, Priority, Standing, Summary, Target, Waiting


def encrypted(payload: str) -> Notification:
    """
    Something that only the device can read.
    """
    return Notification(encrypted=Encrypted("aXY=", payload, "voip"))


class OutboxContract:
    """
    Statements about the outbox.
    """

    @pytest.fixture(autouse=True)
    def _outbox(self, storage: Any, clock: Clock) -> None:
        self.outbox = storage.outbox
        self.clock = clock
        self.now = clock.seconds()
        self.lease = self.now + 60

    def waiting(self, pushId: str, key: str = "node1", **changes: Any) -> Waiting:
        """
        Something new that is due now.
        """
        plain = Waiting(
            target=Target(key, "chatninja", "token1", {"sandbox": "1"}),
            notification=Notification(),
            pushId=pushId,
            lane="chatninja",
            expires=self.now + 1000,
            due=self.now,
        )
        return replace(plain, **changes)

    async def everything(self) -> list[Waiting]:
        """
        All that there is, whoever has it, the longest due first.
        """
        late = self.now + 100_000
        return list(await self.outbox.claim("everybody", late, late, 1000))

    async def ids(self) -> list[str]:
        """
        The push ids of all that there is.
        """
        return sorted(waiting.pushId for waiting in await self.everything())

    def test_interface(self) -> None:
        """
        It has what the interface asks for.
        """
        assert verifyObject(IOutbox, self.outbox)

    # Accepting

    @ensureDeferred
    async def test_keepsAllOfIt(self) -> None:
        """
        What is told comes out as it went in, all of it.
        """
        told = Notification(
            Kind.CALL,
            Priority.LOW,
            Summary(0, 2, "romeo@example.net", "\u2603\n\"", "paris@example.net"),
            Encrypted("aXY=", "cGF5bG9hZA==", "voip"),
            {"event": "account-removed", "{urn:example:a}b": "<b xmlns='urn:example:a'>\u2603</b>"},
        )
        put = await self.outbox.put(replace(self.waiting("p"), notification=told, slot=1), self.lease)

        (claimed,) = await self.outbox.claim("other", self.lease + 1, self.lease + 60, 10)

        assert told == put.notification == claimed.notification

    @ensureDeferred
    async def test_accepted(self) -> None:
        """
        What was accepted comes back, every field of it.
        """
        summary = Summary(3, None, "juliet@capulet.example/balcony", "O “Romeo”\n🌹", "nurse@capulet.example")
        new = self.waiting("1", notification=Notification(Kind.CALL, Priority.HIGH, summary))

        stored = await self.outbox.put(new, self.lease)

        assert stored == new
        assert await self.outbox.claim("me", self.now, self.lease, 10) == [replace(new, owner="me")]

    @ensureDeferred
    async def test_emptySummary(self) -> None:
        """
        A summary that says nothing is not the same as none.
        """
        await self.outbox.put(self.waiting("1", "a", notification=Notification(summary=Summary())), self.lease)
        await self.outbox.put(self.waiting("2", "b", notification=Notification(summary=None)), self.lease)

        found = {waiting.pushId: waiting.notification.summary for waiting in await self.everything()}

        assert found == {"1": Summary(), "2": None}

    @ensureDeferred
    async def test_replaced(self) -> None:
        """
        A newer notification of the same key and kind takes the place of an older one.
        """
        await self.outbox.put(self.waiting("1", notification=Notification(summary=Summary(1))), self.lease)
        new = self.waiting(
            "2",
            target=Target("node1", "ninja2", "token2"),
            notification=Notification(summary=Summary(2)),
            lane="ninja2",
        )

        stored = await self.outbox.put(new, self.lease)

        assert stored == replace(new, sequence=2)
        assert await self.everything() == [replace(stored, owner="everybody")]

    @ensureDeferred
    async def test_higherPriorityAndLaterExpiryStay(self) -> None:
        """
        What replaces an urgent notification is as urgent, and what replaces a lasting one lasts as long; in either
        direction.
        """
        urgent = self.waiting("1", notification=Notification(priority=Priority.HIGH), expires=self.now + 10)
        lasting = self.waiting("2", notification=Notification(priority=Priority.LOW), expires=self.now + 99)

        stored = []
        for key, first, second in (("a", urgent, lasting), ("b", lasting, urgent)):
            for each in (first, second):
                last = await self.outbox.put(replace(each, target=Target(key, "app", "token")), self.lease)
            stored.append((last.notification.priority, last.expires))

        assert stored == [(Priority.HIGH, self.now + 99)] * 2

    @ensureDeferred
    async def test_kindsStandSideBySide(self) -> None:
        """
        A message does not take the place of a call, nor of what other devices get.
        """
        await self.outbox.put(self.waiting("1", notification=Notification(Kind.CALL)), self.lease)
        await self.outbox.put(self.waiting("2", notification=Notification(Kind.MESSAGE)), self.lease)
        await self.outbox.put(self.waiting("3", notification=Notification(Kind.CLEAR)), self.lease)
        await self.outbox.put(self.waiting("4", "node2"), self.lease)

        assert await self.ids() == ["1", "2", "3", "4"]

    @ensureDeferred
    async def test_encryptedAppend(self) -> None:
        """
        Encrypted notifications stand side by side, and beside what is interchangeable, up to eight; then the oldest
        gives way, and after it the next.
        """
        await self.outbox.put(self.waiting("plain"), self.lease)

        stored = []
        for number in range(10):
            new = self.waiting(f"{number}", notification=encrypted(f"payload{number}"))
            stored.append(await self.outbox.put(new, self.lease))

        assert [each.slot for each in stored] == [1, 2, 3, 4, 5, 6, 7, 8, 1, 2]
        assert [each.sequence for each in stored] == [1] * 8 + [2, 2]
        assert await self.ids() == ["2", "3", "4", "5", "6", "7", "8", "9", "plain"]

    @ensureDeferred
    async def test_encryptedFreeSlot(self) -> None:
        """
        A slot that was emptied is used again before anything gives way; content comes back as it was.
        """
        stored = [
            await self.outbox.put(self.waiting(f"{number}", notification=encrypted("x")), self.lease)
            for number in range(8)
        ]
        await self.outbox.finish(stored[4], self.lease)

        new = await self.outbox.put(self.waiting("new", notification=encrypted("payload")), self.lease)

        assert (new.slot, new.sequence, new.notification) == (5, 1, encrypted("payload"))
        assert len(await self.everything()) == 8

    @ensureDeferred
    async def test_slotSaysWhichSort(self) -> None:
        """
        Any slot of 1 to 8 says that a notification is not interchangeable.
        """
        first = await self.outbox.put(self.waiting("1", slot=1), self.lease)
        second = await self.outbox.put(self.waiting("2", slot=1), self.lease)

        assert (first.slot, second.slot) == (1, 2)

    # Whose it is after that

    @ensureDeferred
    async def test_putOwned(self) -> None:
        """
        Who accepts a notification may send it right away: nobody else is given it until the lease ends.
        """
        stored = await self.outbox.put(self.waiting("1", owner="me"), self.lease)

        assert stored.owner == "me"
        assert await self.outbox.owners() == ["me"]
        assert list(await self.outbox.claim("other", self.lease - 1, self.lease + 60, 10)) == []

    @ensureDeferred
    async def test_putWhileBeingSent(self) -> None:
        """
        Newer content of what is being sent belongs to who is sending, whoever accepted it.
        """
        await self.outbox.put(self.waiting("1", owner="me"), self.lease)

        stored = await self.outbox.put(self.waiting("2", owner="other"), self.lease)

        assert (stored.owner, stored.sequence, stored.pushId) == ("me", 2, "2")

    @ensureDeferred
    async def test_putAfterLeaseEnded(self) -> None:
        """
        Newer content of what a dead process was sending belongs to who accepted it.
        """
        await self.outbox.put(self.waiting("1", owner="dead"), self.lease)
        self.clock.advance(61)

        stored = await self.outbox.put(self.waiting("2", owner="me"), self.lease + 61)

        assert (stored.owner, stored.pushId, stored.due) == ("me", "2", self.now)
        assert list(await self.outbox.claim("other", self.lease + 60, self.lease + 99, 10)) == []

    @ensureDeferred
    async def test_putWhilePostponed(self) -> None:
        """
        What has been postponed stays so when newer content comes: it is not due earlier, it counts as often tried, and
        it is nobody's.
        """
        sent = await self.outbox.put(self.waiting("1", owner="me"), self.lease)
        await self.outbox.postpone(sent, self.now + 30)

        stored = await self.outbox.put(self.waiting("2", owner="me"), self.lease)

        assert (stored.owner, stored.due, stored.attempts, stored.pushId) == (None, self.now + 30, 1, "2")

    @ensureDeferred
    async def test_putWhenPostponedIsDue(self) -> None:
        """
        Newer content of what had been postponed and is due belongs to who accepted it.
        """
        sent = await self.outbox.put(self.waiting("1", owner="me"), self.lease)
        await self.outbox.postpone(sent, self.now + 30)
        self.clock.advance(31)

        stored = await self.outbox.put(self.waiting("2", owner="me"), self.now + 91)

        assert (stored.owner, stored.due, stored.attempts) == ("me", self.now + 30, 1)

    # Finishing

    @ensureDeferred
    async def test_finished(self) -> None:
        """
        What was sent does not come again.
        """
        sent = await self.outbox.put(self.waiting("1", owner="me"), self.lease)

        newer = await self.outbox.finish(sent, self.lease)

        assert newer is None
        assert await self.everything() == []
        assert await self.outbox.finish(sent, self.lease) is None

    @ensureDeferred
    async def test_finishedBesideOthers(self) -> None:
        """
        Only what was sent is done with: not other kinds, slots and keys.
        """
        sent = await self.outbox.put(self.waiting("1", owner="me"), self.lease)
        await self.outbox.put(self.waiting("2", notification=Notification(Kind.CALL)), self.lease)
        await self.outbox.put(self.waiting("3", notification=encrypted("x")), self.lease)
        await self.outbox.put(self.waiting("4", "node2"), self.lease)

        await self.outbox.finish(sent, self.lease)

        assert await self.ids() == ["2", "3", "4"]

    @ensureDeferred
    async def test_arrivedInFlight(self) -> None:
        """
        What arrives while the older content is being sent survives, and is its sender's to send next.
        """
        sent = await self.outbox.put(self.waiting("1", owner="me"), self.lease)
        arrived = await self.outbox.put(self.waiting("2", owner="me"), self.lease)

        newer = await self.outbox.finish(sent, self.lease + 60)

        assert newer == arrived
        assert list(await self.outbox.claim("other", self.lease + 59, self.lease + 99, 10)) == []
        assert await self.outbox.finish(newer, self.lease) is None
        assert await self.everything() == []

    @ensureDeferred
    async def test_finishedTooLate(self) -> None:
        """
        Who was so slow that another took over does not get the newer content.
        """
        sent = await self.outbox.put(self.waiting("1", owner="slow"), self.lease)
        self.clock.advance(61)
        await self.outbox.put(self.waiting("2", owner="me"), self.lease + 61)

        assert await self.outbox.finish(sent, self.lease + 99) is None
        assert await self.ids() == ["2"]

    @ensureDeferred
    async def test_sameSequenceOtherContent(self) -> None:
        """
        Content that took the place after it had been emptied is not taken for the former one.
        """
        former = await self.outbox.put(self.waiting("1", owner="me"), self.lease)
        await self.outbox.finish(former, self.lease)
        stored = await self.outbox.put(self.waiting("2", owner="me"), self.lease)
        assert stored.sequence == former.sequence

        newer = await self.outbox.finish(former, self.lease)

        assert newer == stored

    # Postponing

    @ensureDeferred
    async def test_postponed(self) -> None:
        """
        What did not get through is nobody's, is due later, and has been tried once more.
        """
        sent = await self.outbox.put(self.waiting("1", owner="me"), self.lease)

        await self.outbox.postpone(sent, self.now + 30)

        assert list(await self.outbox.owners()) == []
        assert await self.outbox.nextDue() == self.now + 30
        assert list(await self.outbox.claim("me", self.now + 29, self.lease, 10)) == []
        (claimed,) = await self.outbox.claim("me", self.now + 30, self.lease, 10)
        assert claimed == replace(sent, due=self.now + 30, attempts=1)

    @ensureDeferred
    async def test_postponedAfterNewerArrived(self) -> None:
        """
        When the older content did not get through, what arrived meanwhile waits in its stead.
        """
        sent = await self.outbox.put(self.waiting("1", owner="me"), self.lease)
        await self.outbox.put(self.waiting("2", owner="me"), self.lease)

        await self.outbox.postpone(sent, self.now + 30)

        (claimed,) = await self.outbox.claim("other", self.now + 30, self.lease, 10)
        assert (claimed.pushId, claimed.attempts, claimed.due) == ("2", 1, self.now + 30)

    @ensureDeferred
    async def test_postponedTooLate(self) -> None:
        """
        Who was so slow that another took over cannot postpone what that one is sending.
        """
        sent = await self.outbox.put(self.waiting("1", owner="slow"), self.lease)
        (taken,) = await self.outbox.claim("me", self.lease, self.lease + 60, 10)

        await self.outbox.postpone(sent, self.now + 500)

        assert await self.outbox.owners() == ["me"]
        assert await self.outbox.finish(taken, self.lease) is None
        assert await self.everything() == []

    # Claiming

    @ensureDeferred
    async def test_claimDue(self) -> None:
        """
        Only what is due is given, the longest due first, no more than asked for, and to one owner only.
        """
        for pushId, due in (("late", 5), ("first", -9), ("third", -1), ("second", -5)):
            await self.outbox.put(self.waiting(pushId, key=pushId, due=self.now + due), self.lease)

        one = await self.outbox.claim("one", self.now, self.lease, 2)
        two = await self.outbox.claim("two", self.now, self.lease, 2)

        assert [(waiting.pushId, waiting.owner) for waiting in one] == [("first", "one"), ("second", "one")]
        assert [(waiting.pushId, waiting.owner) for waiting in two] == [("third", "two")]
        assert sorted(await self.outbox.owners()) == ["one", "two"]

    @ensureDeferred
    async def test_claimExceptLanes(self) -> None:
        """
        What can not be sent now does not crowd out what can.
        """
        for pushId, lane in (("1", "paused"), ("2", "broken"), ("3", "open"), ("4", "paused")):
            await self.outbox.put(self.waiting(pushId, key=pushId, lane=lane), self.lease)

        claimed = await self.outbox.claim("me", self.now, self.lease, 1, ["paused", "broken"])

        assert [waiting.pushId for waiting in claimed] == ["3"]

    @ensureDeferred
    async def test_deadOwner(self) -> None:
        """
        What a dead process held is taken over when its lease ends, in its turn: the longest due first.
        """
        await self.outbox.put(self.waiting("dead", "a", owner="dead", due=self.now - 5), self.lease)
        await self.outbox.put(self.waiting("older", "b", due=self.now - 9), self.lease)
        await self.outbox.put(self.waiting("newer", "c", due=self.now - 1), self.lease)

        claimed = await self.outbox.claim("me", self.lease, self.lease + 60, 2)

        assert [(waiting.pushId, waiting.owner) for waiting in claimed] == [("older", "me"), ("dead", "me")]
        assert await self.outbox.owners() == ["me"]

    @ensureDeferred
    async def test_release(self) -> None:
        """
        What a stopping process holds is everybody's at once; what others hold stays theirs.
        """
        await self.outbox.put(self.waiting("1", "a", owner="stopping"), self.lease)
        await self.outbox.put(self.waiting("2", "b", owner="other"), self.lease)

        await self.outbox.release("stopping", self.now + 1)

        assert await self.outbox.owners() == ["other"]
        (claimed,) = await self.outbox.claim("me", self.now + 1, self.lease, 10)
        assert (claimed.pushId, claimed.due, claimed.attempts) == ("1", self.now + 1, 0)

    # Ending

    @ensureDeferred
    async def test_expire(self) -> None:
        """
        What nobody wants any more is dropped, and counted.
        """
        for pushId, ttl in (("1", 10), ("2", 20), ("3", 30)):
            await self.outbox.put(self.waiting(pushId, key=pushId, expires=self.now + ttl), self.lease)

        dropped = await self.outbox.expire(self.now + 25)

        assert dropped == 2
        assert await self.ids() == ["3"]
        assert await self.outbox.expire(self.now + 25) == 0

    @ensureDeferred
    async def test_standings(self) -> None:
        """
        It is told how much waits of each app, whoever has it, and since when the oldest does.
        """
        assert {} == await self.outbox.standings()
        await self.outbox.put(self.waiting("1", "a"), self.lease)
        self.clock.advance(5)
        await self.outbox.put(self.waiting("2", "b", owner="me"), self.lease)
        await self.outbox.put(self.waiting("3", "c", target=Target("c", "other", "token1")), self.lease)

        standings = await self.outbox.standings()

        assert {"chatninja": Standing(2, self.now), "other": Standing(1, self.now + 5)} == standings

    @ensureDeferred
    async def test_nextDue(self) -> None:
        """
        The next to do is told: what is nobody's by its due, what is somebody's by the end of its lease, and nothing of
        lanes that are closed.
        """
        assert await self.outbox.nextDue() is None

        await self.outbox.put(self.waiting("1", "a", owner="me", lane="one"), self.lease)
        assert await self.outbox.nextDue() == self.lease
        await self.outbox.put(self.waiting("2", "b", due=self.now + 20, lane="two"), self.lease)
        assert await self.outbox.nextDue() == self.now + 20
        await self.outbox.put(self.waiting("3", "c", due=self.now + 10, lane="three"), self.lease)
        assert await self.outbox.nextDue() == self.now + 10

        assert await self.outbox.nextDue(["three"]) == self.now + 20
        assert await self.outbox.nextDue(["three", "two"]) == self.lease
        assert await self.outbox.nextDue(["three", "two", "one"]) is None

    # Of lanes that take only so much

    @ensureDeferred
    async def test_claimByRoom(self) -> None:
        """
        Of a lane no more is given than it has room for; the rest stays, due as before.
        """
        for number, lane in enumerate(["busy", "busy", "busy", "idle", "idle", "full"]):
            await self.outbox.put(self.waiting(f"{number}", key=f"{number}", lane=lane, due=self.now - 9 + number), 0)

        claimed = await self.outbox.claim("me", self.now, self.lease, 10, ["full"], {"busy": 2}, 1)

        assert ["0", "1", "3"] == [waiting.pushId for waiting in claimed]
        rest = await self.outbox.claim("me", self.now, self.lease, 10)
        assert [("2", self.now - 7), ("4", self.now - 5), ("5", self.now - 4)] == [
            (waiting.pushId, waiting.due) for waiting in rest
        ]

    @ensureDeferred
    async def test_claimOfLanes(self) -> None:
        """
        It can be asked for what is on certain lanes only, as much as each has room for, and no more than asked for.
        """
        for number in range(4):
            for lane in ("one", "two", "other"):
                new = self.waiting(f"{lane}{number}", key=f"{lane}{number}", lane=lane, due=self.now - 9 + number)
                await self.outbox.put(new, self.lease)
        await self.outbox.put(self.waiting("late", "late", lane="one", due=self.now + 1), self.lease)

        some = await self.outbox.claim("me", self.now, self.lease, 10, (), {"one": 1, "two": 2, "nobody": 5}, 0)
        more = await self.outbox.claim("me", self.now, self.lease, 2, (), {"one": 9}, 0)

        assert ["one0", "two0", "two1"] == sorted(waiting.pushId for waiting in some)
        assert ["one1", "one2"] == [waiting.pushId for waiting in more]
        assert {"me"} == {waiting.owner for waiting in (*some, *more)}

    # When what was in the way has passed

    @ensureDeferred
    async def test_hurry(self) -> None:
        """
        What waits for an app can be made due at once: not what others have, nor what waits for another app, nor what
        is due already.
        """
        other = Target("other", "other", "token1")
        for pushId, changes in (
            ("late", {"due": self.now + 500, "attempts": 3}),
            ("later", {"due": self.now + 900}),
            ("due", {"due": self.now - 5}),
            ("held", {"owner": "somebody", "due": self.now + 5}),
            ("other", {"target": other, "due": self.now + 500}),
        ):
            await self.outbox.put(replace(self.waiting(pushId, key=pushId), **changes), self.lease)

        hurried = await self.outbox.hurry("chatninja", self.now, 10)

        assert 2 == hurried
        claimed = await self.outbox.claim("me", self.now, self.lease, 10)
        assert [("due", self.now - 5, 0), ("late", self.now, 3), ("later", self.now, 0)] == sorted(
            (waiting.pushId, waiting.due, waiting.attempts) for waiting in claimed
        )

    @ensureDeferred
    async def test_hurryOnALane(self) -> None:
        """
        Of a lane only what was never tried is hurried: what was tried may have been told to wait.
        """
        for pushId, lane, attempts in (("new", "one", 0), ("tried", "one", 1), ("other", "two", 0)):
            new = self.waiting(pushId, key=pushId, lane=lane, due=self.now + 500, attempts=attempts)
            await self.outbox.put(new, self.lease)

        hurried = await self.outbox.hurry("chatninja", self.now, 10, "one")

        assert 1 == hurried
        assert ["new"] == [waiting.pushId for waiting in await self.outbox.claim("me", self.now, self.lease, 10)]

    @ensureDeferred
    async def test_hurryInParts(self) -> None:
        """
        A great deal is hurried in parts, so that nobody has to wait for all of it.
        """
        for number in range(5):
            await self.outbox.put(self.waiting(f"{number}", key=f"{number}", due=self.now + 500 + number), self.lease)

        hurried = [await self.outbox.hurry("chatninja", self.now, 2) for _ in range(4)]

        assert [2, 2, 1, 0] == hurried
