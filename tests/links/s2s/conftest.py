"""
The world that these tests take place in.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_twisted
from twisted.internet.task import Clock

from tests.links.s2s.world import World


@pytest_twisted.async_yield_fixture
async def world(tmp_path: Path, clock: Clock) -> AsyncIterator[World]:
    """
    Nobody is there yet; when the test is over, everybody has gone, and nothing is left to be done.
    """
    world = World(tmp_path, clock)
    yield world
    await world.end()
    await world.turn()
    assert [] == clock.getDelayedCalls()
