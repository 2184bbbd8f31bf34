"""
How many devices an account may register.
"""

import pytest

from pushsvc.errors import NotAllowed, QuotaReached
from pushsvc.fields import Fields
from pushsvc.model import Device
from pushsvc.registrar import Registrar
from pushsvc.storage.memory import MemoryStorage
from tests.delivery.conftest import Withdrawn
from tests.delivery.network import Network, app
from tests.support import resultOf

HOST = "push.example.net"


@pytest.fixture
def registrar(clock):
    storage = MemoryStorage(clock)
    storage.open()
    return Registrar(storage.registrations, {"app": app(Network())}, Withdrawn(), clock, quota=3)


def register(registrar, device, owner="juliet@example.net", room=None):
    fields = Fields({"token": ("t",)})
    return resultOf(registrar.register(HOST, owner, Device(device, room=room), "net", fields))


def test_anAccountMayRegisterSoMany(registrar):
    """
    An account that has registered as many devices as it may is refused a further one; others are not.
    """
    for number in range(3):
        register(registrar, f"phone{number}")

    with pytest.raises(QuotaReached) as refused:
        register(registrar, "one too many")

    assert isinstance(refused.value, NotAllowed)
    assert "juliet" not in str(refused.value)
    register(registrar, "phone", "romeo@example.net")


def test_registeringAgainIsNoFurtherDevice(registrar):
    """
    A device that is registered may always register again.
    """
    for number in range(3):
        register(registrar, f"phone{number}")

    kept = [register(registrar, "phone1").node for _ in range(5)]

    assert 1 == len(set(kept))


def test_roomsCount(registrar):
    """
    A device that registers for several rooms counts for each.
    """
    for room in (None, "a@muc.example.net", "b@muc.example.net"):
        register(registrar, "phone", room=room)

    with pytest.raises(QuotaReached):
        register(registrar, "phone", room="c@muc.example.net")


def test_unregisteringMakesRoom(registrar):
    """
    Whoever unregisters a device may register another.
    """
    for number in range(3):
        register(registrar, f"phone{number}")

    resultOf(registrar.unregister("juliet@example.net", "phone1"))

    assert register(registrar, "another").node
