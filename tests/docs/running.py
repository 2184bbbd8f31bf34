"""
pushsvc as a page says that it is started.
"""

import os
import sys
from pathlib import Path

from tests.servers.rig.log import Log
from tests.servers.rig.process import Process

BIN = Path(sys.executable).parent
TWISTD = ("twistd", "-n", "--pidfile=", "--logger", "pushsvc.logs.text", "pushsvc")


class Running:
    """
    A pushsvc with a configuration.

    :ivar log: what it says.
    """

    def __init__(self, configuration: str, folder: Path) -> None:
        self.log = Log(folder / "pushsvc.log")
        self._file = folder / "pushsvc.toml"
        self._file.write_text(configuration, "utf-8")
        self._folder = folder

    def __enter__(self) -> "Running":
        command = [str(BIN / TWISTD[0]), *TWISTD[1:], "--config", str(self._file)]
        self._process = Process(command, self._folder, self.log.path, os.environ)
        return self

    def __exit__(self, *details: object) -> None:
        self._process.stop()

    def isAlive(self) -> bool:
        return self._process.isAlive()
