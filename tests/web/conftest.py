"""
A service with pages: its storage in memory, its network as the test says.
"""

from collections.abc import Iterator

import pytest
from twisted.application.service import Service
from twisted.internet.task import Clock
from zope.interface import implementer

from pushsvc.hosts import ServedHost
from pushsvc.ipushsvc import IExpiring
from pushsvc.web.metrics import Metrics
from pushsvc.web.readiness import Readiness
from tests.delivery.conftest import House
from tests.delivery.network import Network, app
from tests.support import resultOf
from tests.web.visiting import House as Visited


@implementer(IExpiring)
class Link(Service):
    """
    A link that is as the test says.
    """

    name = "component push.example.net"

    def __init__(self) -> None:
        self.why: str | None = None
        self.ends: dict[str, float] = {}

    def trouble(self) -> str | None:
        return self.why

    def expires(self) -> dict[str, float]:
        return self.ends


class Pushing(House):
    """
    A delivery, and who tells of it.
    """

    def __post_init__(self) -> None:
        super().__post_init__()
        self.link = Link()
        self.host = ServedHost("push.example.net")
        self.closing = False
        hosts = {self.host.name: self.host}
        self.metrics = Metrics(
            self.storage, self.delivery, self.attempts, self.apps, hosts, [self.link], self.clock
        )
        self.readiness = Readiness(self.storage, [self.link], lambda: self.closing, self.clock)

    @property
    def served(self) -> list[str]:
        """
        The lines of the page.
        """
        page, _ = resultOf(self.metrics.page("text/plain"))
        return page.decode().splitlines()


@pytest.fixture
def pushing(clock: Clock) -> Iterator[Pushing]:
    from pushsvc.storage.memory import MemoryStorage

    network = Network()
    storage = MemoryStorage(clock)
    storage.open()
    yield Pushing(clock, storage, network, {"app": app(network)})


@pytest.fixture
def house(clock: Clock) -> Visited:
    """
    Where strangers register.
    """
    return Visited(clock)
