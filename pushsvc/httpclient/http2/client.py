"""
HTTP/2 behind `IHTTP`, and HTTP/1.1 where nothing newer is spoken.
"""

from collections import OrderedDict
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from twisted.internet._sslverify import IOpenSSLTrustRoot
from twisted.internet.defer import CancelledError, Deferred, gatherResults
from zope.interface import implementer

from pushsvc.exchange import NotConnected, NotSpoken, Request, Response, Route
from pushsvc.guard import Guard
from pushsvc.httpclient.http2.asking import Asking
from pushsvc.httpclient.http2.backoff import Backoff
from pushsvc.httpclient.http2.connecting import Connector
from pushsvc.httpclient.http2.engine import MakeEngine
from pushsvc.httpclient.http2.ownengine import OwnEngine
from pushsvc.httpclient.http2.pool import Pool
from pushsvc.httpclient.http2.requests import Origin, headersOf, split
from pushsvc.httpclient.http2.tuning import Tuning
from pushsvc.httpclient.trust import rootsOf
from pushsvc.ipushsvc import IHTTP

# Seconds for which it is remembered that an origin does not speak HTTP/2; it may learn it.
REMEMBERED = 3600.0
# Origins of which that is remembered.
_MOST_REMEMBERED = 1024


@implementer(IHTTP)
class HTTP2:
    """
    A pool of connections for each origin and route.

    :param otherwise: asked where HTTP/2 is not spoken; None: the request fails.
    :param guard: says which servers may be asked; None: all.
    """

    def __init__(
        self,
        reactor: Any,
        roots: IOpenSSLTrustRoot,
        otherwise: IHTTP | None = None,
        tuning: Tuning | None = None,
        makeEngine: MakeEngine = OwnEngine,
        guard: Guard | None = None,
    ) -> None:
        self._reactor = reactor
        self._roots = roots
        self._otherwise = otherwise
        self._tuning = replace(tuning or Tuning(), isTold=guard is None)
        self._makeEngine = makeEngine
        self._guard = guard
        # Those that were asked last at the end; and what ends of those that were left.
        self._pools: OrderedDict[tuple[Origin, Route], Pool] = OrderedDict()
        self._leaving: set[Deferred[None]] = set()
        self._speechless: OrderedDict[Origin, float] = OrderedDict()
        self._closed = False

    async def request(self, request: Request) -> Response:
        if self._closed:
            raise NotConnected("the client was closed")
        until = self._reactor.seconds() + request.deadline
        try:
            origin, path = split(request.url)
            if self._speechless and self._isSpeechless(origin):
                raise NotSpoken("HTTP/2 is not spoken there")
            return await self._ask(request, origin, path)
        except NotSpoken:
            # A certificate is shown by connections of ours only.
            if self._otherwise is None or request.route.certificate is not None:
                raise
            left = max(0.0, min(until - self._reactor.seconds(), request.deadline))
            return await self._otherwise.request(replace(request, deadline=left))

    async def close(self) -> None:
        self._closed = True
        for pool in self._pools.values():
            self._leave(pool)
        while self._leaving:
            await gatherResults(self._leaving)
        self._pools.clear()
        if self._otherwise is not None:
            await self._otherwise.close()

    async def _ask(self, request: Request, origin: Origin, path: bytes) -> Response:
        asking = Asking(headersOf(request, origin, path), request.body, request.avoiding)
        key = origin, request.route
        pool = self._pools.get(key)
        if pool is None:
            pool = self._newPool(origin, request.route)
        elif len(self._pools) > 1:
            self._pools.move_to_end(key)
        pool.ask(asking, request.deadline)
        try:
            return await asking.answer
        except CancelledError:
            pool.withdraw(asking)
            raise
        except NotSpoken:
            self._speechless[origin] = self._reactor.seconds() + REMEMBERED
            if len(self._speechless) > _MOST_REMEMBERED:
                self._speechless.popitem(last=False)
            raise

    def _newPool(self, origin: Origin, route: Route) -> Pool:
        if len(self._pools) >= self._tuning.origins:
            _, longestAgo = self._pools.popitem(last=False)
            self._leave(longestAgo)
        connector = Connector(
            self._reactor, origin, self._roots, route.certificate, self._tuning, self._makeEngine, self._guard
        )
        key = origin, route
        pool = self._pools[key] = Pool(
            origin.host,
            connector.connect,
            self._reactor,
            self._tuning,
            route.keep,
            Backoff(self._reactor, self._tuning.backoff, self._tuning.longestBackoff),
            partial(self._forget, key),
            self._isCrowded,
        )
        return pool

    def _leave(self, pool: Pool) -> None:
        leaving = pool.close()
        self._leaving.add(leaving)
        leaving.addBoth(lambda _: self._leaving.discard(leaving))

    def _forget(self, key: tuple[Origin, Route]) -> None:
        del self._pools[key]

    def _isCrowded(self) -> bool:
        return len(self._pools) > self._tuning.pools

    def _isSpeechless(self, origin: Origin) -> bool:
        until = self._speechless.get(origin)
        if until is None:
            return False
        if until <= self._reactor.seconds() or self._otherwise is None:
            del self._speechless[origin]
            return False
        return True


def makeHTTP2(
    reactor: Any,
    trust: Path | None = None,
    otherwise: IHTTP | None = None,
    tuning: Tuning | None = None,
    makeEngine: MakeEngine = OwnEngine,
    guard: Guard | None = None,
) -> HTTP2:
    """
    An `IHTTP`; connects to nothing before it is asked to.

    :param trust: a file with roots besides the platform's, PEM.
    :param otherwise: asked where HTTP/2 is not spoken, and closed together with this one; None: such requests fail.
    :param guard: says which servers may be asked; None: all.
    :raises ValueError: the file cannot be read, or is none.
    """
    return HTTP2(reactor, rootsOf(trust), otherwise, tuning, makeEngine, guard)
