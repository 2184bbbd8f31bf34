"""
A component that only listens: what a server's reports say, word for word.
"""

import contextlib
import hashlib
import socket
import threading
from collections.abc import Callable
from typing import Any
from xml.etree.ElementTree import Element, XMLPullParser, tostring

from pushsvc.event import Event, Occasion
from pushsvc.wire.reports import readEvent, readForwarded
from tests.servers.rig.ports import LOOPBACK
from tests.servers.rig.server import Server
from tests.servers.rig.waiting import PATIENCE, waitFor
from tests.wire.support import view

_HEADER = (
    "<stream:stream xmlns='jabber:component:accept' xmlns:stream='http://etherx.jabber.org/streams' to='{domain}'>"
)
_DELEGATION = "delegation"


class Listener:
    """
    Attached to a server for as long as it is entered.

    :ivar stanzas: whatever came, as text.
    """

    def __init__(self, server: Server) -> None:
        ((self._domain, self._secret),) = server.components.items()
        self._server = server
        self._socket = socket.create_connection((LOOPBACK, server.ports["component"]), 10)
        self._socket.settimeout(None)
        self._thread = threading.Thread(target=self._listen, name="listener", daemon=True)
        self.stanzas: list[str] = []
        self._seen = 0
        self._attached = False

    def __enter__(self) -> "Listener":
        position = self._server.log.position()
        self._thread.start()
        self._socket.sendall(_HEADER.format(domain=self._domain).encode())
        waitFor(lambda: self._attached, "the server takes the component")
        # Some servers write what happened seconds later: who attaches next must not take it for its own.
        self._server.log.waitFor(self._server.attached, position)
        return self

    def __exit__(self, *details: object) -> None:
        position = self._server.log.position()
        # It may still be telling us something: the end is there when it has closed its side as well.
        with contextlib.suppress(OSError):
            self._socket.sendall(b"</stream:stream>")
            self._socket.shutdown(socket.SHUT_WR)
        self._thread.join(PATIENCE)
        self._socket.close()
        if self._attached:
            # Until it has noticed, it may give some of what is for the next one to us.
            self._server.log.waitFor(self._server.detached, position)

    def forget(self) -> None:
        """
        What was heard so far is of no interest.
        """
        self._seen = len(self.stanzas)

    def heard(self) -> list[Event]:
        """
        What was reported since.
        """
        read = [self._event(stanza) for stanza in self.stanzas[self._seen :]]
        return [event for event in read if event is not None]

    def event(self, occasion: Occasion, fits: Callable[[Event], Any] = bool) -> Event:
        """
        Wait for the report of such an event.
        """

        def found() -> list[Event]:
            return [event for event in self.heard() if event.occasion is occasion and fits(event)]

        return waitFor(found, f"a report: {occasion.value}")[0]

    def _event(self, stanza: str) -> Event | None:
        if not stanza.startswith("<message"):
            return None
        message = view(stanza)
        return readEvent(message) or readForwarded(message)

    def _listen(self) -> None:
        parser, depth = XMLPullParser(["start", "end"]), 0
        while data := self._hear():
            parser.feed(data)
            for what, element in parser.read_events():
                depth += 1 if what == "start" else -1
                if what == "start" and depth == 1:
                    key = hashlib.sha1((element.get("id", "") + self._secret).encode()).hexdigest()
                    self._socket.sendall(f"<handshake>{key}</handshake>".encode())
                elif what == "end" and depth == 1:
                    self._take(element)

    def _hear(self) -> bytes:
        try:
            return self._socket.recv(65536)
        except ConnectionResetError:
            return b""

    def _take(self, element: Element) -> None:
        if element.tag.endswith("}handshake"):
            self._attached = True
            return
        for each in element.iter():
            # As our links do: there is one namespace of stanzas.
            each.tag = each.tag.replace("{jabber:component:accept}", "{jabber:client}")
        self.stanzas.append(
            tostring(element, "unicode", default_namespace=None).replace("ns0:", "").replace(":ns0", "")
        )
