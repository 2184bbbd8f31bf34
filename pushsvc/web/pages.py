"""
The pages: ``/metrics`` for Prometheus, ``/health`` and ``/ready`` for whoever restarts us or sends us work.
"""

from klein import Klein
from twisted.web.iweb import IRequest
from twisted.web.resource import IResource

from pushsvc.web.metrics import Metrics
from pushsvc.web.readiness import Readiness


class Pages:
    """
    Each says how things are now; none is to be kept.
    """

    app = Klein()

    def __init__(self, metrics: Metrics, readiness: Readiness) -> None:
        self._metrics = metrics
        self._readiness = readiness

    @property
    def resource(self) -> IResource:
        """
        All of them, for a web server.
        """
        root: IResource = self.app.resource()
        return root

    @app.route("/metrics", methods=["GET", "HEAD"])
    async def metrics(self, request: IRequest) -> bytes:
        """
        What there is to count.
        """
        # Whatever was sent: it need not be text.
        said = request.requestHeaders.getRawHeaders(b"accept", ())
        accept = b",".join(said).decode("ascii", "replace")
        page, contentType = await self._metrics.page(accept)
        return _said(request, page, contentType)

    @app.route("/health", methods=["GET", "HEAD"])
    def health(self, request: IRequest) -> bytes:
        """
        Whether the process is alive: then it answers.
        """
        return _said(request, b"alive\n")

    @app.route("/ready", methods=["GET", "HEAD"])
    async def ready(self, request: IRequest) -> bytes:
        """
        Whether publishes can arrive and be kept: 200, or 503 and why not.
        """
        troubles = await self._readiness.troubles()
        if not troubles:
            return _said(request, b"ready\n")
        request.setResponseCode(503)  # type: ignore[no-untyped-call]
        return _said(request, "".join(f"{trouble}\n" for trouble in troubles).encode())


def _said(request: IRequest, page: bytes, contentType: str = "text/plain; charset=utf-8") -> bytes:
    request.setHeader("Content-Type", contentType)  # type: ignore[no-untyped-call]
    request.setHeader("Cache-Control", "no-store")  # type: ignore[no-untyped-call]
    return page
