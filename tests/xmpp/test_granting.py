"""
What servers grant to our hosts, when there are several, and each time that a link is lost.
"""

import pytest

from pushsvc.xmpp.hearing import Hearing
from pushsvc.xmpp.voices import GRACE, Voice, Voices
from tests.publisher.conftest import JULIET, House
from tests.xmpp.player import Player
from tests.xmpp.test_hearing import HOST, granting, say

PRIVILEGED = Voice(HOST, "urn:xmpp:privilege:2")


@pytest.fixture
def voices(clock):
    return Voices("privileged", HOST, clock=clock)


@pytest.fixture
def links(clock, voices):
    publisher = House(clock).publisher
    return [Hearing(["example.org"], publisher, voices, []) for _ in range(2)]


def test_0356_1_severalComponents(links, voices, clock):
    """
    0356-1: what a server grants to another component of ours is not granted to the one that publishes, and is not taken
    from it when the other's link is lost.
    """
    ours, other = links
    say(Player([other]), granting(), to="other.example.org")
    assert voices.of(JULIET) is None
    say(Player([ours]), granting())
    assert PRIVILEGED == voices.of(JULIET)
    say(Player([other]), granting("get"), to="other.example.org")
    assert PRIVILEGED == voices.of(JULIET)

    other.connectionLost(None)

    assert PRIVILEGED == voices.of(JULIET)
    clock.advance(GRACE)
    assert PRIVILEGED == voices.of(JULIET)


def test_0356_1_timeToSayItAgain(links, voices, clock):
    """
    0356-1: also who has had the time to say it once has it again after the link was lost.
    """
    assert voices.of(JULIET) is None
    clock.advance(GRACE)
    assert Voice(HOST) == voices.of(JULIET)
    say(Player(links[:1]), granting())

    links[0].connectionLost(None)

    assert voices.of(JULIET) is None
    clock.advance(GRACE)
    assert Voice(HOST) == voices.of(JULIET)
