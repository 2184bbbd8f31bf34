"""
What tests of links begin with.
"""

from collections.abc import AsyncIterator

import pytest_twisted
from twisted.internet.task import Clock

from tests.links.house import House


@pytest_twisted.async_yield_fixture
async def house(clock: Clock) -> AsyncIterator[House]:
    """
    Clean when it begins, and when it ends.
    """
    house = House(clock)
    yield house
    stopping = house.link.stopService()
    await house.server.stop()
    await stopping
    assert [] == clock.getDelayedCalls()
