"""
What stops, dies and comes back when nobody stands between servers and pushsvc: streams are made anew, and nobody has to
register again.
"""

from collections.abc import Callable

import pytest

from tests.servers.federated import Federated
from tests.servers.federation import Federation
from tests.servers.rig.server import Server

pytestmark = pytest.mark.servers


def test_serverRestarts(server: Server, federation: Federation) -> None:
    """
    After the server was restarted phones are woken as before.
    """
    service = federation.service()
    sleepers = federation.sleepers(server, service)
    sleepers.wake("before")

    server.restart()

    sleepers.wake("after")


def test_serverDies(server: Server, federation: Federation) -> None:
    """
    A server that died is there again as soon as it runs.
    """
    service = federation.service()
    federation.sleepers(server, service).wake("before")

    server.kill()
    server.start()

    # Others: a dying ejabberd forgets those that it was given lately.
    federation.sleepers(server, service).wake("after")


@pytest.mark.parametrize("end", [Federated.stop, Federated.kill])
def test_weComeBack(server: Server, federation: Federation, end: Callable[[Federated], object]) -> None:
    """
    After pushsvc was stopped, or died, phones are woken as before.
    """
    service = federation.service()
    sleepers = federation.sleepers(server, service)
    sleepers.wake("before")
    service.waitUntilDone()

    end(service)
    service.start()

    sleepers.wake("after")
