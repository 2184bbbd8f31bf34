"""
Pages for operators: ``[web]``.
"""

from typing import Any

from pushsvc.config import ConfigurationError, Web
from pushsvc.config.endpoints import listeningAt
from pushsvc.web.metrics import Metrics
from pushsvc.web.pages import Pages
from pushsvc.web.readiness import Readiness
from pushsvc.web.server import WebServer


def webOf(web: Web, metrics: Metrics, readiness: Readiness, reactor: Any) -> WebServer:
    """
    The server of the pages.

    :raises ConfigurationError: it has nowhere to listen.
    """
    try:
        endpoint = listeningAt(reactor, web.listen)
    except ValueError as e:
        raise ConfigurationError(f"web.listen: {web.listen!r}: {e}") from None
    return WebServer(endpoint, Pages(metrics, readiness).resource, reactor)
