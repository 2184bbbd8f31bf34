"""
Serves the pages, while the service runs.
"""

from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred, maybeDeferred, succeed
from twisted.internet.interfaces import IListeningPort, IStreamServerEndpoint
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.resource import IResource
from twisted.web.server import Site


class WebServer(Service):
    """
    Listens for HTTP.
    """

    name = "web"

    def __init__(self, endpoint: IStreamServerEndpoint, resource: IResource, reactor: Any) -> None:
        self._endpoint = endpoint
        self._resource = resource
        self._reactor = reactor
        self._ports: list[IListeningPort] = []

    def startService(self) -> None:
        """
        Listen.

        :raises CannotListenError: somebody else does already.
        """
        super().startService()  # type: ignore[no-untyped-call]
        troubles: list[Failure] = []
        site = QuietSite(self._resource, reactor=self._reactor)  # type: ignore[no-untyped-call]
        self._endpoint.listen(site).addCallbacks(self._ports.append, troubles.append)
        if troubles:
            troubles[0].raiseException()

    def stopService(self) -> Deferred[None]:
        super().stopService()  # type: ignore[no-untyped-call]
        if not self._ports:
            return succeed(None)
        return ensureDeferred(self._close(self._ports.pop()))

    async def _close(self, port: IListeningPort) -> None:
        await maybeDeferred(port.stopListening)


class QuietSite(Site):
    """
    Tells the log of nobody's visits: there is one every few seconds.
    """

    noisy = False

    def log(self, request: Request) -> None:
        """
        Do not.
        """
