"""
What the operator is told about domains that cannot be reached: once each, and not of all when there are very many.
"""

from collections import OrderedDict
from typing import Any

from twisted.logger import Logger

from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.rates import Bucket

# Lines; any stranger can have us fail to reach any number of domains.
RATE = 0.2
BURST = 20

DOMAINS_MAX = 2_000


class Outages:
    """
    Those there are.
    """

    log = Logger()

    def __init__(self, clock: Any, maxDomains: int = DOMAINS_MAX) -> None:
        self._rate = Bucket(clock, RATE, BURST)
        self._maxDomains = maxDomains
        self._told: OrderedDict[str, bool] = OrderedDict()

    def began(self, pair: Pair, why: str) -> None:
        """
        It cannot be reached.
        """
        if pair.remote in self._told:
            return
        told = self._told[pair.remote] = self._rate.take()
        if len(self._told) > self._maxDomains:
            self._told.popitem(last=False)
        if told:
            self.log.warn("{remote} cannot be reached from {local}: {why}", why=why, **pair._asdict())

    def ended(self, pair: Pair) -> None:
        """
        It can be.
        """
        # Whoever has read that it began is to read that it ended.
        if self._told.pop(pair.remote, False):
            self.log.info("{remote} can be reached from {local} again", **pair._asdict())

    def forget(self, domain: str) -> None:
        """
        Nobody wants to reach it any more.
        """
        self._told.pop(domain, None)
