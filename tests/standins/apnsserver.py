"""
The wire of the stand-in for APNs: HTTP/2 for pushes, HTTP/1.1 for the desk, both over TLS on one port.
"""

import json
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from cryptography.x509 import load_pem_x509_certificates
from cryptography.x509.oid import NameOID
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import DataReceived, RequestReceived, StreamEnded, StreamReset
from h2.exceptions import ProtocolError
from h2.settings import SettingCodes
from hyperframe.frame import GoAwayFrame
from OpenSSL import crypto
from twisted.internet import ssl
from twisted.internet.endpoints import SSL4ServerEndpoint
from twisted.internet.interfaces import IHandshakeListener
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.web.resource import Resource
from twisted.web.server import Site
from zope.interface import implementer

from tests.standins.apns import APNsStandIn, Entry, answerTo
from tests.standins.apnsrules import Peer

# Streams at once, as APNs has them.
STREAMS = 500


class Desk(Resource):
    """
    Where the stand-in is told what to do, and tells what it saw.
    """

    isLeaf = True

    def __init__(self, standIn: APNsStandIn) -> None:
        super().__init__()
        self._standIn = standIn

    def render(self, request: Any) -> bytes:
        content = request.content.read()
        if request.path == b"/_script":
            self._standIn.script.extend(json.loads(content))
        elif request.path == b"/_devices":
            self._standIn.devices.update(json.loads(content))
        elif request.path == b"/_faults":
            self._standIn.faults = json.loads(content)
        elif request.path == b"/_record":
            return json.dumps(self._standIn.requests).encode("utf-8")
        else:
            request.setResponseCode(404)
        return b""


class Pushes:
    """
    One connection of HTTP/2.
    """

    def __init__(self, standIn: APNsStandIn, peer: Peer, number: int, lively: bool) -> None:
        self._standIn = standIn
        self._peer = peer
        self._number = number
        self._lively = lively
        self._streams = 1 if lively else STREAMS
        self._asked: dict[int, tuple[list[tuple[str, str]], list[bytes]]] = {}
        self._last: int | None = None

    def makeConnection(self, transport: Any) -> None:
        self._transport = transport
        self._connection = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self._connection.initiate_connection()
        self._connection.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: self._streams})
        self._flush()

    def dataReceived(self, data: bytes) -> None:
        if self._transport is None:
            return
        try:
            events = self._connection.receive_data(data)
        except ProtocolError:
            self._flush()
            self._transport.loseConnection()
            return
        # Streams that were ended and reset in one breath cannot be answered any more.
        withdrawn = {event.stream_id for event in events if isinstance(event, StreamReset)}
        for event in events:
            if isinstance(event, RequestReceived):
                self._asked[event.stream_id] = ([(str(name), str(value)) for name, value in event.headers], [])
            elif isinstance(event, DataReceived):
                self._connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if event.stream_id in self._asked:
                    self._asked[event.stream_id][1].append(event.data)
            elif isinstance(event, StreamReset):
                self._asked.pop(event.stream_id, None)
            elif isinstance(event, StreamEnded) and event.stream_id in self._asked.keys() - withdrawn:
                self._answer(event.stream_id)
                if self._transport is None:
                    return
        self._flush()

    def connectionLost(self, reason: Any) -> None:
        self._asked.clear()

    def _answer(self, stream: int) -> None:
        if self._last is not None and stream > self._last:
            return
        headers, body = self._asked[stream]
        said = dict(headers)
        seen, entry = self._standIn.asked(
            said[":method"], said[":path"], headers, b"".join(body), self._peer, self._number
        )
        self._act(stream, seen, entry)
        self._standIn.answered(seen)

    def _act(self, stream: int, seen: dict[str, Any], entry: Entry) -> None:
        if entry.get("hang"):
            return
        del self._asked[stream]
        if entry.get("reset") in (True, "after"):
            self._cut()
            return
        if "stream" in entry:
            self._connection.reset_stream(stream, entry["stream"])
            return
        if "goaway" in entry:
            graceful = entry["goaway"] == "graceful"
            self._goAway(max(stream, *self._asked, 0) if graceful else max(stream - 2, 0))
        if "status" in entry:
            self._respond(stream, seen, entry)
        if self._last is not None and not any(waiting <= self._last for waiting in self._asked):
            self._flush()
            self._transport.loseConnection()

    def _respond(self, stream: int, seen: dict[str, Any], entry: Entry) -> None:
        headers, body = answerTo(seen, entry)
        self._connection.send_headers(stream, [(":status", str(entry["status"])), *headers.items()])
        if entry.get("reset") == "middle":
            self._cut()
            return
        self._connection.send_data(stream, body, end_stream=True)
        if self._lively:
            self._allow(STREAMS if entry["status"] == 200 else 1)

    def _goAway(self, last: int) -> None:
        # h2 says nothing more once it has said this, and there are answers to be given yet.
        self._flush()
        self._transport.write(GoAwayFrame(0, last_stream_id=last).serialize())
        self._last = last

    def _allow(self, streams: int) -> None:
        if streams != self._streams:
            self._streams = streams
            self._connection.update_settings({SettingCodes.MAX_CONCURRENT_STREAMS: streams})

    def _cut(self) -> None:
        # What was answered before was answered.
        self._flush()
        transport, self._transport = self._transport, None
        transport.loseConnection()

    def _flush(self) -> None:
        if self._transport is not None and (data := self._connection.data_to_send()):
            self._transport.write(data)


@implementer(IHandshakeListener)
class Door(Protocol):
    """
    Finds out which HTTP is spoken.
    """

    _inside: Any = None

    def __init__(self, factory: "House", addr: Any, number: int) -> None:
        self._house = factory
        self._addr = addr
        self._number = number

    def handshakeCompleted(self) -> None:
        transport: Any = self.transport
        if transport.negotiatedProtocol == b"h2":
            peer = Peer(_topicOf(transport.getPeerCertificate()))
            self._inside = Pushes(self._house.standIn, peer, self._number, self._house.lively)
        else:
            self._inside = self._house.desk.buildProtocol(self._addr)
        self._house.open.add(self)
        self._inside.makeConnection(transport)

    def dataReceived(self, data: bytes) -> None:
        self._inside.dataReceived(data)

    def connectionLost(self, reason: Any = connectionDone) -> None:
        self._house.open.discard(self)
        if self._inside is not None:
            self._inside.connectionLost(reason)

    def cut(self) -> None:
        """
        End the connection at once.
        """
        transport: Any = self.transport
        transport.abortConnection()


class House(Factory):
    """
    All connections.

    :ivar open: those that are.
    """

    noisy = False

    def __init__(self, standIn: APNsStandIn, lively: bool) -> None:
        self.standIn = standIn
        self.lively = lively
        self.desk = Site(Desk(standIn))
        self.desk.noisy = False
        self.open: set[Door] = set()
        self._numbers: Iterator[int] = count(1)

    def buildProtocol(self, addr: Any) -> Door:
        return Door(self, addr, next(self._numbers))

    def startFactory(self) -> None:
        self.desk.startFactory()

    def stopFactory(self) -> None:
        self.desk.stopFactory()
        for door in list(self.open):
            door.cut()


def _topicOf(certificate: Any) -> str | None:
    if certificate is None:
        return None
    ids = certificate.to_cryptography().subject.get_attributes_for_oid(NameOID.USER_ID)
    return str(ids[0].value) if ids else None


def listen(
    reactor: Any,
    standIn: APNsStandIn,
    certificate: Path,
    key: Path,
    port: int = 0,
    clientCA: Path | None = None,
    lively: bool = False,
) -> Any:
    """
    Serve over TLS on loopback; a Deferred that fires with the port. Closing the port cuts the connections.
    """
    trust: dict[str, Any] = {}
    if clientCA is not None:
        roots = [crypto.load_certificate(crypto.FILETYPE_PEM, clientCA.read_bytes())]
        trust = {"verify": True, "caCerts": roots, "requireCertificate": False}
    own, *others = load_pem_x509_certificates(certificate.read_bytes())
    options = ssl.CertificateOptions(
        privateKey=load_pem_private_key(key.read_bytes(), None),
        certificate=own,
        extraCertChain=others,
        acceptableProtocols=[b"h2", b"http/1.1"],
        **trust,
    )
    endpoint = SSL4ServerEndpoint(reactor, port, options, interface="127.0.0.1")
    return endpoint.listen(House(standIn, lively))
