"""
How much is told.
"""

import pytest

from pushsvc.enablement import ContentOptions
from pushsvc.model import Summary
from pushsvc.publisher.content import Content, together

DEFAULTS = ContentOptions(False, True, True, False)
ROMEO, PARIS = "romeo@example.net/orchard", "paris@example.net"
SUMMARY = Summary(3, 1, ROMEO, "Hi", PARIS)


def test_MP52_defaults():
    """
    MP-52: by default counts are told, and neither who nor what.
    """
    assert DEFAULTS == Content().holding(ContentOptions())


def test_MP44_theFirstTimeIsFree():
    """
    MP-44: with its first service an account chooses as it likes.
    """
    asked = ContentOptions(True, False, True, True)

    assert asked == Content().accepted(ContentOptions(), asked, first=True)


def test_MP46_laterOnlyLess():
    """
    MP-46: later it may have less told, or as much; more is left out of what is accepted.
    """
    chosen = ContentOptions(senders=True, bodies=False)
    asked = ContentOptions(senders=False, messageCount=True, subscriptionCount=False, bodies=True)

    accepted = Content().accepted(chosen, asked, first=False)

    assert ContentOptions(senders=False, messageCount=True, subscriptionCount=False, bodies=None) == accepted
    assert ContentOptions(False, True, False, False) == together(chosen, accepted)


def test_whatIsNotAskedStays():
    """
    Who asks for nothing changes nothing.
    """
    chosen = ContentOptions(senders=True)

    accepted = Content().accepted(chosen, ContentOptions(), first=False)

    assert ContentOptions() == accepted
    assert chosen == together(chosen, accepted)


@pytest.mark.parametrize("first", [True, False])
def test_ceilings(first):
    """
    What the server does not let anybody have nobody gets: neither by asking nor by having asked before.
    """
    content = Content(ceiling=ContentOptions(bodies=False))

    assert content.accepted(ContentOptions(bodies=True), ContentOptions(bodies=True), first).bodies is None
    assert content.holding(ContentOptions(bodies=True)).bodies is False


@pytest.mark.parametrize(
    ("holding", "told"),
    [
        (ContentOptions(True, True, True, True), SUMMARY),
        (ContentOptions(False, True, True, True), Summary(3, 1, None, "Hi", None)),
        (ContentOptions(True, False, True, True), Summary(None, 1, ROMEO, "Hi", PARIS)),
        (ContentOptions(True, True, False, True), Summary(3, None, ROMEO, "Hi", PARIS)),
        (ContentOptions(False, True, True, False), Summary(3, 1, None, "New message", None)),
    ],
)
def test_MP61_theOptionsFilter(holding, told):
    """
    MP-61: what is not to be told is not told; senders are those of messages and of subscription requests.
    """
    assert told == Content().told(SUMMARY, holding, important=True)


def test_PR12_theTextForWhatMatters():
    """
    PR-12: what matters and cannot be told is told as a fixed text, unless the operator wants none; what does not
    matter has no text.
    """
    holding = ContentOptions(False, False, False, False)

    assert "New message" == Content().told(SUMMARY, holding, important=True).lastMessageBody
    assert "Psst" == Content(importantBody="Psst").told(SUMMARY, holding, important=True).lastMessageBody
    assert Content(importantBody="").told(SUMMARY, holding, important=True).lastMessageBody is None
    assert Content().told(SUMMARY, holding, important=False).lastMessageBody is None
    everything = ContentOptions(True, True, True, True)
    assert "New message" == Content().told(Summary(1), everything, important=True).lastMessageBody
