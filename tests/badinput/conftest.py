"""
The whole house but its links, as clients and servers find it.
"""

import pytest

from pushsvc.xmpp.ongoing import Ongoing
from tests.delivery.conftest import house, makeHouse
from tests.xmpp.test_house import player, registered

__all__ = ["house", "makeHouse", "ongoing", "player", "registered"]


@pytest.fixture
def ongoing(clock):
    return Ongoing(clock)
