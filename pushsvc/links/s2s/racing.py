"""
The first connection to any address of a host (after RFC 8305): nobody waits for the one that is dead.
"""

from collections import deque
from collections.abc import Iterable
from itertools import chain, zip_longest
from typing import Any

from twisted.internet.defer import Deferred, fail
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.error import ConnectError
from twisted.internet.error import TimeoutError as ConnectTimeout
from twisted.internet.interfaces import IProtocolFactory
from twisted.python.failure import Failure

from pushsvc.links.s2s.resolve import Candidate

# Seconds that an address is ahead of the next one.
STAGGER = 0.25


def connect(reactor: Any, candidate: Candidate, factory: IProtocolFactory, timeout: float) -> "Deferred[Any]":
    """
    A connection to the address that was the fastest. Cancelled, it leaves nothing behind.

    :param timeout: seconds, for all of it.
    :returns: the protocol, or why the last of the addresses would not have us.
    """
    if not candidate.addresses:
        return fail(ConnectError(string="no address"))  # type: ignore[no-untyped-call]
    return _Race(reactor, candidate, factory, timeout).result


def alternating(addresses: Iterable[str]) -> list[str]:
    """
    One of each family in turn, IPv6 first.
    """
    known = list(addresses)
    pairs = zip_longest([each for each in known if ":" in each], [each for each in known if ":" not in each])
    return [each for each in chain.from_iterable(pairs) if each is not None]


class _Race:
    def __init__(self, reactor: Any, candidate: Candidate, factory: IProtocolFactory, timeout: float) -> None:
        self.result: Deferred[Any] = Deferred(lambda _: self._end())
        self._reactor = reactor
        self._port = candidate.port
        self._factory = factory
        self._timeout = timeout
        self._waiting = deque(alternating(candidate.addresses))
        self._running: list[Deferred[Any]] = []
        self._over = False
        self._stagger: Any = None
        self._limit = reactor.callLater(timeout, self._tooLate)
        self._next()

    def _next(self) -> None:
        self._stagger = None
        address = self._waiting.popleft()
        if self._waiting:
            self._stagger = self._reactor.callLater(STAGGER, self._next)
        make = TCP6ClientEndpoint if ":" in address else TCP4ClientEndpoint
        # Its own limit would end it at the same moment, and say no more.
        attempt = make(self._reactor, address, self._port, timeout=self._timeout + 1).connect(self._factory)
        self._running.append(attempt)
        attempt.addCallbacks(self._won, self._lost, callbackArgs=(attempt,), errbackArgs=(attempt,))

    def _won(self, protocol: Any, attempt: Deferred[Any]) -> None:
        self._running.remove(attempt)
        self._end()
        self.result.callback(protocol)

    def _lost(self, reason: Failure, attempt: Deferred[Any]) -> None:
        self._running.remove(attempt)
        if self._over:
            return
        if self._waiting:
            if self._stagger is not None:
                self._stagger.cancel()
            self._next()
        elif not self._running:
            self._end()
            self.result.errback(reason)

    def _tooLate(self) -> None:
        self._end()
        self.result.errback(ConnectTimeout(string="no address answered"))  # type: ignore[no-untyped-call]

    def _end(self) -> None:
        self._over = True
        self._waiting.clear()
        for timer in (self._stagger, self._limit):
            if timer is not None and timer.active():
                timer.cancel()
        for attempt in list(self._running):
            attempt.cancel()
