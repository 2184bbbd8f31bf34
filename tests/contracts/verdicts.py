"""
What every `IVerdictBook` promises. Whoever uses this class has a fixture ``storage``: an open, empty `IStorage`.
"""

from typing import Any

import pytest
from pytest_twisted import ensureDeferred
from zope.interface.verify import verifyObject

from pushsvc.ipushsvc import IVerdictBook
from pushsvc.model import Remembered
from tests.contracts.registrations import registration


class VerdictBookContract:
    """
    Statements about what is remembered of pushes.
    """

    @pytest.fixture(autouse=True)
    def _book(self, storage: Any) -> None:
        self.storage = storage
        self.book = storage.verdicts

    async def registered(self, *nodes: str) -> None:
        """
        Devices of these nodes.
        """
        for node in nodes:
            await self.storage.registrations.register(registration(node=node, deviceId=node))

    def test_interface(self) -> None:
        """
        It has what the interface asks for.
        """
        assert verifyObject(IVerdictBook, self.book)

    @ensureDeferred
    async def test_nothing(self) -> None:
        """
        Of devices that were never pushed to nothing is remembered, whether they are registered or not.
        """
        await self.registered("a")

        assert {} == await self.book.ofNodes(["a", "b"])
        assert {} == await self.book.ofNodes([])

    @ensureDeferred
    async def test_remembered(self) -> None:
        """
        Of each device the last success and the last trouble are remembered.
        """
        await self.registered("a", "b", "c")
        news = {"a": Remembered(5.5, None, None), "b": Remembered(None, 6.5, "down"), "c": Remembered(1.0, 2.0, "gone")}

        await self.book.note(news)

        assert news == await self.book.ofNodes(["a", "b", "c"])
        assert {"b": news["b"]} == await self.book.ofNodes(["b"])

    @ensureDeferred
    async def test_theLatest(self) -> None:
        """
        Newer news take the place of older, and leave alone what they do not speak of.
        """
        await self.registered("a", "b")
        await self.book.note({"a": Remembered(1.0, 2.0, "down"), "b": Remembered(1.0)})

        await self.book.note({"a": Remembered(3.0), "b": Remembered(None, 4.0, "throttled")})
        await self.book.note({"b": Remembered(None, 5.0, "down")})

        found = await self.book.ofNodes(["a", "b"])
        assert {"a": Remembered(3.0, 2.0, "down"), "b": Remembered(1.0, 5.0, "down")} == found

    @ensureDeferred
    async def test_unregistered(self) -> None:
        """
        Nothing is remembered of what is no registration, and that keeps nothing else from being remembered.
        """
        await self.registered("a")

        await self.book.note({"nobody": Remembered(1.0), "a": Remembered(2.0)})
        await self.book.note({"nobody": Remembered(3.0)})
        await self.book.note({})

        assert {"a": Remembered(2.0)} == await self.book.ofNodes(["a", "nobody"])

    @ensureDeferred
    async def test_goesWithTheRegistration(self) -> None:
        """
        What was remembered of a device goes with its registration, in whatever way that goes.
        """
        await self.registered("a", "b", "c")
        await self.book.note(dict.fromkeys("abc", Remembered(1.0, 2.0, "down")))

        await self.storage.registrations.remove(registration().owner, ["a"])
        await self.storage.registrations.removeGone("b", registration().target.token, None)

        assert ["c"] == list(await self.book.ofNodes(["a", "b", "c"]))
        await self.registered("a")
        assert {} == await self.book.ofNodes(["a"])

    @ensureDeferred
    async def test_staysWhenADeviceRegistersAgain(self) -> None:
        """
        A device that registers again is still the same device.
        """
        await self.registered("a")
        await self.book.note({"a": Remembered(1.0)})

        await self.registered("a")

        assert {"a": Remembered(1.0)} == await self.book.ofNodes(["a"])
