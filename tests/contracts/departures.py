"""
What every `IDepartures` promises. Whoever uses this class has a fixture ``storage``: an open, empty `IStorage`; and
``clock``, which tells it the time.
"""

from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from zope.interface.verify import verifyObject

from pushsvc.ipushsvc import IDepartures

DAY = 86_400.0


class DeparturesContract:
    """
    Statements about devices that are gone.
    """

    @pytest.fixture(autouse=True)
    def _departures(self, storage: Any, clock: Any) -> None:
        self.departures = storage.departures
        self.clock = clock

    def test_interface(self) -> None:
        """
        It has what the interface asks for.
        """
        assert verifyObject(IDepartures, self.departures)

    @ensureDeferred
    async def test_forADay(self) -> None:
        """
        A device of which its network says that it is gone is gone for a day, from then on; others are not.
        """
        assert not await self.departures.isGone("a")

        await self.departures.departed("a")

        assert await self.departures.isGone("a")
        assert not await self.departures.isGone("b")
        self.clock.advance(DAY - 1)
        assert await self.departures.isGone("a")
        self.clock.advance(1)
        assert not await self.departures.isGone("a")

    @ensureDeferred
    async def test_forFiveDays(self) -> None:
        """
        When that is said again after the day, it is gone for five; what was under way when it was said tells nothing.
        """
        await self.departures.departed("a")
        await self.departures.departed("a")
        self.clock.advance(DAY)
        assert not await self.departures.isGone("a")

        await self.departures.departed("a")

        self.clock.advance(5 * DAY - 1)
        assert await self.departures.isGone("a")
        self.clock.advance(1)
        assert not await self.departures.isGone("a")

    @ensureDeferred
    async def test_forgotten(self) -> None:
        """
        What was said long ago is forgotten: the next time counts as the first.
        """
        await self.departures.departed("a")
        self.clock.advance(20 * DAY)
        await self.departures.departed("a")

        self.clock.advance(DAY)

        assert not await self.departures.isGone("a")

    @ensureDeferred
    async def test_bounded(self) -> None:
        """
        Trimming forgets what is over, and the oldest of the rest.
        """
        for number in range(5):
            await self.departures.departed(f"old{number}")
        self.clock.advance(20 * DAY)
        for number in range(5):
            await self.departures.departed(f"new{number}")
            self.clock.advance(1)

        assert 5 == await self.departures.trim(100)
        assert 3 == await self.departures.trim(2)
        assert 0 == await self.departures.trim(2)

        gone = [await self.departures.isGone(f"new{number}") for number in range(5)]
        assert [False, False, False, True, True] == gone
