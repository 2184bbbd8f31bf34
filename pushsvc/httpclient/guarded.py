"""
Connections to servers that others have named.

Names are looked up once for each connection, and what is dialled is what was looked at: it is of no use to DNS to say
another thing a moment later.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.endpoints import HostnameEndpoint
from twisted.internet.interfaces import (
    IAddress,
    IHostnameResolver,
    IHostResolution,
    IReactorPluggableNameResolver,
    IResolutionReceiver,
    IStreamClientEndpoint,
)
from twisted.python.failure import Failure
from zope.interface import implementer

from pushsvc.exchange import NotPermitted
from pushsvc.guard import Guard, Origin
from pushsvc.httpclient.lookups import lookupsOf


def endpointTo(reactor: Any, host: str, port: int, guard: Guard | None) -> IStreamClientEndpoint:
    """
    How a server is reached.

    :param guard: says which addresses it may have; None: any.
    """
    if guard is None:
        return HostnameEndpoint(reactor, host, port)
    return Guarded(reactor, host, port, guard)


@implementer(IStreamClientEndpoint)
class Guarded:
    """
    A server that is dialled at those of its addresses that the guard admits.
    """

    def __init__(self, reactor: Any, host: str, port: int, guard: Guard) -> None:
        self._reactor = reactor
        self._host = host
        self._port = port
        self._admits = partial(guard.admits, Origin(host.lower(), port))

    def connect(self, protocolFactory: Any) -> Deferred[Any]:
        resolving = _Resolving(lookupsOf(self._reactor), self._admits)
        endpoint = HostnameEndpoint(_Network(self._reactor, resolving), self._host, self._port)

        def judged(failure: Failure) -> Failure:
            if resolving.refused and not resolving.admitted:
                raise NotPermitted("no connection (not at a public address)")
            return failure

        return endpoint.connect(protocolFactory).addErrback(judged)


@implementer(IHostnameResolver)
class _Resolving:
    """
    One look-up.

    :ivar admitted: how many addresses were.
    :ivar refused: how many were not.
    """

    def __init__(self, resolver: IHostnameResolver, admits: Callable[[str], bool]) -> None:
        self.admitted = self.refused = 0
        self._resolver = resolver
        self._admits = admits

    def resolveHostName(
        self, resolutionReceiver: IResolutionReceiver, hostName: str, portNumber: int = 0, *args: Any, **named: Any
    ) -> IHostResolution:
        sifting = _Sifting(resolutionReceiver, self._isAdmitted)
        return self._resolver.resolveHostName(sifting, hostName, portNumber, *args, **named)

    def _isAdmitted(self, address: Any) -> bool:
        if self._admits(address.host):
            self.admitted += 1
            return True
        self.refused += 1
        return False


@implementer(IResolutionReceiver)
class _Sifting:
    def __init__(self, receiver: IResolutionReceiver, isAdmitted: Callable[[IAddress], bool]) -> None:
        self._isAdmitted = isAdmitted
        self._receiver = receiver
        self.resolutionBegan = receiver.resolutionBegan
        self.resolutionComplete = receiver.resolutionComplete

    def addressResolved(self, address: IAddress) -> None:
        if self._isAdmitted(address):
            self._receiver.addressResolved(address)


@implementer(IReactorPluggableNameResolver)
class _Network:
    """
    The reactor, with another way to look up names.
    """

    def __init__(self, reactor: Any, nameResolver: IHostnameResolver) -> None:
        self.nameResolver = nameResolver
        self.connectTCP = reactor.connectTCP
        self.callLater = reactor.callLater
        self.seconds = reactor.seconds

    def installNameResolver(self, resolver: IHostnameResolver) -> IHostnameResolver:
        previous, self.nameResolver = self.nameResolver, resolver
        return previous
