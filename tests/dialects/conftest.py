"""
A register host with apps on two networks, and two people.
"""

import pytest
from twisted.internet.task import Clock

from pushsvc.ipushsvc import IDialect
from pushsvc.registrar import Registrar
from pushsvc.storage.memory import MemoryStorage
from tests.delivery.conftest import Withdrawn
from tests.delivery.network import Network, app
from tests.dialects.client import ROMEO, Client


@pytest.fixture
def storage(clock: Clock) -> MemoryStorage:
    storage = MemoryStorage(clock)
    storage.open()
    return storage


@pytest.fixture
def withdrawals() -> Withdrawn:
    return Withdrawn()


@pytest.fixture
def registrar(storage: MemoryStorage, withdrawals: Withdrawn, clock: Clock) -> Registrar:
    apps = {
        "google": app(Network(), "google", kind="fcm"),
        "apple": app(Network(), "apple", kind="apns", providerIds=("tigase:messenger:apns:1", "snikket:apns:1")),
        "elsewhere": app(Network(), "elsewhere", kind="wns", registerHost="other.example.net"),
    }
    return Registrar(storage.registrations, apps, withdrawals, clock)


@pytest.fixture
def juliet(dialect: IDialect) -> Client:
    return Client(dialect)


@pytest.fixture
def romeo(dialect: IDialect) -> Client:
    return Client(dialect, ROMEO, "orchard")
