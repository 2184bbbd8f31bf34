"""
pushsvc as the component of a server.
"""

from collections.abc import Callable
from pathlib import Path

from tests.servers.apple import Apple
from tests.servers.fcm import Fcm
from tests.servers.program import Program
from tests.servers.rig.ports import LOOPBACK
from tests.servers.rig.server import Server

_LINKS = """
[[links]]
kind = "component"
endpoint = "tcp:{address}:{port}"
domain = "{domain}"
secret-file = "{secret}"
"""


class Service(Program):
    """
    A pushsvc for one component of a server.
    """

    def __init__(self, folder: Path, server: Server, fcm: Fcm, apple: Apple, more: str = "", host: str = "") -> None:
        ((domain, secret),) = server.components.items()
        file = folder / "component.secret"
        file.write_text(secret + "\n")
        links = _LINKS.format(address=LOOPBACK, port=server.ports["component"], domain=domain, secret=file)
        super().__init__(folder, domain, links, server.authority.root, fcm, apple, more, host)
        self._server = server
        self._since, self._own = 0, 0

    def start(self) -> None:
        self._since, self._own = self._server.log.position(), self.log.position()
        super().start()

    def waitUntilReady(self, alive: Callable[[], bool]) -> None:
        self.waitUntilAttached(self._since, alive)
        # Some servers write that they have taken it before they send it anything. But they tell it so after that.
        self.log.waitFor("attached to its server", self._own, alive=alive)
        if self._server.handover is not None and self._server.delegated is not None:
            self._server.log.waitFor(self._server.delegated, self._since, alive=alive)

    def waitUntilAttached(self, position: int, alive: Callable[[], bool] | None = None) -> None:
        """
        Wait until the server has taken it for its component, at some time since a position in the server's log.
        """
        self._server.log.waitFor(self._server.attached, position, alive=alive)
