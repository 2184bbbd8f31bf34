"""
Who comes over HTTP, and how often: strangers have no account to be known by, only the address that they come from.
"""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from twisted.internet.interfaces import IReactorTime
from twisted.web.iweb import IRequest

from pushsvc.delivery.limits import Bucket

DAY = 86400.0

Network = IPv4Network | IPv6Network


class TooMany(Exception):
    """
    They have to wait.

    :ivar seconds: so long.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class Visitors:
    """
    Counts what comes from each address; an IPv6 address stands for all of its network.
    """

    def __init__(
        self, requests: tuple[float, int], registrations: int, proxies: Sequence[str], clock: IReactorTime
    ) -> None:
        """
        :param requests: so many a second, and so many at once.
        :param registrations: new ones in a day.
        :param proxies: addresses, or networks, of reverse proxies: they say for whom they come.
        :raises ValueError: one of these is none.
        """
        self._requests = Bucket(*requests, longest=0.0)
        self._registrations = Bucket(registrations / DAY, registrations, longest=0.0)
        self._proxies = [ip_network(proxy) for proxy in proxies]
        self._clock = clock

    def visit(self, request: IRequest) -> str:
        """
        Somebody comes.

        :returns: who, as `registers` wants it.
        :raises TooMany: again, and too soon.
        """
        who = _network(self._addressOf(request))
        self._take(self._requests, who)
        return who

    def registers(self, who: str) -> None:
        """
        What was not there is about to be.

        :raises TooMany: there has been too much of that today.
        """
        self._take(self._registrations, who)

    def isProxy(self, address: str) -> bool:
        """
        Whether others come through it.
        """
        known = _read(address)
        return known is not None and any(known in network for network in self._proxies)

    def _take(self, bucket: Bucket, who: str) -> None:
        wait = bucket.take(who, self._clock.seconds())
        if wait:
            raise TooMany(wait)

    def _addressOf(self, request: Any) -> str:
        address = str(getattr(request.getClientAddress(), "host", ""))
        if not self._proxies or not self.isProxy(address):
            return address
        # Each adds whom it saw at the end; what comes before the last that is no proxy, anybody can have written.
        said = ",".join(request.requestHeaders.getRawHeaders("x-forwarded-for", ())).split(",")
        for each in reversed([part.strip() for part in said]):
            if not self.isProxy(each):
                # What is no address says of nobody who he is.
                return address if _read(each) is None else each
        return address


def _network(address: str) -> str:
    known = _read(address)
    if isinstance(known, IPv6Address):
        return str(ip_network((known, 64), strict=False))
    return address if known is None else str(known)


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        known = ip_address(address)
    except ValueError:
        return None
    mapped = known.ipv4_mapped if isinstance(known, IPv6Address) else None
    return known if mapped is None else mapped
