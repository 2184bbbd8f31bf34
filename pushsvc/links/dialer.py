"""
Makes a connection, and makes it again.
"""

import random
from collections.abc import Callable
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocolFactory, IStreamClientEndpoint
from twisted.python.failure import Failure

# Seconds.
FIRST = 1.0
LONGEST = 60.0
PATIENCE = 30.0


class Dialer:
    """
    One connection at a time. How long it waits between attempts doubles, and starts over only once an attempt was good
    for something: a peer that takes every connection and refuses every handshake is asked less and less often, too.
    """

    def __init__(
        self,
        endpoint: IStreamClientEndpoint,
        factory: IProtocolFactory,
        clock: Any,
        unreachable: Callable[[Failure], object],
        randomly: Callable[[], float] = random.random,
    ) -> None:
        """
        :param factory: its protocols have ``hangUp(why)``.
        :param unreachable: called when there was no connection; those that were made tell by `lost`.
        """
        self._endpoint = endpoint
        self._factory = factory
        self._clock = clock
        self._unreachable = unreachable
        self._random = randomly
        self._delay = FIRST
        self._running = False
        self._connecting: Deferred[Any] | None = None
        self._protocol: Any = None
        self._next: Any = None  # the next attempt
        self._limit: Any = None  # the end of this one

    def start(self) -> None:
        """
        Connect now.
        """
        self._running = True
        self._delay = FIRST
        self._dial()

    def stop(self) -> None:
        """
        No further attempts. A connection that is made stays.
        """
        self._running = False
        if self._next is not None:
            self._next.cancel()
            self._next = None
        self._cancelLimit()
        if self._connecting is not None:
            self._connecting.cancel()

    def established(self) -> None:
        """
        The handshake is done.
        """
        self._cancelLimit()
        self._delay = FIRST

    def lost(self, longest: bool = False) -> None:
        """
        The connection is gone: make the next one, in a while.

        :param longest: there is no hope that it goes better soon.
        """
        self._protocol = None
        self._cancelLimit()
        if not self._running or self._next is not None:
            return
        delay = LONGEST if longest else self._delay
        self._delay = min(self._delay * 2, LONGEST)
        # Between half of it and all of it: what broke together does not come back together.
        self._next = self._clock.callLater(max(FIRST, delay * (1 + self._random()) / 2), self._dial)

    def _dial(self) -> None:
        self._next = None
        self._limit = self._clock.callLater(PATIENCE, self._tooLate)
        self._connecting = self._endpoint.connect(self._factory)
        self._connecting.addCallbacks(self._connected, self._failed)

    def _connected(self, protocol: Any) -> None:
        self._connecting = None
        # It may be over already: then ``lost`` was called, and cancelled the limit.
        if self._limit is not None:
            self._protocol = protocol

    def _failed(self, reason: Failure) -> None:
        self._connecting = None
        if not self._running:
            return
        self._unreachable(reason)
        self.lost()

    def _tooLate(self) -> None:
        self._limit = None
        if self._connecting is not None:
            self._connecting.cancel()
        elif self._protocol is not None:
            self._protocol.hangUp("no handshake in time")

    def _cancelLimit(self) -> None:
        if self._limit is not None:
            self._limit.cancel()
            self._limit = None
