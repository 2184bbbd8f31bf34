"""
Twisted's Agent, without what pushes do not need and with what they do.
"""

from collections.abc import Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.endpoints import wrapClientTLS
from twisted.internet.interfaces import IStreamClientEndpoint
from twisted.python.failure import Failure
from twisted.web._newclient import RequestNotSent
from twisted.web.client import URI, Agent, RequestTransmissionFailed, ResponseNeverReceived
from twisted.web.http_headers import Headers
from twisted.web.iweb import IAgent, IAgentEndpointFactory, IBodyProducer, IPolicyForHTTPS, IResponse
from zope.interface import implementer

from pushsvc.exchange import NotPermitted
from pushsvc.guard import Guard
from pushsvc.httpclient.guarded import endpointTo
from pushsvc.httpclient.pool import Pool

# Hosts whose endpoints are remembered.
ENDPOINTS_REMEMBERED = 256


@implementer(IStreamClientEndpoint)
class _Counted:
    def __init__(self, endpoint: IStreamClientEndpoint, count: Callable[[], None]) -> None:
        self._endpoint = endpoint
        self._count = count

    def connect(self, factory: Any) -> Deferred[Any]:
        self._count()
        return self._endpoint.connect(factory)


@implementer(IAgentEndpointFactory)
class Endpoints:
    """
    Where hosts are reached: made once for each, not once for each request.

    :ivar connects: how often a connection was asked for.

    :param guard: says which of them may be; None: all.
    """

    def __init__(self, reactor: Any, policy: IPolicyForHTTPS, guard: Guard | None = None) -> None:
        self.connects = 0
        self._reactor = reactor
        self._policy = policy
        self._guard = guard
        self._known: dict[tuple[bytes, bytes, int], IStreamClientEndpoint] = {}

    def endpointForURI(self, uri: URI) -> IStreamClientEndpoint:
        where = (uri.scheme, uri.host, uri.port)
        endpoint = self._known.get(where)
        if endpoint is None:
            if len(self._known) >= ENDPOINTS_REMEMBERED:
                del self._known[next(iter(self._known))]
            endpoint = self._known[where] = _Counted(self._made(uri), self._count)
        return endpoint

    def _made(self, uri: URI) -> IStreamClientEndpoint:
        endpoint = endpointTo(self._reactor, uri.host.decode("ascii"), uri.port, self._guard)
        if uri.scheme == b"http":
            if self._guard is not None:
                raise NotPermitted("no connection (not https)")
            return endpoint
        if uri.scheme == b"https":
            return wrapClientTLS(self._policy.creatorForNetloc(uri.host, uri.port), endpoint)
        raise ValueError("neither http nor https")

    def _count(self) -> None:
        self.connects += 1


@implementer(IAgent)
class OnceMore:
    """
    Keeps connections, and repeats once, on a new connection, what met one that had ended unnoticed.

    Twisted repeats requests without a body only; a push may be repeated, for it bears the same id.
    """

    def __init__(self, reactor: Any, policy: IPolicyForHTTPS, guard: Guard | None = None) -> None:
        self._pool = Pool(reactor, persistent=True)
        self._endpoints = Endpoints(reactor, policy, guard)
        self._agent = _agent(reactor, self._endpoints, self._pool)
        self._fresh = _agent(reactor, self._endpoints, Pool(reactor, persistent=False))

    def request(
        self, method: bytes, uri: bytes, headers: Headers | None = None, bodyProducer: IBodyProducer | None = None
    ) -> Deferred[IResponse]:
        connects = self._endpoints.connects
        asked: Deferred[IResponse] = self._agent.request(method, uri, headers, bodyProducer)
        if self._endpoints.connects == connects:

            def again(failure: Failure) -> Any:
                if not _metItsEnd(failure.value):
                    return failure
                return self._fresh.request(method, uri, headers, bodyProducer)

            asked.addErrback(again)
        return asked

    def close(self) -> Deferred[None]:
        """
        Close the idle connections.
        """
        closed: Deferred[None] = self._pool.closeCachedConnections()  # type: ignore[no-untyped-call]
        return closed


def _agent(reactor: Any, endpoints: Endpoints, pool: Pool) -> IAgent:
    agent: IAgent = Agent.usingEndpointFactory(reactor, endpoints, pool)  # type: ignore[no-untyped-call]
    return agent


def _metItsEnd(error: BaseException | None) -> bool:
    if isinstance(error, RequestNotSent):
        return True
    if isinstance(error, (ResponseNeverReceived, RequestTransmissionFailed)):
        return not any(reason.check(CancelledError) for reason in error.reasons)
    return False


@implementer(IAgent)
class Plain:
    """
    Answers as they are: what says it is compressed is not unpacked.

    treq always offers to take gzip, and unpacks a small answer to any size before a limit is seen.
    """

    def __init__(self, agent: IAgent) -> None:
        self._agent = agent

    def request(
        self, method: bytes, uri: bytes, headers: Headers | None = None, bodyProducer: IBodyProducer | None = None
    ) -> Deferred[IResponse]:
        if headers is not None:
            headers.removeHeader(b"accept-encoding")
        return self._agent.request(method, uri, headers, bodyProducer).addCallback(_asItIs)


def _asItIs(response: IResponse) -> IResponse:
    response.headers.removeHeader(b"content-encoding")
    return response
