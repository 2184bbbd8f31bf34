"""
What matters to people.
"""

from dataclasses import replace

import pytest

from pushsvc.event import Call, Stanza
from pushsvc.publisher.importance import isImportant, isUrgent

MESSAGE = Stanza("message", "chat", "romeo@example.net/orchard", body="Hi")


@pytest.mark.parametrize(
    ("change", "important"),
    [
        ({}, True),
        ({"type": "normal"}, True),
        ({"type": "groupchat"}, True),
        ({"body": None}, False),
        ({"type": "headline"}, False),
        ({"type": "error"}, False),
        ({"carbon": "sent"}, False),
        ({"carbon": "received"}, True),
        ({"body": None, "encrypted": True}, True),
        ({"encrypted": True, "carbon": "sent"}, False),
        ({"type": "groupchat", "subject": True}, False),
        ({"type": "groupchat", "subject": True, "encrypted": True}, True),
        ({"type": "chat", "subject": True}, True),
        ({"body": None, "call": Call("propose")}, True),
        ({"body": None, "call": Call("invite")}, True),
        ({"body": None, "call": Call("retract")}, False),
        ({"name": "iq", "type": "get"}, False),
        ({"name": "presence", "type": "subscribe"}, False),
        ({"name": "r", "type": ""}, False),
    ],
)
def test_PR10_important(change, important):
    """
    PR-10: a message with something to read, encrypted or not, or a call; no headline, no carbon of one's own, no
    renamed room, and nothing that is no message.
    """
    assert isImportant(replace(MESSAGE, **change)) is important


@pytest.mark.parametrize("action", ["ringing", "proceed", "accept", "reject", "retract", "finish"])
def test_PR11_urgent(action):
    """
    PR-11: it is urgent when somebody calls, and at no other point of a call.
    """
    assert isUrgent(replace(MESSAGE, body=None, call=Call("propose")))
    assert not isUrgent(replace(MESSAGE, body=None, call=Call(action)))
    assert not isUrgent(replace(MESSAGE, type="error", call=Call("propose")))
    assert not isUrgent(MESSAGE)
