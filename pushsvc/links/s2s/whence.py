"""
Where a peer connects from, as far as limits are concerned.
"""

from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from typing import Any


def whenceOf(address: Any) -> str:
    """
    What counts as one place: an IPv4 address; with IPv6, the network that whoever has one address has all of.
    """
    return _placeOf(getattr(address, "host", ""))


@lru_cache(1024)
def _placeOf(host: str) -> str:
    try:
        parsed = ip_address(host.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        return str(IPv6Address(int(parsed) >> 64 << 64))
    return str(parsed)


@lru_cache(4096)  # it is asked of all streams that there are
def networkOf(whence: str) -> str:
    """
    The network that a place is in, as far as one customer of a provider is given many places: with IPv6, 48 bits.
    """
    try:
        parsed = ip_address(whence)
    except ValueError:
        return whence
    return str(IPv6Address(int(parsed) >> 80 << 80)) if isinstance(parsed, IPv6Address) else whence
