"""
Who we are, and how patient: what every stream needs to know.
"""

from dataclasses import dataclass, field
from typing import Any

from pushsvc.links.limits import AUTHENTICATED, Limits
from pushsvc.links.s2s.keys import Keys
from pushsvc.links.turns import Turns


@dataclass(frozen=True)
class Settings:
    """
    How long, and how much. Times are seconds.

    :ivar limits: what an authenticated peer may say at once.
    :ivar requireTrusted: whether dialback is not enough.
    :ivar bidi: whether a stream may carry stanzas in both directions (XEP-0288).
    :ivar connecting: until one address has answered.
    :ivar negotiating: from the connection to the first pair that may speak.
    :ivar reaching: all attempts together, before what waits is bounced.
    :ivar verifying: until a domain has to have told whether a dialback key is its own.
    :ivar idle: until a stream on which nothing happens is closed by who opened it: ours.
    :ivar idleIncoming: until we close what a peer opened.
    :ivar quiet: after so long a peer is asked whether it is still there before it is sent anything.
    :ivar pinging: until it has to have answered.
    :ivar sweeping: between two looks for what is idle.
    :ivar firstDelay: before a domain that could not be reached is tried again; doubles up to ``longestDelay``.
    :ivar maxWaiting: stanzas that may wait for one pair of domains.
    :ivar maxWaitingSize: characters of them.
    :ivar maxWaitingTime: that a stanza waits before it comes back.
    :ivar maxAllWaitingSize: characters of all that waits, for whatever pair.
    :ivar maxStreams: that peers may have opened at the same time.
    :ivar maxStreamsPerAddress: of them, from one address; twice as many from one larger network of IPv6.
    :ivar maxStreamsPerDomain: of them, authenticated as one domain; the newest wins. Twice as many as we have hosts, if
        that is more.
    :ivar maxHalfOpen: of them, not authenticated yet; one of the place that has most gives way.
    :ivar maxHalfOpenPerAddress: of these, from one address; twice as many from one larger network of IPv6.
    :ivar maxVerifications: dialback keys that we ask others about at the same time.
    :ivar maxVerificationsPerAddress: of them, for streams from one address; twice as many from one larger network of
        IPv6, and the same with the rate.
    :ivar maxVerificationsPerDomain: of them, asked of one domain.
    :ivar verificationRate: how many of them may begin in a second.
    :ivar verificationRatePerAddress: of them, for streams from one address.
    :ivar verificationBurstPerAddress: that these may begin at once.
    :ivar maxPending: of them, for one stream.
    :ivar maxFailedClaims: that a stream may make before the first that is true.
    :ivar maxOutgoing: streams that we have opened; the one that was not used for longest gives way.
    :ivar maxConnecting: that are being opened at the same time.
    :ivar crowding: how long each of these is left alone when others wait.
    :ivar maxDeparting: that wait for being opened.
    :ivar maxPairs: pairs of domains on one stream.
    """

    limits: Limits = AUTHENTICATED
    requireTrusted: bool = False
    bidi: bool = True
    connecting: float = 10.0
    negotiating: float = 30.0
    reaching: float = 60.0
    crowding: float = 5.0
    verifying: float = 25.0
    idle: float = 600.0
    idleIncoming: float = 3600.0
    quiet: float = 60.0
    pinging: float = 10.0
    sweeping: float = 15.0
    firstDelay: float = 1.0
    longestDelay: float = 300.0
    maxWaiting: int = 1_000
    maxWaitingSize: int = 4 * 1024 * 1024
    maxWaitingTime: float = 60.0
    maxAllWaitingSize: int = 64 * 1024 * 1024
    maxStreams: int = 2_000
    maxStreamsPerAddress: int = 500
    maxStreamsPerDomain: int = 20
    maxHalfOpen: int = 400
    maxHalfOpenPerAddress: int = 100
    maxVerifications: int = 100
    maxVerificationsPerAddress: int = 25
    maxVerificationsPerDomain: int = 2
    verificationRate: float = 50.0
    verificationRatePerAddress: float = 2.0
    verificationBurstPerAddress: float = 10.0
    maxPending: int = 5
    maxFailedClaims: int = 5
    maxOutgoing: int = 2_000
    maxConnecting: int = 100
    maxDeparting: int = 2_000
    maxPairs: int = 100


@dataclass(frozen=True)
class Ourselves:
    """
    What the streams of one link have in common.

    :ivar hosts: the domains that we are.
    :ivar certificates: `pushsvc.links.s2s.tls.Certificates`.
    :ivar clock: provides IReactorTime.
    :ivar turns: not all who speak at the same time mean well.
    """

    hosts: frozenset[str]
    certificates: Any
    keys: Keys = field(repr=False)
    clock: Any
    settings: Settings
    turns: Turns = field(default_factory=Turns)
