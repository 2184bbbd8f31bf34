"""
In which order the hosts of a service are to be tried (RFC 2782).
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

# More than anybody needs, and few enough that ordering them costs nothing.
SERVICES_MAX = 64


@dataclass(frozen=True)
class Service:
    """
    One SRV record.

    :ivar direct: TLS from the first byte on (XEP-0368).
    """

    priority: int
    weight: int
    port: int
    target: str
    direct: bool


def inOrder(services: Iterable[Service], randomly: Callable[[], float]) -> list[Service]:
    """
    By priority; within one, those that weigh more are more often the first.

    :param randomly: from 0 to less than 1.
    """
    # Those of no weight first in each pool, so that they have their small chance.
    pool = sorted(set(services), key=lambda service: (service.priority, service.weight))[:SERVICES_MAX]
    ordered = []
    while pool:
        peers = [service for service in pool if service.priority == pool[0].priority]
        chosen = _draw(peers, randomly())
        pool.remove(chosen)
        ordered.append(chosen)
    return ordered


def _draw(peers: list[Service], luck: float) -> Service:
    mark = int(luck * (sum(service.weight for service in peers) + 1))
    reached = 0
    for service in peers:
        reached += service.weight
        if reached >= mark:
            break
    return service
