"""
What operators are told of networks that complain.
"""

from pushsvc.delivery.alarms import LASTS, MANY, Alarms
from pushsvc.delivery.dismissals import SUSPICIOUS
from pushsvc.errors import BadRequest, DeviceGone, ProviderRefused
from tests.delivery.network import says
from tests.support import resultOf


def byServer(house):
    """
    A network whose devices name their servers: tokens are server and number.
    """
    house.network.laneOf = lambda target: f"app/{target.token.partition(' ')[0]}"


def push(house, token, answer=True):
    target = house.registered(token, token).target
    house.network.answers = [answer]
    house.accept(says("hello"), target)


def told(logEvents, level="critical"):
    return [event for event in logEvents if event["log_level"].name == level]


def test_oneServersDismissalsAreItsOwn(house, logEvents):
    """
    A server that disowns all of its devices keeps nobody else's from being forgotten, and the operator is told where
    that is.
    """
    byServer(house)

    for number in range(50):
        push(house, f"evil {number}", DeviceGone())
    push(house, "good 1", DeviceGone())

    left = {known.target.token for known in resultOf(house.registrar.registrations("juliet@example.net"))}
    assert 50 - SUSPICIOUS < len(left)
    assert "good 1" not in left
    assert ["app/evil"] == [event["lane"] for event in told(logEvents)]


def test_oneServersRefusalsAreItsOwn(house, clock, logEvents):
    """
    A server that refuses our credentials, again and again between others that take them, is told of once; and what
    another takes says nothing of it.
    """
    byServer(house)

    for number in range(20):
        push(house, f"evil {number}", ProviderRefused("Web Push: https://evil.example: 403"))
        push(house, f"good {number}")

    assert 1 == len(told(logEvents))
    assert [("app", "refused")] == list(house.attempts.alarms)
    for _ in range(200):
        clock.advance(1)
    assert [] == list(house.attempts.alarms)


def test_manyServersAreToldOfAsFew(house, clock, logEvents):
    """
    However many servers complain that clients have named, an operator is told of a few; and when nothing was heard of
    them for a while, that has passed.
    """
    byServer(house)

    for number in range(100):
        push(house, f"evil{number} x", ProviderRefused("403"))

    assert MANY == len(told(logEvents))
    house.delivery.stopService()
    clock.advance(LASTS + 1)
    assert [] == list(house.attempts.alarms)


def test_whatIsNotUnderstoodIsToldOnce(house, logEvents):
    """
    A server that does not understand us has one line in the log, not one for each push.
    """
    byServer(house)

    for number in range(30):
        push(house, f"evil {number}", BadRequest("Web Push: https://evil.example: 400"))
        push(house, f"evil again{number}")

    assert 1 == len(told(logEvents, "error"))


def test_anAppsTroubleLasts(clock):
    """
    What is the app's own lasts until it has passed, however quiet it is.
    """
    alarms = Alarms(clock)

    assert alarms.raised("app", "app", "refused")
    assert alarms.raised("app", "app/server", "refused")
    clock.advance(LASTS + 1)

    assert [("app", "refused")] == list(alarms.on)
    assert not alarms.isRaised("app", "app/server", "refused")
    assert not alarms.raised("app", "app", "refused")
    assert alarms.ended("app", "refused")
    assert not alarms.ended("app", "refused")
    assert [] == list(alarms.on)
