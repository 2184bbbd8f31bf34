"""
A push service, and somebody who speaks for its clients and their servers.
"""

from collections.abc import Iterator

import pytest
from twisted.internet.task import Clock

from tests.clients.phone import JULIET, Phone
from tests.clients.world import World
from tests.support import resultOf
from tests.xmpp.player import Player


@pytest.fixture
def world(clock: Clock) -> Iterator[World]:
    world = World(clock)
    yield world
    world.stop()


@pytest.fixture
def player(world: World) -> Player:
    return world.player()


@pytest.fixture
def phone(player: Player) -> Phone:
    return Phone(player)


@pytest.fixture
def kept(world: World):
    return lambda owner=JULIET: resultOf(world.storage.registrations.ofOwner(owner))
