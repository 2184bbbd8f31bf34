"""
What ``[limits]`` says is what holds.
"""

import pytest
from twisted.internet.testing import MemoryReactorClock

from pushsvc.config import ConfigurationError, read
from pushsvc.errors import QuotaReached
from pushsvc.fields import Fields
from pushsvc.model import Device, Notification, Target
from pushsvc.tap import compose
from tests.assembly.test_renewal import FRAME
from tests.support import resultOf

APP = '[apps.trial]\nprovider = "demo"\n'


class House:
    """
    A service with these limits, its delivery started.
    """

    def __init__(self, limits: str = "") -> None:
        self.composition = compose(read(f"{FRAME}{APP}[limits]\n{limits}"), MemoryReactorClock())
        self.composition.storage.open()
        self.delivery = self.composition.service.getServiceNamed("delivery")
        self.delivery.startService()

    def publish(self, count: int, account: str = "juliet@example.net", domain: str = "example.net") -> None:
        for number in range(count):
            target = Target(f"{account}{number % 7}", "trial", "token")
            resultOf(self.delivery.accept(target, Notification(), domain, account))

    @property
    def delivered(self) -> int:
        return self.delivery._attempts.counts["trial", "delivered"]


@pytest.mark.parametrize(
    ("limits", "delivered"),
    [
        ("burst-per-node = 2", 14),
        ("burst-per-account = 5", 5),
        ("burst-per-domain = 9", 9),
        ("publishes-per-node = 0\npublishes-per-account = 0\npublishes-per-domain = 0\nburst-per-domain = 1", 100),
    ],
)
def test_limitsHold(limits, delivered):
    """
    Each key limits what it says; 0 a second is no limit.
    """
    house = House(limits)

    house.publish(100)

    assert delivered == house.delivered


def test_usualPublishesMeetNoLimit():
    """
    What users' servers do in the worst of usual hours meets none of the limits that ship.
    """
    house = House()

    house.publish(300)
    for number in range(1_000):
        house.publish(3, f"user{number}@example.net")

    assert 3_300 == house.delivered


def test_theQuotaHolds():
    """
    An account registers no more devices than the configuration says.
    """
    house = House("registrations-per-account = 1")
    registrar = house.composition.hosts["push.example.net"].dialects[0]._registrar
    fields = Fields({"token": ("t",)})
    resultOf(registrar.register("push.example.net", "juliet@example.net", Device("a"), "demo", fields))

    with pytest.raises(QuotaReached):
        resultOf(registrar.register("push.example.net", "juliet@example.net", Device("b"), "demo", fields))


@pytest.mark.parametrize("line", ["publishes-per-node = -1", "burst-per-node = 0", "burst-per-nod = 3"])
def test_whatIsWrongIsNamed(line):
    """
    Limits that cannot be are refused.
    """
    with pytest.raises(ConfigurationError, match="limits"):
        House(line)
