"""
What becomes of a notification that is put into an outbox, and whose it is then.
"""

from dataclasses import replace

from pytest_twisted import ensureDeferred

from pushsvc.model import Encrypted, Kind, Notification, Priority, Summary, Target
from tests.contracts.outboxes import OnAnOutbox, encrypted


class Accepting(OnAnOutbox):
    """
    Statements about putting.
    """

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

    @ensureDeferred
    async def test_putForANewToken(self) -> None:
        """
        What waits because one token was in trouble does not hold up what comes for the next token of the device.
        """
        failed = await self.outbox.put(self.waiting("1", owner="me"), self.lease)
        await self.outbox.postpone(failed, self.now + 900)
        target = Target("node1", "chatninja", "token2")

        stored = await self.outbox.put(self.waiting("2", owner="me", target=target), self.lease)

        assert (stored.target, stored.due, stored.attempts, stored.owner) == (target, self.now, 0, "me")
        assert await self.outbox.claim("other", self.now + 1, self.lease, 10) == []

    @ensureDeferred
    async def test_putTwice(self) -> None:
        """
        What is put once more, because nobody knew whether it had been, is there once.
        """
        once = self.waiting("1", notification=encrypted("x"), slot=1, owner="me")
        await self.outbox.put(once, self.lease)
        await self.outbox.put(self.waiting("2", notification=encrypted("y"), slot=1), self.lease)

        stored = await self.outbox.put(once, self.lease)

        assert (stored.slot, stored.owner) == (1, "me")
        assert await self.ids() == ["1", "2"]
