"""
Google, as a process of its own (`tests.standins.fcm`): what pushsvc sent to it, and what it is to answer.
"""

import json
import os
import ssl
import sys
import urllib.request
from pathlib import Path
from typing import Any

from tests.servers.rig.authority import Authority
from tests.servers.rig.log import Log, recorded
from tests.servers.rig.ports import LOOPBACK, freePort
from tests.servers.rig.process import Process
from tests.servers.rig.waiting import waitFor
from tests.standins.certificates import writeServiceAccount
from tests.standins.fcm import fcmError


class Fcm:
    """
    The stand-in for Google.

    :ivar endpoint: where it is.
    :ivar account: the file that lets pushsvc in.
    """

    def __init__(self, folder: Path, authority: Authority) -> None:
        self._authority = authority
        self._port = freePort()
        self._process: Process | None = None
        self._record = folder / "fcm.jsonl"
        self.log = Log(folder / "fcm.log")
        self.endpoint = f"https://{LOOPBACK}:{self._port}"
        self.account = writeServiceAccount(folder / "service-account.json", f"{self.endpoint}/token")

    def start(self) -> None:
        """
        Start it; it serves when this returns.
        """
        issued = self._authority.issue(LOOPBACK)
        arguments = {
            "port": self._port,
            "certificate": issued.certificate,
            "key": issued.key,
            "account": self.account,
            "record": self._record,
        }
        command = [sys.executable, "-m", "tests.standins.fcm"]
        for name, value in arguments.items():
            command += [f"--{name}", str(value)]
        root = Path(__file__).parents[2]
        self._process = process = Process(command, root, self.log.path, os.environ)
        self.log.waitFor("listening", alive=process.isAlive)

    def stop(self) -> None:
        """
        Stop it.
        """
        if self._process is not None:
            self._process.stop()

    def pushes(self) -> list[dict[str, Any]]:
        """
        The messages that it was sent, whatever it answered, oldest first.
        """
        sent = [each["body"] for each in recorded(self._record) if each["path"].endswith("messages:send")]
        # A service that starts asks whether it may, without sending anything.
        return [body["message"] for body in sent if not body.get("validate_only")]

    def push(self, token: str, number: int = 1) -> dict[str, Any]:
        """
        Wait for a message to a device.

        :param number: which of those to this device: the first, the second, ...
        """

        def toDevice() -> list[dict[str, Any]]:
            return [each for each in self.pushes() if each["token"] == token][number - 1 :]

        return waitFor(toDevice, f"push number {number}")[0]

    def hang(self) -> None:
        """
        The next message gets no answer.
        """
        self._script({"hang": True})

    def unregistered(self) -> None:
        """
        The next message is for a device that is no more.
        """
        self._script(fcmError(404, "NOT_FOUND", "UNREGISTERED"))

    def _script(self, entry: dict[str, Any]) -> None:
        trust = ssl.create_default_context(cafile=str(self._authority.root))
        direct = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )
        request = urllib.request.Request(f"{self.endpoint}/_script", json.dumps([entry]).encode(), method="PUT")
        with direct.open(request, timeout=180):
            pass
