"""
When to connect again.
"""

from twisted.internet.task import Clock

from pushsvc.httpclient.http2.backoff import Backoff


def test_aClockThatIsSetBackKeepsNobodyFromConnecting():
    """
    When the clock is set back by an hour, the pause before the next connection does not become an hour longer.
    """
    clock = Clock()
    clock.rightNow = 1_000_000.0
    backoff = Backoff(clock, first=1.0, longest=30.0, randomly=lambda: 1.0)
    backoff.failed()
    assert 1.0 == backoff.left

    clock.rightNow -= 3600.0

    assert 30.0 == backoff.left
