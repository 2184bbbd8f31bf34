"""
Names that others have chosen, looked up apart from all other names.

It is the C library that is asked, in threads; and whoever's name servers do not answer keeps a thread waiting for many
seconds. The reactor has ten, for everybody: ten such names would keep us from finding the push networks themselves.
Here there are more, and when all of them wait, what was found before is found where it was.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial
from threading import Thread
from typing import Any, TypeAlias
from weakref import WeakKeyDictionary

from twisted.internet._resolver import GAIResolver, HostResolution
from twisted.internet.interfaces import (
    IAddress,
    IDelayedCall,
    IHostnameResolver,
    IHostResolution,
    IReactorTime,
    IResolutionReceiver,
)
from twisted.python.threadpool import ThreadPool
from zope.interface import implementer

# Made when needed.
THREADS = 32
# Seconds after which a name that was found before need not be found again.
PATIENCE = 2.0
# Names of which it is remembered where they were.
REMEMBERED = 1024

_What: TypeAlias = tuple[str, int, Sequence[type[IAddress]] | None, str]


@implementer(IHostnameResolver)
class Lookups:
    """
    Looks each name up once at a time, however many want to know it.
    """

    def __init__(self, resolver: IHostnameResolver, clock: IReactorTime, remembered: int = REMEMBERED) -> None:
        self._resolver = resolver
        self._clock = clock
        self._remembered = remembered
        self._underWay: dict[_What, _Shared] = {}
        self._found: OrderedDict[_What, list[IAddress]] = OrderedDict()

    def resolveHostName(
        self,
        resolutionReceiver: IResolutionReceiver,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> IHostResolution:
        what = hostName, portNumber, addressTypes, transportSemantics
        resolution: IHostResolution = HostResolution(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        shared = self._underWay.get(what)
        if shared is not None:
            shared.add(resolutionReceiver)
        else:
            shared = self._underWay[what] = _Shared(partial(self._done, what))
            shared.add(resolutionReceiver)
            if what in self._found:
                shared.waitFor(self._clock.callLater(PATIENCE, shared.hurry, self._found[what]))
            self._resolver.resolveHostName(shared, *what)
        return resolution

    def _done(self, what: _What, addresses: list[IAddress]) -> None:
        del self._underWay[what]
        # A name that is not found today was found wrongly before, or its name servers are away.
        if addresses:
            self._found[what] = addresses
            self._found.move_to_end(what)
            if len(self._found) > self._remembered:
                self._found.popitem(last=False)


@implementer(IResolutionReceiver)
class _Shared:
    """
    One look-up, for several.
    """

    def __init__(self, done: Callable[[list[IAddress]], object]) -> None:
        self._done = done
        self._receivers: list[IResolutionReceiver] = []
        self._addresses: list[IAddress] = []
        self._before: list[IAddress] | None = None
        self._late: IDelayedCall | None = None

    def add(self, receiver: IResolutionReceiver) -> None:
        """
        One more wants to know it.
        """
        if self._before is None:
            self._receivers.append(receiver)
        else:
            _tell(receiver, self._before)

    def waitFor(self, late: IDelayedCall) -> None:
        """
        It need not take longer than this.
        """
        self._late = late

    def hurry(self, before: list[IAddress]) -> None:
        """
        It takes long: what was found before will do.
        """
        self._late, self._before = None, before
        self._tellAll(before)

    def resolutionBegan(self, resolutionInProgress: IHostResolution) -> None:
        """
        They have been told.
        """

    def addressResolved(self, address: IAddress) -> None:
        self._addresses.append(address)

    def resolutionComplete(self) -> None:
        if self._late is not None:
            self._late.cancel()
        self._done(self._addresses)
        self._tellAll(self._addresses)

    def _tellAll(self, addresses: list[IAddress]) -> None:
        receivers, self._receivers = self._receivers, []
        for receiver in receivers:
            _tell(receiver, addresses)


def _tell(receiver: IResolutionReceiver, addresses: list[IAddress]) -> None:
    for address in addresses:
        receiver.addressResolved(address)
    receiver.resolutionComplete()


# By the resolver that would be asked otherwise: one for all clients of a reactor.
_lookups: "WeakKeyDictionary[Any, Lookups]" = WeakKeyDictionary()


def lookupsOf(reactor: Any) -> IHostnameResolver:
    """
    What to look up such names with. Where the reactor's own resolver takes no threads, it will do.
    """
    usual: IHostnameResolver = reactor.nameResolver
    if not isinstance(usual, GAIResolver):
        return usual
    if usual not in _lookups:
        _lookups[usual] = Lookups(GAIResolver(reactor, _threads()), reactor)
    return _lookups[usual]


def _threads() -> Callable[[], ThreadPool]:
    pool = ThreadPool(0, THREADS, "lookups")
    # Nobody waits for them when the process ends.
    pool.threadFactory = partial(Thread, daemon=True)  # type: ignore[assignment]

    def started() -> ThreadPool:
        if not pool.started:
            pool.start()
        return pool

    return started
