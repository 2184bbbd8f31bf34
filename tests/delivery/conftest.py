"""
A delivery with a memory store, and a network that does as it is told.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from twisted.internet.task import Clock

from pushsvc.apps import App
from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.backoff import Backoff
from pushsvc.delivery.delivery import Delivery
from pushsvc.delivery.limits import Limits, unlimited
from pushsvc.model import Notification, Registration, Target, digest
from pushsvc.registrar import Registrar
from pushsvc.storage.memory import MemoryStorage
from tests.delivery.network import Network, app
from tests.support import resultOf


@dataclass
class Withdrawn:
    """
    What users' servers were told.
    """

    told: list[tuple[str, str, str]] = field(default_factory=list)

    def withdrawn(self, host: str, node: str, owner: str) -> None:
        self.told.append((host, node, owner))


@dataclass
class House:
    """
    A delivery and what is around it.
    """

    clock: Clock
    storage: MemoryStorage
    network: Network
    apps: dict[str, App]
    withdrawals: Withdrawn = field(default_factory=Withdrawn)
    limits: Limits = field(default_factory=unlimited)

    def __post_init__(self) -> None:
        self.registrar = Registrar(self.storage.registrations, self.apps, self.withdrawals, self.clock)
        self.delivery = self.another("host/1/first")

    def another(self, process: str) -> Delivery:
        """
        Another process's delivery, on the same storage.
        """
        self.attempts = Attempts(self.apps, self.registrar, self.clock, Backoff(randomly=lambda: 0.0))
        delivery = Delivery(
            self.storage.outbox,
            self.apps,
            self.attempts,
            self.clock,
            lambda: process,
            self.limits,
            self.storage.verdicts,
            lambda: 0.0,
        )
        delivery.startService()
        return delivery

    def accept(self, notification: Notification, target: Target | None = None) -> None:
        resultOf(self.delivery.accept(target or Target("node", "app", "token"), notification))

    def registered(self, node: str = "node", token: str = "token") -> Registration:
        now = self.clock.seconds()
        target = Target(node, "app", token)
        registration = Registration(
            node, "push.example.net", "juliet@example.net", node, target, (digest("secret"),), now, now
        )
        return resultOf(self.storage.registrations.register(registration))

    @property
    def waiting(self) -> float | None:
        """
        When something in the outbox is due; None when it is empty.
        """
        return resultOf(self.storage.outbox.nextDue())


@pytest.fixture
def makeHouse(clock: Clock) -> Callable[..., House]:
    def make(**settings: object) -> House:
        network = Network()
        storage = MemoryStorage(clock)
        storage.open()
        return House(clock, storage, network, {"app": app(network, **settings)})

    return make


@pytest.fixture
def house(makeHouse: Callable[..., House]) -> House:
    return makeHouse()
