"""
pushsvc as an operator runs it: ``twistd -n pushsvc --config FILE``, behind a server's component port.
"""

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from tests.servers.apple import Apple
from tests.servers.fcm import Fcm
from tests.servers.rig.log import Log
from tests.servers.rig.ports import LOOPBACK
from tests.servers.rig.process import Process
from tests.servers.rig.server import Server

_CONFIGURATION = """\
[storage]
url = "sqlite:///{folder}/pushsvc.db"

[[links]]
kind = "component"
endpoint = "tcp:{address}:{port}"
domain = "{domain}"
secret-file = "{folder}/component.secret"

[hosts."{domain}"]

[apps.chat]
provider = "fcm"
service-account = "{account}"
endpoint = "{endpoint}"
trust = "{trust}"
"""


class Service:
    """
    A pushsvc for one component of a server, with an app for each of the two networks.

    :ivar domain: the component's.
    """

    def __init__(self, folder: Path, server: Server, fcm: Fcm, apple: Apple) -> None:
        ((self.domain, secret),) = server.components.items()
        self.log = Log(folder / "pushsvc.log")
        self._folder = folder
        self._server = server
        self._process: Process | None = None
        self._file = folder / "pushsvc.toml"
        (folder / "component.secret").write_text(secret + "\n")
        self._file.write_text(
            _CONFIGURATION.format(
                folder=folder,
                address=LOOPBACK,
                port=server.ports["component"],
                domain=self.domain,
                account=fcm.account,
                endpoint=fcm.endpoint,
                trust=server.authority.root,
            )
            + apple.app
        )
        self._forgiven: set[str] = set()

    def start(self) -> None:
        """
        Start it; the server has taken it for its component when this returns.
        """
        position = self._server.log.position()
        twistd = Path(sys.executable).with_name("twistd")
        command = [str(twistd), "-n", "--pidfile=", "pushsvc", "--config", str(self._file)]
        self._process = process = Process(command, self._folder, self.log.path, os.environ)
        self.waitUntilAttached(position, process.isAlive)

    def waitUntilAttached(self, position: int, alive: Callable[[], bool] | None = None) -> None:
        """
        Wait until the server has taken it for its component, at some time since a position in the server's log.
        """
        self._server.log.waitFor(self._server.attached, position, 60, alive)

    def stop(self) -> bool:
        """
        Stop it as an operator would.

        :returns: whether it came to its own end, in time.
        """
        position = self.log.position()
        # twistd cleans up, and then dies of the signal that it got.
        status = None if self._process is None else self._process.stop()
        return status in (0, -signal.SIGTERM) and "Server Shut Down" in self.log.since(position)

    def kill(self) -> None:
        """
        Let it die at once (SIGKILL).
        """
        if self._process is not None:
            self._process.kill()

    def forgive(self, word: str) -> None:
        """
        The test made it complain in this way.
        """
        self._forgiven.add(word)

    def complaints(self) -> list[str]:
        """
        Lines of its log that nobody should ever see.
        """
        lines = re.findall(r".*(?:Traceback|Unhandled|critical).*", self.log.since())
        return [line for line in lines if not any(word in line for word in self._forgiven)]
