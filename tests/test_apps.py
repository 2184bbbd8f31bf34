"""
What of a notification may reach a network.
"""

import pytest

from pushsvc.model import Notification, Summary
from tests.delivery.network import Network, app

MORE = {"event": "account-removed", "sid": "s", "media": "audio", "nickname": "Romeo", "{urn:a}b": "<b/>"}
TOLD = Notification(summary=Summary(1, lastMessageSender="romeo@example.net", lastMessageBody="Hi"), more=MORE)


@pytest.mark.parametrize(
    ("settings", "names"),
    [
        ({}, {"event", "sid", "media", "nickname"}),
        ({"unknownChildren": True}, set(MORE)),
        ({"content": "counts", "unknownChildren": True}, {"event", "sid", "media"}),
        ({"content": "none"}, {"event", "sid", "media"}),
    ],
)
def test_more(settings, names):
    """
    What nobody here knows reaches a device when the operator wants it; where contents do not, nothing does that says
    who wrote what.
    """
    allowed = app(Network(), **settings).allowed(TOLD)

    assert names == set(allowed.more)


def test_smaller():
    """
    When it is too large, what nobody here knows is left out first, and what is known last.
    """
    steps = []
    left = TOLD
    while left is not None:
        steps.append((len(left.more), left.summary is not None and left.summary.lastMessageBody))
        left = left.smaller()

    assert [(5, "Hi"), (4, "Hi"), (4, None), (4, None), (0, False)] == steps
