"""
The world that these tests take place in.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet.task import Clock

from pushsvc.links.s2s.resolve import Resolver
from pushsvc.links.s2s.tls import Certificates
from tests.links.s2s.authorities import files
from tests.links.s2s.nameserver import BRIEFLY, HERE, LONG, Faulty
from tests.links.s2s.world import World
from tests.standins.certificates import CA


@pytest_twisted.async_yield_fixture
async def world(tmp_path: Path, clock: Clock) -> AsyncIterator[World]:
    """
    Nobody is there yet; when the test is over, everybody has gone, and nothing is left to be done.
    """
    world = World(tmp_path, clock)
    yield world
    await world.end()
    await world.turn()
    assert [] == clock.getDelayedCalls()


@pytest.fixture
def reactor() -> Any:
    from twisted.internet import reactor

    return reactor


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> CA:
    return CA(tmp_path_factory.mktemp("ca"))


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> CA:
    """
    An authority that nobody trusts.
    """
    return CA(tmp_path_factory.mktemp("elsewhere"), "Elsewhere")


@pytest.fixture(scope="module")
def ours(ca: CA) -> Certificates:
    """
    Two hosts with certificates of their own, and one for whoever else.
    """
    return Certificates(
        {"push.example": files(ca.issue("push.example")), "bücher.example": files(ca.issue("xn--bcher-kva.example"))},
        files(ca.issue("default.example")),
        ca.certificate,
    )


@pytest_twisted.async_yield_fixture
async def dns(tmp_path: Path, reactor: Any) -> AsyncIterator[Faulty]:
    server = Faulty(tmp_path, reactor)
    server.start()
    yield server
    await server.stop()


@pytest_twisted.async_yield_fixture
async def second(tmp_path: Path, reactor: Any) -> AsyncIterator[Faulty]:
    folder = tmp_path / "second"
    folder.mkdir()
    server = Faulty(folder, reactor)
    server.start()
    yield server
    await server.stop()


@pytest.fixture
def resolver(dns: Faulty, reactor: Any) -> Resolver:
    return Resolver([dns.address], reactor, lambda: 0.0, LONG, HERE)


@pytest.fixture
def hasty(dns: Faulty, reactor: Any) -> Resolver:
    return Resolver([dns.address], reactor, lambda: 0.0, BRIEFLY, HERE)
