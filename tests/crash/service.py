"""
pushsvc as a process of its own, so that it can be killed.
"""

import os
import signal
import sys
from pathlib import Path

from tests.servers.apple import Apple
from tests.servers.rig.log import Log
from tests.servers.rig.process import Process

_CONFIGURATION = """
[storage]
url = "sqlite:///{folder}/pushsvc.db"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:{port}"
domain = "push.example.net"
secret = "sesame"
[hosts."push.example.net"]
"""


class Victim:
    """
    A pushsvc that will be killed.
    """

    def __init__(self, folder: Path, port: int, apple: Apple) -> None:
        self.log = Log(folder / "pushsvc.log")
        self._folder = folder
        self._file = folder / "pushsvc.toml"
        self._file.write_text(_CONFIGURATION.format(folder=folder, port=port) + apple.app)

    def start(self) -> None:
        twistd = Path(sys.executable).with_name("twistd")
        command = [str(twistd), "-n", "--pidfile=", "pushsvc", "--config", str(self._file)]
        self._process = Process(command, self._folder, self.log.path, os.environ)

    def kill(self) -> None:
        """
        SIGKILL.
        """
        self._process.kill()

    def stop(self) -> None:
        self._process.stop()

    def terminate(self) -> None:
        """
        SIGTERM; it goes on until it is done.
        """
        self._process.send(signal.SIGTERM)

    def wait(self) -> None:
        """
        Wait until it is done.
        """
        self._process.wait()
