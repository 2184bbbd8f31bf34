"""
Serves pages, while the service runs.
"""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred, maybeDeferred, succeed
from twisted.internet.interfaces import IListeningPort, IStreamServerEndpoint
from twisted.python.failure import Failure
from twisted.web.http import Request
from twisted.web.pages import notFound
from twisted.web.resource import IResource
from twisted.web.server import Site

from pushsvc.web.bounded import BoundedRequest


class WebServer(Service):
    """
    Listens for HTTP.
    """

    def __init__(
        self,
        endpoint: IStreamServerEndpoint,
        resource: IResource,
        reactor: Any,
        site: Callable[[IResource, Any], Site] | None = None,
        name: str = "web",
    ) -> None:
        """
        :param site: what listens; None: one for those who may be trusted.
        """
        self.name = name
        self._endpoint = endpoint
        self._resource = resource
        self._reactor = reactor
        self._site = site if site is not None else _quietSite
        self._ports: list[IListeningPort] = []

    def startService(self) -> None:
        """
        Listen.

        :raises CannotListenError: somebody else does already.
        """
        super().startService()  # type: ignore[no-untyped-call]
        troubles: list[Failure] = []
        listening = self._endpoint.listen(self._site(self._resource, self._reactor))
        listening.addCallbacks(self._ports.append, troubles.append)
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
    requestFactory = BoundedRequest

    def getResourceFor(self, request: Any) -> IResource:
        """
        Who is to answer. What is no text names nothing: Klein would tell the log of it.
        """
        try:
            for named in (unquote_to_bytes(request.path), request.getRequestHostname()):
                named.decode("utf-8")
        except UnicodeDecodeError:
            return notFound()
        found: IResource = super().getResourceFor(request)  # type: ignore[no-untyped-call]
        return found

    def log(self, request: Request) -> None:
        """
        Do not.
        """


def _quietSite(resource: IResource, reactor: Any) -> Site:
    return QuietSite(resource, reactor=reactor)  # type: ignore[no-untyped-call]
