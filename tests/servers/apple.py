"""
Apple, as a process of its own (`tests.standins.apns`): what pushsvc sent to it, and what it is to answer.
"""

import json
import os
import ssl
import sys
import urllib.request
from pathlib import Path
from typing import Any

from pushsvc.providers.apns import NOBODY
from tests.servers.rig.authority import Authority
from tests.servers.rig.log import Log, recorded
from tests.servers.rig.ports import LOOPBACK, freePort
from tests.servers.rig.process import Process
from tests.servers.rig.waiting import waitFor
from tests.standins.applekeys import KEY_ID, TEAM_ID, TOPIC, writeKey

_APP = """
[apps.apple]
provider = "apns"
endpoint = "https://{address}:{port}"
trust = "{trust}"
topic = "{topic}"
key-file = "{key}"
key-id = "{keyId}"
team-id = "{teamId}"
"""


class Apple:
    """
    The stand-in for APNs.

    :ivar app: the table of an app whose pushes it takes.
    """

    def __init__(self, folder: Path, authority: Authority) -> None:
        self._authority = authority
        self._port = freePort()
        self._key = writeKey(folder / "key.p8")
        self._record = folder / "apns.jsonl"
        self._process: Process | None = None
        self.log = Log(folder / "apns.log")
        self.app = _APP.format(
            address=LOOPBACK,
            port=self._port,
            trust=authority.root,
            topic=TOPIC,
            key=self._key,
            keyId=KEY_ID,
            teamId=TEAM_ID,
        )

    def start(self) -> None:
        """
        Start it; it serves when this returns.
        """
        issued = self._authority.issue(LOOPBACK)
        command = [sys.executable, "-m", "tests.standins.apns", "--port", str(self._port), "--lively"]
        command += ["--certificate", str(issued.certificate), "--key", str(issued.key), "--record", str(self._record)]
        command += ["--provider-key", f"{KEY_ID}:{TEAM_ID}:{self._key}", "--topic", TOPIC]
        self._process = process = Process(command, Path(__file__).parents[2], self.log.path, os.environ)
        self.log.waitFor("listening", alive=process.isAlive)

    def stop(self) -> None:
        """
        Stop it.
        """
        if self._process is not None:
            self._process.stop()

    def pushes(self) -> list[dict[str, Any]]:
        """
        What devices were sent, whatever it answered, oldest first.
        """
        # A service that starts asks about nobody, to learn whether it may.
        return [push for push in recorded(self._record) if push["token"] != NOBODY]

    def taken(self) -> list[dict[str, Any]]:
        """
        The pushes that devices got, oldest first.
        """
        return [push for push in self.pushes() if push["taken"]]

    def push(self, token: str, number: int = 1) -> dict[str, Any]:
        """
        Wait for a push to a device.

        :param number: which of those to this device: the first, the second, ...
        """

        def toDevice() -> list[dict[str, Any]]:
            return [each for each in self.pushes() if each["token"] == token][number - 1 :]

        return waitFor(toDevice, f"push number {number}")[0]

    def script(self, *entries: dict[str, Any]) -> None:
        """
        How the next pushes are answered.
        """
        # The service that started asks about nobody, and must not be given the answer that is for somebody.
        waitFor(lambda: NOBODY in [push["token"] for push in recorded(self._record)], "a question about nobody")
        self._tell("_script", list(entries))

    def fail(self, **faults: int) -> None:
        """
        From now on something goes wrong every so many pushes: ``status``, ``cut``.
        """
        self._tell("_faults", faults)

    def _tell(self, path: str, what: Any) -> None:
        trust = ssl.create_default_context(cafile=str(self._authority.root))
        direct = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=trust)
        )
        url = f"https://{LOOPBACK}:{self._port}/{path}"
        with direct.open(urllib.request.Request(url, json.dumps(what).encode(), method="PUT"), timeout=180):
            pass
