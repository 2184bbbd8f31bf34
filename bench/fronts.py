"""
Who publishes: servers, and the links of pushsvc by which they do.
"""

from collections.abc import Callable
from typing import Protocol

from bench.line import Line
from bench.server import SECRET, Listening
from bench.stanzas import DOMAIN

_LINK = """
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:{port}"
domain = "{domain}"
secret = "{secret}"
"""


class Front(Protocol):
    """
    The servers' side of one kind of link.

    :ivar kind: as configurations call it.
    :ivar links: what the service's configuration says of it.
    """

    kind: str
    links: str

    def connect(self, isAlive: Callable[[], bool]) -> list[Line]:
        """
        Connect with a service that was started just now.

        :param isAlive: whether it still runs.
        """

    def knock(self, count: int) -> bool:
        """
        Open so many streams and close them again.

        :returns: whether there are any to be opened.
        """

    def close(self) -> None:
        """
        Leave nothing running.
        """


class ComponentFront:
    """
    One server, which pushsvc is a component of.
    """

    kind = "component"

    def __init__(self) -> None:
        self._listening = Listening()
        self.links = _LINK.format(port=self._listening.port, domain=DOMAIN, secret=SECRET)

    def connect(self, isAlive: Callable[[], bool]) -> list[Line]:
        return [Line(self._listening.accept())]

    def knock(self, count: int) -> bool:
        return False

    def close(self) -> None:
        self._listening.close()
