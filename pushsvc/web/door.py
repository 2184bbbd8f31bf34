"""
A door to the internet: one request by each connection, of a bounded size and in bounded time, and so many at once.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure
from twisted.web.http import HTTPChannel
from twisted.web.resource import IResource

from pushsvc.web.bounded import BoundedRequest
from pushsvc.web.server import QuietSite

# Seconds from the connection to the end of the answer.
LONGEST = 30.0
CONNECTIONS = 1000
# Of these, from one address.
CONNECTIONS_EACH = 50


class OneVisit(HTTPChannel):
    """
    A connection for one request and its answer.
    """

    site: "Door"
    _end: IDelayedCall | None = None
    _from: str | None = None

    def connectionMade(self) -> None:
        """
        Somebody is there.
        """
        super().connectionMade()  # type: ignore[no-untyped-call]
        transport: Any = self.transport
        address = str(getattr(transport.getPeer(), "host", ""))
        if not self.site.admits(address):
            transport.abortConnection()
            return
        self._from = address
        self._end = self.callLater(LONGEST, transport.abortConnection)  # type: ignore[no-untyped-call]

    def connectionLost(self, reason: Failure) -> None:  # type: ignore[override]
        """
        Somebody has gone.
        """
        if self._end is not None and self._end.active():
            self._end.cancel()
        if self._from is not None:
            self.site.left(self._from)
            self._from = None
        super().connectionLost(reason)  # type: ignore[no-untyped-call]

    def checkPersistence(self, request: Any, version: bytes) -> bool:
        """
        It does not stay.
        """
        super().checkPersistence(request, version)  # type: ignore[no-untyped-call]
        request.responseHeaders.setRawHeaders(b"connection", [b"close"])
        return False


class Door(QuietSite):
    """
    Lets so many in at once.
    """

    protocol = OneVisit  # type: ignore[assignment]
    requestFactory = BoundedRequest

    def __init__(self, resource: IResource, reactor: Any, isProxy: Callable[[str], bool]) -> None:
        """
        :param isProxy: whether many come from an address.
        """
        super().__init__(resource, reactor=reactor, parsePOSTFormSubmission=False)  # type: ignore[no-untyped-call]
        self._isProxy = isProxy
        self._inside: Counter[str] = Counter()

    def acceptableProtocols(self) -> list[bytes]:
        """
        Where TLS asks what is spoken here.
        """
        return [b"http/1.1"]

    def admits(self, address: str) -> bool:
        """
        Whether there is room for one more.
        """
        if self._inside.total() >= CONNECTIONS:
            return False
        if self._inside[address] >= CONNECTIONS_EACH and not self._isProxy(address):
            return False
        self._inside[address] += 1
        return True

    def left(self, address: str) -> None:
        """
        One has gone.
        """
        self._inside[address] -= 1
        if not self._inside[address]:
            del self._inside[address]
