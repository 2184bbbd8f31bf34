"""
A server that leaves publishing to pushsvc, and a pushsvc that does it: the publisher for the server's accounts, and a
push service, in one.
"""

import urllib.request
from pathlib import Path

from tests.servers.apple import Apple
from tests.servers.fcm import Fcm
from tests.servers.rig.ports import LOOPBACK, freePort
from tests.servers.rig.server import Server
from tests.servers.service import Service

_PUBLISHER = """
[publisher]
domains = ["{domain}"]
publish-from = "{voice}"
max-errors = 2

[[publisher.feeds]]
kind = "forwarded"

[web]
listen = "tcp:{port}:interface={address}"
"""


class Publishing(Service):
    """
    A pushsvc with both halves, as the component of a server.
    """

    def __init__(
        self, folder: Path, server: Server, fcm: Fcm, apple: Apple, voice: str = "component", host: str = ""
    ) -> None:
        self._port = freePort()
        more = _PUBLISHER.format(domain=server.domain, voice=voice, port=self._port, address=LOOPBACK)
        super().__init__(folder, server, fcm, apple, more, host)

    def answered(self, answer: str) -> float:
        """
        How many publishes its push service has answered so.
        """
        return self._counted("publishes", answer)

    def judged(self, verdict: str) -> float:
        """
        How many attempts to tell somebody came to this: all consequences have been drawn.
        """
        return self._counted("pushes", verdict)

    def _counted(self, what: str, label: str) -> float:
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"http://{LOOPBACK}:{self._port}/metrics", timeout=180) as response:
            lines = response.read().decode().splitlines()
        which = [line for line in lines if line.startswith(f"pushsvc_{what}_total{{") and f'="{label}"' in line]
        return sum(float(line.rpartition(" ")[2]) for line in which)
