"""
RabbitMQ as Debian ships it, in a folder of its own: own ports, own cookie, own epmd.
"""

import os
import shutil
from pathlib import Path

from tests.servers.rig.log import Log
from tests.servers.rig.ports import LOOPBACK, freePort, isOpen
from tests.servers.rig.process import Process
from tests.servers.rig.waiting import waitFor

# Where Debian has the one that does not insist on a user of its own.
_PROGRAM = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")


class RabbitMQ:
    """
    A broker, with its user guest.

    :ivar port: where it listens.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._names = freePort()
        self.port = freePort()
        self.log = Log(folder / "rabbitmq.log")
        self._running: list[Process] = []

    @staticmethod
    def isInstalled() -> bool:
        """
        Whether this machine has it.
        """
        return _PROGRAM.exists() and shutil.which("epmd") is not None

    def start(self) -> None:
        """
        Start it; it serves when this returns.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        epmd = ["epmd", "-port", str(self._names), "-address", LOOPBACK]
        names = Process(epmd, self._folder, self.log.path, os.environ)
        self._running.append(names)
        waitFor(lambda: isOpen(self._names), "epmd serves", alive=names.isAlive)
        (self._folder / "plugins").write_text("[].\n")
        # Erlang is eager: it would take both processors while it waits.
        quiet = "+sbwt none +sbwtdcpu none +sbwtdio none"
        broker = Process(
            [str(_PROGRAM)],
            self._folder,
            self.log.path,
            {
                "PATH": os.environ.get("PATH", os.defpath),
                "HOME": str(self._folder),
                "LANG": "C.UTF-8",
                "ERL_EPMD_PORT": str(self._names),
                "ERL_EPMD_ADDRESS": LOOPBACK,
                "RABBITMQ_NODENAME": f"rabbit{self.port}@localhost",
                "RABBITMQ_NODE_IP_ADDRESS": LOOPBACK,
                "RABBITMQ_NODE_PORT": str(self.port),
                "RABBITMQ_DIST_PORT": str(freePort()),
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-start_epmd false {quiet}",
                "RABBITMQ_MNESIA_BASE": str(self._folder / "mnesia"),
                "RABBITMQ_LOG_BASE": str(self._folder / "log"),
                "RABBITMQ_LOGS": "-",
                "RABBITMQ_CONFIG_FILE": str(self._folder / "none"),
                "RABBITMQ_ADVANCED_CONFIG_FILE": str(self._folder / "none.config"),
                "RABBITMQ_CONF_ENV_FILE": str(self._folder / "none.conf"),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(self._folder / "plugins"),
                "RABBITMQ_PID_FILE": str(self._folder / "pid"),
            },
        )
        self._running.append(broker)
        waitFor(lambda: isOpen(self.port), "RabbitMQ serves", alive=broker.isAlive)

    def stop(self) -> None:
        """
        Stop it; what it keeps stays where it is.
        """
        while self._running:
            self._running.pop().stop()
