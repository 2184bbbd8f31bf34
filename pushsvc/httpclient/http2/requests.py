"""
A request, as HTTP/2 spells it.
"""

from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote, urlsplit

from pushsvc.exchange import NotSpoken, Request
from pushsvc.httpclient.http2.engine import Headers

# What HTTP/2 has no use for, or says in other ways.
_NOT_OURS = frozenset(
    {"connection", "content-length", "host", "keep-alive", "proxy-connection", "te", "transfer-encoding", "upgrade"}
)
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})
_PRINTABLE = "".join(map(chr, range(33, 127)))


@dataclass(frozen=True)
class Origin:
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
    scheme, _, rest = url.partition("://")
    if scheme.lower() != "https":
        raise NotSpoken("HTTP/2 is spoken over TLS only")
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    return _origin(rest[:end]), _path(rest[end:])


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
    path = path.partition("#")[0]
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
    for name, value in request.headers.items():
        name = name.lower()
        if name in _NOT_OURS:
            continue
        if not value.isprintable():
            raise ValueError(f"the header {name!r} holds what no header may")
        headers.append((_name(name), value.strip().encode("utf-8")))
    if request.body or request.method in _WITH_BODY:
        headers.append((b"content-length", b"%d" % len(request.body)))
    return headers


@lru_cache(256)
def _name(name: str) -> bytes:
    if not name.replace("-", "").replace("_", "").replace(".", "").isalnum() or not name.isascii():
        raise ValueError("not the name of a header")
    return name.encode("ascii")
