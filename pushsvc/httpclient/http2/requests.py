"""
A request, as HTTP/2 spells it.
"""

import re
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from pushsvc.exchange import NotSpoken, Request
from pushsvc.httpclient.http2.compression import UNINDEXED
from pushsvc.httpclient.http2.engine import Headers

# What HTTP/2 has no use for, or says in other ways.
_NOT_OURS = frozenset(
    {"connection", "content-length", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"}
)
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_PRINTABLE = "".join(map(chr, range(33, 127)))
# Up to the path, and without the fragment.
_URL = re.compile(r"https://([^/?#]*)([^#]*)", re.IGNORECASE | re.DOTALL)
_NOTHING = (b"", b"")
# Headers as they were written before, but for secrets and what is never the same.
_kept: dict[tuple[str, str], tuple[bytes, bytes]] = {}
_MOST_KEPT = 512
# And the names of these, as they were said before.
_changing: dict[str, bytes] = {}


class Origin(NamedTuple):
    """
    Who is asked.

    :ivar authority: as it stands in the URL.
    """

    host: str
    port: int
    authority: bytes


def split(url: str) -> tuple[Origin, bytes]:
    """
    Whom to ask, and for what.

    :raises NotSpoken: this is not ``https``.
    :raises ValueError: this is no URL.
    """
    parts = _URL.match(url)
    if parts is None:
        raise NotSpoken("HTTP/2 is spoken over TLS only")
    return _origin(parts[1]), _path(parts[2])


@lru_cache(256)
def _origin(authority: str) -> Origin:
    try:
        parts = urlsplit(f"https://{authority}")
        host, port = parts.hostname, parts.port
        if not host or parts.username is not None or not authority.isprintable() or " " in authority:
            raise ValueError
        name = host if host.isascii() else host.encode("idna").decode("ascii")
    except ValueError:
        # The text of the URL stays out of it.
        raise ValueError("not the URL of a host") from None
    shown = f"[{name}]" if ":" in name else name
    return Origin(name, port or 443, f"{shown}:{port}".encode() if port and port != 443 else shown.encode())


def _path(path: str) -> bytes:
    if not path.startswith("/"):
        path = f"/{path}"
    if not (path.isascii() and path.isprintable()) or " " in path:
        path = quote(path, safe=_PRINTABLE)
    return path.encode("ascii")


def headersOf(request: Request, origin: Origin, path: bytes) -> Headers:
    """
    What opens the stream.

    :raises ValueError: a header that would be read as more than one.
    """
    headers = [
        (b":method", request.method.encode("ascii")),
        (b":scheme", b"https"),
        (b":authority", origin.authority),
        (b":path", path),
    ]
    for said in request.headers.items():
        name, value = said
        known = _changing.get(name)
        if known is not None and value.isprintable():
            headers.append((known, value.strip().encode("utf-8")))
            continue
        header = _kept.get(said)
        if header is None:
            header = _header(name, value)
        if header is not _NOTHING:
            headers.append(header)
    if request.body or request.method in _WITH_BODY:
        headers.append((b"content-length", b"%d" % len(request.body)))
    return headers


def _header(name: str, value: str) -> tuple[bytes, bytes]:
    lowered = name.lower()
    if lowered in _NOT_OURS:
        return _NOTHING
    if not value.isprintable():
        raise ValueError(f"the header {lowered!r} holds what no header may")
    header = _name(lowered), value.strip().encode("utf-8")
    if header[0] in UNINDEXED:
        _changing[name] = header[0]
    else:
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[name, value] = header
    return header


@lru_cache(256)
def _name(name: str) -> bytes:
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or not name.isascii():
        raise ValueError("not the name of a header")
    return name.encode("ascii")
