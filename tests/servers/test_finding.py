"""
How servers and pushsvc find each other: DNS with less in it than one would like, and places where nobody answers.
"""

import random
import socket
from collections.abc import Iterator

import pytest

from tests.servers.federation import Federation, assertMeans, needed
from tests.servers.rig.ejabberd import Ejabberd
from tests.servers.rig.ports import LOOPBACK, freePort
from tests.servers.rig.prosody import Prosody
from tests.servers.rig.server import Server
from tests.servers.rig.ways import Ways

pytestmark = pytest.mark.servers


@pytest.fixture
def silent() -> Iterator[int]:
    """
    A port where connections are taken and nothing is said.
    """
    with socket.create_server((LOOPBACK, 0)) as listening:
        yield listening.getsockname()[1]


def _somewhere() -> str:
    """
    An address of this machine that nobody else uses.
    """
    return f"127.{random.randint(64, 127)}.{random.randint(0, 255)}.{random.randint(2, 254)}"


def test_placesWhereNobodyAnswers(prosody: Prosody, federation: Federation, silent: int) -> None:
    """
    A port that is closed, a host without address, and one that says nothing do not keep us from the one that is there.
    """
    position = prosody.log.position()
    service = federation.service(patience=10)
    name, there = prosody.domain, prosody.ports["s2s"]
    places = [
        [1, 0, freePort(), LOOPBACK],
        [2, 0, there, f"nowhere.{name}"],
        [3, 0, silent, LOOPBACK],
        [4, 0, there, LOOPBACK],
    ]
    federation.rig.publishNames({f"_xmpp-server._tcp.{name}": {"SRV": places}})
    try:
        federation.sleepers(prosody, service).wake("are you there?")
    finally:
        federation.rig.publishNames(prosody.zone())

    assertMeans(prosody, service.domain, {"EXTERNAL"}, {"EXTERNAL"}, position)


@pytest.mark.parametrize("kind", [Prosody, Ejabberd], ids=lambda kind: kind.program)
def test_addressesAreEnough(kind: type[Server], federation: Federation) -> None:
    """
    Where DNS has no SRV records, both sides are found at the standard port of their addresses.
    """
    needed(kind)
    if kind is Ejabberd and not Ejabberd.canHaveNeighbours():
        pytest.skip("ejabberd looks addresses up with the C library, and this machine lets it have no names of its own")
    ours = _somewhere()
    service = federation.service(Ways(address=ours))
    server = federation.server(kind, Ways(address=_somewhere(), neighbours={service.domain: ours}))

    federation.sleepers(server, service).wake("are you there?")

    assertMeans(server, service.domain, {"EXTERNAL"}, {"EXTERNAL"})
