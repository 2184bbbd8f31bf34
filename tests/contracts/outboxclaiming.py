"""
Who is given what waits in an outbox, when, and how much of it.
"""

from dataclasses import replace

from pytest_twisted import ensureDeferred
from twisted.internet.defer import ensureDeferred as started
from twisted.internet.defer import gatherResults

from pushsvc.model import Standing, Target
from tests.contracts.outboxes import OnAnOutbox


class Claiming(OnAnOutbox):
    """
    Statements about what is due.
    """

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
    async def test_expireLeavesWhatIsBeingSent(self) -> None:
        """
        What somebody is sending is not dropped under his hands, so that nobody counts it twice; when his lease has
        ended, it is.
        """
        sent = await self.outbox.put(self.waiting("1", owner="me", expires=self.now + 10), self.lease)

        assert await self.outbox.expire(self.lease - 1) == 0
        assert await self.outbox.finish(sent, self.lease) is None
        await self.outbox.put(self.waiting("2", owner="me", expires=self.now + 10), self.lease)
        assert await self.outbox.expire(self.lease) == 1
        assert await self.everything() == []

    @ensureDeferred
    async def test_expireMany(self) -> None:
        """
        However many there are, all of them are dropped, and nothing else.
        """
        many = [self.waiting(f"{n}", key=f"{n}", expires=self.now + n) for n in range(1201)]
        await gatherResults([started(self.outbox.put(each, self.lease)) for each in many])

        assert await self.outbox.expire(self.now + 1100) == 1101
        assert len(await self.everything()) == 100

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
