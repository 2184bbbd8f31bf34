"""
The server's side of a component stream (XEP-0114), for one component after the other.
"""

import hashlib
import re
import socket
from collections.abc import Callable
from typing import Any, Protocol
from xml.etree.ElementTree import XMLPullParser

from bench.stanzas import DOMAIN, register

SECRET = "sesame"
STREAM = "bench"
# Seconds.
PATIENCE = 30.0
# Registrations that are not answered yet, at most.
WINDOW = 200

_ACCEPT = "{jabber:component:accept}"
_FIELD = "{jabber:x:data}field"


class Listening:
    """
    Where components connect.

    :ivar port: there.
    """

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(PATIENCE)
        self.port: int = self._socket.getsockname()[1]

    def close(self) -> None:
        """
        Take no more.
        """
        self._socket.close()

    def accept(self) -> socket.socket:
        """
        The next component, once it has proven that it is ours.
        """
        peer, _ = self._socket.accept()
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        peer.settimeout(PATIENCE)
        said = _until(peer, b"", rb"<stream:stream[^>]*>")
        header = f"<stream:stream xmlns:stream='http://etherx.jabber.org/streams' from='{DOMAIN}'"
        peer.sendall(f"{header} xmlns='jabber:component:accept' id='{STREAM}'>".encode())
        said = _until(peer, said, rb"<handshake[^>]*>[^<]*</handshake>")
        wanted = hashlib.sha1((STREAM + SECRET).encode()).hexdigest()
        if wanted.encode() not in said:
            raise RuntimeError("the component does not know the secret")
        peer.sendall(b"<handshake/>")
        return peer


class Peer(Protocol):
    """
    Who is registered with, as a socket has it.
    """

    def sendall(self, data: bytes, /) -> None:
        """
        Say it.
        """

    def recv(self, size: int, /) -> bytes:
        """
        What comes next.
        """


def registered(
    peer: Peer, count: int, stanza: Callable[[int], bytes] = register
) -> list[tuple[str, str]]:
    """
    Register so many devices: their nodes and secrets.

    :param stanza: registers a device, by its number.
    """
    parser: Any = XMLPullParser(["end"])
    parser.feed("<stream xmlns='jabber:component:accept'>")
    found: dict[int, tuple[str, str]] = {}
    asked = 0
    while len(found) < count:
        more = min(count, len(found) + WINDOW)
        peer.sendall(b"".join(map(stanza, range(asked, more))))
        asked = max(asked, more)
        parser.feed(_read(peer))
        for _, element in parser.read_events():
            if element.tag == f"{_ACCEPT}iq":
                fields = {field.get("var"): field.findtext("*") or "" for field in element.iter(_FIELD)}
                if element.get("type") != "result" or "node" not in fields:
                    raise RuntimeError("a registration was refused")
                found[int(element.get("id", "")[1:])] = fields["node"], fields["secret"]
                element.clear()
    return [found[number] for number in range(count)]


def _until(peer: Peer, said: bytes, pattern: bytes) -> bytes:
    while not re.search(pattern, said):
        said += _read(peer)
    return said


def _read(peer: Peer) -> bytes:
    data = peer.recv(65536)
    if not data:
        raise RuntimeError("the component hung up")
    return data
