"""
pushsvc as a server among servers: no other one in front of it.
"""

from collections.abc import Callable
from pathlib import Path

from tests.servers.apple import Apple
from tests.servers.fcm import Fcm
from tests.servers.program import Program
from tests.servers.rig.ports import LOOPBACK, freePort, isOpen
from tests.servers.rig.rig import Rig
from tests.servers.rig.waiting import waitFor
from tests.servers.rig.ways import STANDARD_PORT, Ways, announced

_LINKS = """
[[links]]
kind = "s2s"
listen = {listen}
listen-direct-tls = {direct}
certificate = "{certificate}"
private-key = "{key}"
trust = "{trust}"
dns = ["{address}:{names}"]
private-addresses = ["127.0.0.0/8", "::1/128"]
require-trusted-certificates = {strict}
bidi = {bidi}
negotiation-timeout = {patience}
"""


class Federated(Program):
    """
    A pushsvc with streams of its own to whatever server there is.
    """

    def __init__(
        self, folder: Path, rig: Rig, domain: str, ways: Ways, fcm: Fcm, apple: Apple, patience: float
    ) -> None:
        """
        :param patience: after so many seconds a server that is silent is given up.
        """
        self._address = ways.address or LOOPBACK
        self._port = freePort() if ways.address is None else STANDARD_PORT
        listening = [f"tcp:{self._port}:interface={self._address}"]
        issued = (ways.authority or rig.authority).issue(domain, serverOnly=ways.serverOnly)
        links = _LINKS.format(
            listen=[] if ways.direct else listening,
            direct=listening if ways.direct else [],
            certificate=issued.certificate,
            key=issued.key,
            trust=rig.authority.root,
            address=LOOPBACK,
            names=rig.names,
            strict=str(ways.strict).lower(),
            bidi=str(ways.bidi).lower(),
            patience=patience,
        )
        super().__init__(folder, domain, links, rig.authority.root, fcm, apple)
        rig.publishNames(announced(domain, ways, self._port, LOOPBACK))

    def waitUntilReady(self, alive: Callable[[], bool]) -> None:
        waitFor(lambda: isOpen(self._port, self._address), f"{self.domain} listens", alive=alive)
