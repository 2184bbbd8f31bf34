"""
Which addresses may be dialled: anybody can have DNS say that a server is in our own network.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from twisted.internet.abstract import isIPAddress, isIPv6Address

EVERYWHERE = "*"

# What of IPv6 is assigned to be reached from anywhere.
_UNICAST = ip_network("2000::/3")
# Gateways to IPv4 hide behind these (RFC 6052).
_NAT64 = ip_network("64:ff9b::/96")
# What some versions of Python take for public: protocol assignments (RFC 6890), where a cloud has its metadata; relays
# of 6to4 (RFC 7526); documentation (RFC 9637); and the host of each machine at Azure.
_SPECIAL = tuple(map(ip_network, ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "168.63.129.16/32")))


class Reachable:
    """
    The public addresses, and what else the configuration permits.
    """

    def __init__(self, permitted: Iterable[str] = ()) -> None:
        """
        :param permitted: networks that may be dialled although they are not public; "*": all there are.
        :raises ValueError: one of them is no network.
        """
        texts = list(permitted)
        self._everywhere = EVERYWHERE in texts
        self._permitted: list[IPv4Network | IPv6Network] = [ip_network(text) for text in texts if text != EVERYWHERE]

    def __contains__(self, text: str) -> bool:
        """
        Whether this address may be dialled.
        """
        try:
            address = ip_address(text)
        except ValueError:
            # Not every spelling that a socket understands is one.
            return False
        if address.version == 6 and address.scope_id is not None:
            # Nobody else has our interfaces.
            return False
        address = _unwrapped(address)
        if address.is_unspecified or address.is_multicast:
            return False
        return self._everywhere or _isPublic(address) or any(address in network for network in self._permitted)


PUBLIC = Reachable()


def isAddress(host: str) -> bool:
    """
    Whether this is an address rather than a name.
    """
    return isIPAddress(host) or isIPv6Address(host)


def isLiteral(domain: str) -> bool:
    """
    Whether this domain is an address, rather than a name that somebody owns.
    """
    return isAddress(domain.removeprefix("[").removesuffix("]"))


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """
    The IPv4 address in an IPv6 address that leads there.
    """
    if isinstance(address, IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and address in _NAT64:
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


def _isPublic(address: IPv4Address | IPv6Address) -> bool:
    if not address.is_global or any(address in network for network in _SPECIAL):
        return False
    return address.version == 4 or address in _UNICAST
