"""
Which servers may be asked whose URLs others have named: phones, for one. The public ones, and those that the operator
allows by name (``allowed-endpoints``), wherever they are.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import idna
from twisted.internet.abstract import isIPv6Address

from pushsvc.addresses import PUBLIC, isLiteral

DEFAULT_PORT = 443
# Hosts that are not read anew for each push.
_REMEMBERED = 1024

# Without ASCII, case would make more letters equal than the alphabet has: ſ is an s, and the Kelvin sign a k.
_FLAGS = re.IGNORECASE | re.ASCII
_HOST = r"(?P<host>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*|\[[0-9A-Fa-f:.]+\])"
_PATTERN = re.compile(rf"https://{_HOST}(?::(?P<port>[0-9]{{1,5}}|\*))?/?", _FLAGS)
# RFC 3986, as it is meant to be written: nothing that two readers could read in two ways.
_URL = re.compile(
    rf"https://{_HOST}(?::(?P<port>[0-9]{{1,5}}))?"
    r"(?:[/?](?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*)?",
    _FLAGS,
)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@dataclass(frozen=True)
class Origin:
    """
    A server, as a URL names it.

    :ivar host: in lower case, an IPv6 address without its brackets.
    :ivar port: None: any, where servers are allowed.
    """

    host: str
    port: int | None = DEFAULT_PORT

    def __str__(self) -> str:
        """
        As RFC 6454 writes it: the default port goes without saying.
        """
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"https://{host}" if self.port == DEFAULT_PORT else f"https://{host}:{self.port or '*'}"


@dataclass(frozen=True)
class Guard:
    """
    :ivar allowed: what may be asked wherever it is. Equal guards are as good as one another.
    """

    allowed: frozenset[Origin] = frozenset()

    def names(self, origin: Origin) -> bool:
        """
        Whether this server is allowed by name.
        """
        return origin in self.allowed or Origin(origin.host, None) in self.allowed

    def admits(self, origin: Origin, address: str) -> bool:
        """
        Whether this server may be dialled at an address, which is one that a socket takes.
        """
        return address in PUBLIC or self.names(origin)


def allowing(patterns: tuple[str, ...]) -> Guard:
    """
    The guard that lets these pass, too.

    :raises ValueError: one of them is no pattern.
    """
    return Guard(frozenset(map(allowed, patterns)))


def allowed(pattern: str) -> Origin:
    """
    What is meant by ``https://push.example.org``, ``https://10.0.0.7:8443`` or ``https://[::1]:*``.

    :raises ValueError: this is no pattern.
    """
    match = _PATTERN.fullmatch(pattern)
    if match is None:
        raise ValueError("not the origin of a server, such as https://push.example.org or https://127.0.0.1:*")
    return Origin(_host(match["host"]), None if match["port"] == "*" else _port(match["port"]))


def originOf(url: str) -> Origin:
    """
    The server that a URL is of.

    :raises ValueError: this is no https URL, or is not as it should be; the text says why and holds nothing of it.
    """
    match = _URL.fullmatch(url)
    if match is None:
        raise ValueError(_complaint(url))
    return Origin(_host(match["host"]), _port(match["port"]))


def isPublic(origin: Origin) -> bool:
    """
    Whether a server can be one that everybody reaches, as far as its name says.
    """
    return origin.host in PUBLIC if isLiteral(origin.host) else "." in origin.host


@lru_cache(_REMEMBERED)
def _host(text: str) -> str:
    host = text.lower()
    if host.startswith("["):
        host = host[1:-1]
        if not isIPv6Address(host):
            raise ValueError("its host is no address")
    elif _NUMBER.fullmatch(host.rpartition(".")[2]) and not isLiteral(host):
        # 127.1, 2130706433 and 0x7f.1: sockets know what is meant.
        raise ValueError("its host is no address")
    elif not isLiteral(host):
        try:
            idna.encode(host)
        except idna.IDNAError:
            # TLS could not name it.
            raise ValueError("its host is no name") from None
    return host


def _port(text: str | None) -> int:
    port = DEFAULT_PORT if text is None else int(text)
    if not 0 < port < 65536:
        raise ValueError("its port is none")
    return port


def _complaint(url: str) -> str:
    if not url.lower().startswith("https://"):
        return "not an https URL"
    authority = re.split(r"[/?#]", url[len("https://") :], maxsplit=1)[0]
    if "@" in authority:
        return "a URL with a user in it"
    if not authority or authority.startswith(":"):
        return "a URL without a host"
    if "#" in url:
        return "a URL with a fragment"
    return "not a URL as RFC 3986 has them"
