"""
In whose name we publish for accounts.
"""

import pytest

from pushsvc.wire.privilege import Privileges
from pushsvc.xmpp.voices import GRACE, Voice, Voices

JULIET, HOST = "juliet@example.org", "push.example.org"
GRANTED = Privileges("urn:xmpp:privilege:1", True)


@pytest.mark.parametrize("granted", [None, GRANTED])
def test_0357_17_component(granted):
    """
    0357-17: as a host of ours, whatever a server grants.
    """
    voices = Voices("component", HOST)
    if granted:
        voices.granted("example.org", granted)

    assert Voice(HOST) == voices.of(JULIET)


def test_0356_4_privileged():
    """
    0356-4: as the account, of servers that let us; for others as a host of ours.
    """
    voices = Voices("privileged", HOST)
    voices.granted("example.org", GRANTED)
    voices.granted("example.net", Privileges("urn:xmpp:privilege:2", False))

    assert Voice(HOST, "urn:xmpp:privilege:1") == voices.of(JULIET)
    assert Voice(HOST) == voices.of("romeo@example.net")
    assert Voice(HOST) == voices.of("romeo@example.com")


def test_0356_1_grantsAreWaitedFor(clock):
    """
    0356-1: until a server has had the time to say what it grants, nobody knows in whose name to speak, and nobody does:
    each time that our link was down.
    """
    up = []
    voices = Voices("privileged", HOST, (), lambda: bool(up), clock)
    clock.advance(60)
    assert voices.of(JULIET) is None

    up.append(True)
    assert voices.of(JULIET) is None
    clock.advance(GRACE)
    assert Voice(HOST) == voices.of(JULIET)

    up.clear()
    assert voices.of(JULIET) is None
    up.append(True)
    assert voices.of(JULIET) is None
    voices.granted("example.org", GRANTED)
    assert Voice(HOST, "urn:xmpp:privilege:1") == voices.of(JULIET)


def test_0357_17_componentsWaitForNobody(clock):
    """
    0357-17: who speaks as a host of ours, or as the server, waits for nothing.
    """
    assert Voice(HOST) == Voices("component", HOST, (), lambda: False, clock).of(JULIET)
    assert Voice("example.org") == Voices("server", HOST, ["example.org"], lambda: False, clock).of(JULIET)


def test_0357_17_server():
    """
    0357-17: as the account's server, where we are it, and not at all elsewhere.
    """
    voices = Voices("server", HOST, ["example.org"])

    assert Voice("example.org") == voices.of(JULIET)
    assert voices.of("romeo@example.net") is None
