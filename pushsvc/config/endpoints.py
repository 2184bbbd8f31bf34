"""
Twisted's endpoint strings, as operators write them: where to listen, and where to connect to.

What is wrong with one Twisted says in words of Python, or not before it is used; here it is said in words of the file.
"""

import re
from typing import Any

from twisted.internet.endpoints import clientFromString, serverFromString
from twisted.internet.interfaces import IStreamClientEndpoint, IStreamServerEndpoint

PORT_MAX = 65535
# Kinds that end in a port, or have it first.
_PORTS = {"tcp", "tcp6", "ssl", "tls", "haproxy"}


def listeningAt(reactor: Any, text: str) -> IStreamServerEndpoint:
    """
    Where to listen.

    :raises ValueError: it is nowhere; the text says how it is written.
    """
    endpoint: IStreamServerEndpoint = _read(serverFromString, reactor, text, "tcp:8080:interface=127.0.0.1")
    return endpoint


def connectingTo(reactor: Any, text: str) -> IStreamClientEndpoint:
    """
    Where to connect to.

    :raises ValueError: it is nowhere; the text says how it is written.
    """
    endpoint: IStreamClientEndpoint = _read(clientFromString, reactor, text, "tcp:127.0.0.1:5347")
    return endpoint


def _read(reading: Any, reactor: Any, text: str, example: str) -> Any:
    ports = [int(number) for number in re.findall(r"(?::|:port=)(-?[0-9]+)(?=:|$)", text)]
    for port in ports if text.partition(":")[0] in _PORTS else ():
        if not 0 <= port <= PORT_MAX:
            raise ValueError(f"{port} is no port: they end with {PORT_MAX}")
    try:
        return reading(reactor, text)
    except Exception as e:
        if isinstance(e, OSError) and e.filename is not None:
            # Of TLS: a file that it names.
            raise ValueError(f"{e.filename}: cannot be read: {e.strerror}") from None
        if isinstance(e, LookupError) and text.startswith("systemd:"):
            raise ValueError("systemd has handed over no such socket: only what it starts has any") from None
        # Endpoints are plugins: what they raise is theirs.
        raise ValueError(f'{_reason(e)}it is written like "{example}"{_aboutColons(text)}') from None


def _reason(error: Exception) -> str:
    if unknown := re.search("unexpected keyword argument '([^']*)'", str(error)):
        return f"there is no {unknown[1]!r}; "
    # What Python says of its own functions tells an operator nothing.
    return "" if isinstance(error, TypeError) or "invalid literal" in str(error) else f"{error}; "


def _aboutColons(text: str) -> str:
    # Text in single quotes is taken as it is.
    return r"; colons of an IPv6 address have backslashes, in single quotes: '\:\:1'" if "::" in text else ""
