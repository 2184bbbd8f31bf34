"""
What becomes of a notification that was sent, or that did not get through.
"""

from dataclasses import replace

from pytest_twisted import ensureDeferred

from pushsvc.model import Kind, Notification
from tests.contracts.outboxes import OnAnOutbox, encrypted


class Finishing(OnAnOutbox):
    """
    Statements about being done, for now or for good.
    """

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
