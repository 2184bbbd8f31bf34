"""
Devices that their network no longer knows.
"""

from pushsvc.delivery.dismissals import SUSPICIOUS
from pushsvc.errors import DeviceGone, ProviderRefused
from pushsvc.model import Target
from tests.delivery.network import says
from tests.support import resultOf


def test_MP26_goneDeviceIsForgotten(house):
    """
    MP-26, MP-73: a device its network no longer knows loses its registration, and nothing waits for it.
    """
    gone = house.registered()
    house.network.answers = [DeviceGone()]

    house.accept(says("hello"), gone.target)

    assert [] == resultOf(house.storage.registrations.ofOwner(gone.owner))
    assert house.waiting is None


def test_MP24_theServerIsToldOfIt(house):
    """
    MP-24: the user's server is told that the node is gone.
    """
    gone = house.registered()
    house.network.answers = [DeviceGone()]

    house.accept(says("hello"), gone.target)

    assert [("push.example.net", gone.node, gone.owner)] == house.withdrawals.told


def test_MP26_aNewerRegistrationSurvives(house, clock):
    """
    MP-26: a device that registered again after the network saw it go stays, and its notification is tried again.
    """
    registration = house.registered()
    house.network.answers = [DeviceGone(since=clock.seconds() - 100)]

    house.accept(says("hello"), registration.target)
    clock.advance(10)

    assert [registration.node] == [known.node for known in resultOf(house.registrar.registrations(registration.owner))]
    assert ["hello", "hello"] == house.network.bodies
    assert [] == house.withdrawals.told


def test_aMovedDeviceGetsItsNotification(house):
    """
    A device that got another token while a notification was under way gets it there.
    """
    stale = house.registered().target
    house.registered(token="newer")
    house.network.answers = [DeviceGone()]

    house.accept(says("hello"), stale)

    assert ["token", "newer"] == house.network.tokens
    assert house.waiting is None


def test_massDismissalStops(house, logEvents):
    """
    When a network disowns most devices it is the configuration that is wrong: forgetting stops, the operator is told
    once, and the notifications wait.
    """
    registrations = [house.registered(f"node{number}", f"token{number}") for number in range(1000)]
    house.network.answers = [DeviceGone() for _ in registrations]

    for registration in registrations:
        house.accept(says("hello"), registration.target)

    left = resultOf(house.registrar.registrations("juliet@example.net"))
    assert 1000 - SUSPICIOUS < len(left)
    assert 1 == len([event for event in logEvents if event["log_level"].name == "critical"])
    assert house.waiting is not None


def test_aFewGoneAmongManyAreForgotten(house):
    """
    Devices come and go: a few that are gone among many that are not are forgotten.
    """
    for number in range(100):
        target = house.registered(f"node{number}", f"token{number}").target
        house.network.answers = [DeviceGone()] if number % 4 == 0 else [True]
        house.accept(says("hello"), target)

    assert 75 == len(resultOf(house.registrar.registrations("juliet@example.net")))


def test_X3_refusedCredentialsForgetNobody(house, clock, logEvents):
    """
    X-3: A network that refuses our credentials says nothing about devices: the operator is told once, everybody stays,
    and the notifications go out when it is mended.
    """
    registrations = [house.registered(f"node{number}", f"token{number}") for number in range(20)]
    house.network.answers = [ProviderRefused("expired") for _ in registrations]

    for registration in registrations:
        house.accept(says("hello"), registration.target)
    assert 20 == len(resultOf(house.registrar.registrations("juliet@example.net")))
    assert 1 == len([event for event in logEvents if event["log_level"].name == "critical"])

    house.network.answers = []
    clock.advance(10)
    assert {registration.target.token for registration in registrations} == set(house.network.tokens[-20:])
    assert house.waiting is None


def test_aTargetWithoutRegistrationEndsQuietly(house):
    """
    When the registration is gone already there is nothing to forget, and nobody to tell.
    """
    house.network.answers = [DeviceGone()]

    house.accept(says("hello"), Target("unknown", "app", "token"))

    assert [] == house.withdrawals.told
    assert house.waiting is None
