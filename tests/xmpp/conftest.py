"""
A push service in miniature, and somebody to talk to it.
"""

import pytest

from pushsvc.xmpp.handlers import makeHandlers
from pushsvc.xmpp.ongoing import Ongoing
from pushsvc.xmpp.sessions import Sessions
from tests.xmpp.player import Player
from tests.xmpp.world import World


@pytest.fixture
def world():
    return World()


@pytest.fixture
def sessions(clock):
    return Sessions(clock)


@pytest.fixture
def ongoing(clock):
    return Ongoing(clock)


@pytest.fixture
def player(world, sessions, ongoing):
    return Player(makeHandlers(world.hosts, sessions, ongoing, "7"))


@pytest.fixture
def published(world):
    """
    What reached the nodes.
    """
    return world.nodes.published
