"""
pushsvc as an operator runs it: ``twistd -n pushsvc --config FILE``, with an app for each of the two networks.
"""

import os
import re
import signal
import sqlite3
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tests.servers.apple import Apple
from tests.servers.fcm import Fcm
from tests.servers.rig.log import Log
from tests.servers.rig.process import Process
from tests.servers.rig.waiting import waitFor

_CONFIGURATION = """\
[storage]
url = "sqlite:///{folder}/pushsvc.db"
{links}
[hosts."{domain}"]
{host}
[apps.chat]
provider = "fcm"
service-account = "{account}"
endpoint = "{endpoint}"
trust = "{trust}"
"""


class Program(ABC):
    """
    A pushsvc for one domain.

    :ivar domain: where clients register and servers publish.
    """

    def __init__(
        self,
        folder: Path,
        domain: str,
        links: str,
        trust: Path,
        fcm: Fcm,
        apple: Apple,
        more: str = "",
        host: str = "",
    ) -> None:
        """
        :param links: the part of the configuration that says how stanzas reach it.
        :param host: keys of the host's table.
        :param more: further tables.
        """
        self.domain = domain
        self.log = Log(folder / "pushsvc.log")
        self.folder = folder
        self._process: Process | None = None
        self._file = folder / "pushsvc.toml"
        text = _CONFIGURATION.format(
            folder=folder,
            links=links,
            domain=domain,
            host=host,
            account=fcm.account,
            endpoint=fcm.endpoint,
            trust=trust,
        )
        self._file.write_text(text + apple.app + more)
        self._forgiven: set[str] = set()

    def start(self) -> None:
        """
        Start it; stanzas reach it when this returns.
        """
        twistd = Path(sys.executable).with_name("twistd")
        command = [str(twistd), "-n", "--pidfile=", "pushsvc", "--config", str(self._file)]
        self._process = process = Process(command, self.folder, self.log.path, os.environ)
        self.waitUntilReady(process.isAlive)

    @abstractmethod
    def waitUntilReady(self, alive: Callable[[], bool]) -> None:
        """
        Wait until stanzas reach it.
        """

    def waitUntilDone(self) -> None:
        """
        Wait until it has nothing more to send.
        """

        def isDone() -> bool:
            with closing(sqlite3.connect(f"file:{self.folder}/pushsvc.db?mode=ro", uri=True)) as database:
                return database.execute("SELECT count(*) FROM outbox").fetchone() == (0,)

        waitFor(isDone, "an empty outbox")

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
