"""
The rig, once for all tests with real servers, and what a test needs of it.
"""

from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.servers.apple import Apple
from tests.servers.fcm import Fcm
from tests.servers.federation import Federation, needed
from tests.servers.phone import Phones
from tests.servers.publishing import Publishing
from tests.servers.rig.ejabberd import Ejabberd
from tests.servers.rig.handover import Handover
from tests.servers.rig.log import Log
from tests.servers.rig.prosody import Prosody
from tests.servers.rig.rig import Rig
from tests.servers.rig.server import Server
from tests.servers.service import Service
from tests.servers.waking import Waking

S = TypeVar("S", bound=Server)

COMPONENT_SECRET = "of the component"

_TAIL = 12000
_watched = pytest.StashKey[tuple[list[Log], dict[Log, int]]]()


@pytest.fixture(scope="session")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """
    Servers, name server, authority; everything is in one folder, which pytest keeps for a while.
    """
    with Rig(tmp_path_factory.mktemp("rig")) as rig:
        yield rig


@pytest.fixture(scope="session")
def prosody(rig: Rig) -> Prosody:
    """
    A Prosody with a component for pushsvc.
    """
    return _started(rig, Prosody)


@pytest.fixture(scope="session")
def ejabberd(rig: Rig) -> Ejabberd:
    """
    An ejabberd with a component for pushsvc.
    """
    return _started(rig, Ejabberd)


@pytest.fixture(scope="session")
def reportingProsody(rig: Rig) -> Server:
    """
    A Prosody with our module in place of mod_cloud_notify.
    """
    return _started(rig, Prosody, "reporting-prosody", Handover())


@pytest.fixture(scope="session")
def stockProsody(rig: Rig) -> Server:
    """
    A Prosody with four lines for mod_firewall in place of mod_cloud_notify.
    """
    return _started(rig, Prosody, "stock-prosody", Handover(reports="stock"))


@pytest.fixture(scope="session")
def privilegingProsody(rig: Rig) -> Server:
    """
    The same, and its component may speak for accounts.
    """
    return _started(rig, Prosody, "privileging-prosody", Handover(privileged=True))


@pytest.fixture(scope="session")
def reportingEjabberd(rig: Rig) -> Server:
    """
    An ejabberd with our module in place of mod_push.
    """
    return _started(rig, Ejabberd, "reporting-ejabberd", Handover())


@pytest.fixture(params=["prosody", "ejabberd"])
def server(request: pytest.FixtureRequest) -> Server:
    """
    Each server in turn.
    """
    server: Server = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def phones() -> Iterator[Phones]:
    """
    Where a test gets its phones from.
    """
    with Phones() as phones:
        yield phones


@pytest.fixture
def fcm(rig: Rig, tmp_path: Path) -> Iterator[Fcm]:
    """
    A Google that knows nothing yet.
    """
    fcm = Fcm(tmp_path, rig.authority)
    rig.logs.append(fcm.log)
    try:
        fcm.start()
        yield fcm
    finally:
        fcm.stop()


@pytest.fixture
def apple(rig: Rig, tmp_path: Path) -> Iterator[Apple]:
    """
    An Apple that knows nothing yet.
    """
    apple = Apple(tmp_path, rig.authority)
    rig.logs.append(apple.log)
    try:
        yield apple
    finally:
        apple.stop()


@pytest.fixture
def service(rig: Rig, server: Server, fcm: Fcm, apple: Apple, tmp_path: Path) -> Iterator[Service]:
    """
    A pushsvc behind the server, with an empty database. It stops as it should, and complains of nothing meanwhile.
    """
    service = Service(tmp_path, server, fcm, apple)
    rig.logs.append(service.log)
    try:
        service.start()
        yield service
        assert service.stop()
    finally:
        service.kill()
    assert service.complaints() == []


@pytest.fixture
def publishing(rig: Rig, server: Server, fcm: Fcm, apple: Apple, tmp_path: Path) -> Iterator[Publishing]:
    """
    A pushsvc behind a server that leaves publishing to it.
    """
    publishing = Publishing(tmp_path, server, fcm, apple)
    rig.logs.append(publishing.log)
    try:
        publishing.start()
        yield publishing
        assert publishing.stop()
    finally:
        publishing.kill()
    assert publishing.complaints() == []


@pytest.fixture
def waking(rig: Rig, prosody: Prosody, phones: Phones, tmp_path: Path) -> Iterator[Waking]:
    """
    A phone's whole way, for networks of every kind.
    """
    waking = Waking(rig, prosody, phones, tmp_path)
    try:
        yield waking
        waking.end()
    finally:
        waking.kill()


@pytest.fixture(scope="session")
def networks(rig: Rig, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Fcm, Apple]]:
    """
    A Google and an Apple for all tests that tell their pushes apart by token.
    """
    folder = tmp_path_factory.mktemp("networks")
    fcm, apple = Fcm(folder, rig.authority), Apple(folder, rig.authority)
    rig.logs += [fcm.log, apple.log]
    try:
        fcm.start()
        apple.start()
        yield fcm, apple
    finally:
        fcm.stop()
        apple.stop()


@pytest.fixture
def federation(rig: Rig, networks: tuple[Fcm, Apple], phones: Phones, tmp_path: Path) -> Iterator[Federation]:
    """
    Servers and services that meet as servers do.
    """
    federation = Federation(rig, tmp_path, *networks, phones)
    try:
        yield federation
    finally:
        federation.close()


@pytest.fixture(autouse=True)
def _watch(request: pytest.FixtureRequest) -> None:
    """
    From where on the logs belong to this test.
    """
    if "rig" in request.fixturenames:
        logs = request.getfixturevalue("rig").logs
        request.node.stash[_watched] = (logs, {log: log.position() for log in logs})


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """
    A failed test shows what the servers wrote meanwhile.
    """
    report = yield
    if report.failed:
        logs, positions = item.stash.get(_watched, ([], {}))
        for log in logs:
            if text := log.since(positions.get(log, 0)):
                report.sections.append((str(log.path), text[-_TAIL:]))
    return report


def _started(rig: Rig, kind: type[S], name: str | None = None, handover: Handover | None = None) -> S:
    needed(kind)
    domain = f"{name or kind.program}.localtest"
    return rig.server(kind, domain, {f"push.{domain}": COMPONENT_SECRET}, handover=handover)
