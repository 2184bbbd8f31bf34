"""
What can be set about connections; the defaults are for push networks.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Tuning:
    """
    Seconds and numbers.

    :ivar connections: at most so many to one origin.
    :ivar streams: at most so many requests on one connection, whatever the other side allows.
    :ivar waiting: at most so many requests wait for a stream; beyond that they are refused.
    :ivar repeats: so often a request that was certainly not processed is asked again.
    :ivar connectWithin: from looking up the name to the other side's settings.
    :ivar backoff: after the first connection that failed; doubled for each that follows.
    :ivar longestBackoff: what the doubling comes to.
    :ivar lasting: a connection that ended sooner, and before it was good for much, ended badly.
    :ivar idle: a connection beyond those to be kept is closed when nothing happens on it for so long.
    :ivar unused: connections are not kept any longer for whom nothing was asked for so long, provided that
    :ivar pools: there are more than so many of these.
    :ivar origins: there are no more than so many of these: beyond that, the one that was not asked for the longest time
        is left.
    :ivar pingAfter: a connection on which answers are waited for, and nothing came for so long, is asked for a sign of
        life; so is one that is used again after that.
    :ivar idlePingAfter: the same while nothing is waited for.
    :ivar pingWithin: the time it has.
    :ivar farewell: what answers in flight have when the client is closed, and what a closing connection has to close.
    :ivar isTold: the operator is told of servers that are in trouble; not of those that others have named: there is
        nothing that an operator could do.
    """

    connections: int = 10
    streams: int = 500
    waiting: int = 5000
    repeats: int = 5
    connectWithin: float = 10.0
    backoff: float = 0.5
    longestBackoff: float = 60.0
    lasting: float = 30.0
    idle: float = 300.0
    unused: float = 900.0
    pools: int = 16
    origins: int = 1000
    pingAfter: float = 15.0
    idlePingAfter: float = 3600.0
    pingWithin: float = 5.0
    farewell: float = 5.0
    isTold: bool = True
