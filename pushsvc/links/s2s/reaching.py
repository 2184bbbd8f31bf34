"""
Getting a stream to a domain: one server after the other, until one of them will do.
"""

from collections.abc import Awaitable, Callable
from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.protocol import Factory
from twisted.words.xish.domish import Element

from pushsvc.links.s2s.approach import Approach, Unreached
from pushsvc.links.s2s.ourselves import Ourselves
from pushsvc.links.s2s.peerstream import PeerStream

Connect = Callable[[Any, Any, Factory, float], "Deferred[PeerStream]"]
"""
`pushsvc.links.s2s.racing.connect`
"""

Make = Callable[[bool, bool], Approach]
"""
Makes the negotiation of one stream, told whether TLS comes first, and whether EXTERNAL may be tried.
"""


class Reaching:
    """
    Opens streams.
    """

    def __init__(
        self,
        ourselves: Ourselves,
        candidates: Callable[[str], Awaitable[list[Any]]],
        connect: Connect,
        opened: Callable[[PeerStream], object],
        receive: Callable[[Element], object],
    ) -> None:
        """
        :param candidates: where the servers of a domain are: `pushsvc.links.s2s.resolve.Resolver.candidates`.
        :param opened: is told of every connection.
        :param receive: takes the stanzas that may come back (XEP-0288).
        """
        self._ourselves = ourselves
        self._candidates = candidates
        self._connect = connect
        self._opened = opened
        self._receive = receive

    async def reach(self, domain: str, make: Make, tries: int | None = None) -> PeerStream:
        """
        A stream that is what it was made for.

        :param tries: how many of the domain's servers are tried; None: all.
        :raises Unreached: none of the servers will do; what the last one said.
        :raises NoSuchDomain: there are none.
        :raises LookupTrouble: it cannot be said.
        """
        last = Unreached("there is nowhere to go")
        for candidate in (await self._candidates(domain))[:tries]:
            try:
                return await self._tryBoth(candidate, make)
            except Unreached as e:
                if e.isFinal:
                    raise
                last = e
        raise last

    async def _tryBoth(self, candidate: Any, make: Make) -> PeerStream:
        try:
            return await self._try(candidate, make, True)
        except Unreached as e:
            # Some hang up on a certificate that they do not trust; dialback may do for them all the same.
            if not e.afterExternal:
                raise
        return await self._try(candidate, make, False)

    async def _try(self, candidate: Any, make: Make, mayUseExternal: bool) -> PeerStream:
        factory = _Factory(lambda: self._stream(make(candidate.direct, mayUseExternal)))
        patience = self._ourselves.settings.connecting
        try:
            stream = await self._connect(self._ourselves.clock, candidate, factory, patience)
        except CancelledError:
            raise
        except Exception as e:
            raise Unreached(f"no connection: {e}", "remote-connection-failed") from None
        approach = stream.authenticator
        assert isinstance(approach, Approach)
        return await approach.ready

    def _stream(self, approach: Approach) -> PeerStream:
        stream = PeerStream(approach, self._ourselves, self._receive)
        self._opened(stream)
        return stream


class _Factory(Factory):
    noisy = False

    def __init__(self, make: Callable[[], PeerStream]) -> None:
        self._make = make

    def buildProtocol(self, addr: object) -> PeerStream:
        return self._make()
