"""
Real XMPP servers on loopback: own folders, own ports, own certificates, own names. Nothing outside the folder is
touched, and nothing stays behind.
"""

import json
import os
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TypeVar

from tests.servers.rig import nameserver
from tests.servers.rig.authority import Authority
from tests.servers.rig.handover import Handover
from tests.servers.rig.log import Log
from tests.servers.rig.ports import freePort, isOpen
from tests.servers.rig.process import Process
from tests.servers.rig.server import Place, Server
from tests.servers.rig.waiting import waitFor
from tests.servers.rig.ways import Ways

S = TypeVar("S", bound=Server)


class Rig:
    """
    Servers that know one another, and what they need for it.

    :ivar names: the port of the name server.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder / "authority")
        self.names = freePort()
        self.logs: list[Log] = []
        self._zone: dict[str, object] = {}
        self._running = ExitStack()

    def __enter__(self) -> "Rig":
        self.publishNames({})
        output = Log(self.folder / "nameserver.log")
        self.logs.append(output)
        command = [sys.executable, str(Path(nameserver.__file__)), str(self.names), str(self._zoneFile)]
        process = Process(command, self.folder, output.path, os.environ)
        self._running.callback(process.stop)
        waitFor(lambda: isOpen(self.names), "the name server serves", alive=process.isAlive)
        return self

    def __exit__(self, *details: object) -> None:
        self._running.close()

    def server(
        self,
        kind: type[S],
        domain: str,
        components: Mapping[str, str] | None = None,
        ways: Ways | None = None,
        handover: Handover | None = None,
    ) -> S:
        """
        Start a server.

        :param components: each component's domain to its secret.
        """
        place = Place(self.folder / domain, self.authority, self.names)
        server = kind(place, domain, components or {}, ways, handover)
        self.logs += [server.log, server.output]
        self._running.callback(server.stop)
        self.publishNames(server.zone())
        server.start()
        return server

    def publishNames(self, zone: Mapping[str, object]) -> None:
        """
        Add names to the name server, or change what it says of them.
        """
        self._zone.update(zone)
        fresh = self._zoneFile.with_suffix(".new")
        fresh.write_text(json.dumps(self._zone, indent=1))
        fresh.replace(self._zoneFile)

    @property
    def _zoneFile(self) -> Path:
        return self.folder / "zone.json"
