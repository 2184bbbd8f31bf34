"""
A stand-in for whoever speaks HTTP/2: it does to each request what the test says, and counts.

It is strict: what a client must not do (too many streams, more than a window holds, frames out of order) is noted as
a violation. With ``listen`` it speaks over TLS; without, anything that looks like a transport will do.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings
from hyperframe.frame import ContinuationFrame, DataFrame, Frame, GoAwayFrame, HeadersFrame
from OpenSSL import SSL
from twisted.internet.endpoints import SSL4ServerEndpoint
from twisted.internet.interfaces import IOpenSSLContextFactory
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from tests.standins.certificates import Certificate

MAX_STREAMS = SettingCodes.MAX_CONCURRENT_STREAMS
WINDOW = SettingCodes.INITIAL_WINDOW_SIZE
FRAME = SettingCodes.MAX_FRAME_SIZE
TABLE = SettingCodes.HEADER_TABLE_SIZE
# What the id of a request is read from.
ID = "apns-id"


@dataclass
class Heard:
    """
    A request, as far as it came.
    """

    connection: "Connection"
    stream: int
    headers: dict[str, str]
    body: bytes = b""
    whole: bool = False
    answered: bool = False
    disowned: bool = False
    when: float = field(default_factory=time.monotonic)

    @property
    def id(self) -> str:
        return self.headers.get(ID, "")

    @property
    def processed(self) -> bool:
        """
        Whether something was done because of it.
        """
        return (self.whole or self.answered) and not self.disowned

    def answer(self, status: int = 200, body: bytes = b"", **headers: str) -> None:
        """
        Answer, and be done with it.
        """
        self.begin(status, not body, **headers)
        if body:
            self.connection.act(lambda h2: h2.send_data(self.stream, body, end_stream=True))

    def begin(self, status: int, ends: bool = False, **headers: str) -> None:
        """
        Send the headers of an answer.
        """
        self.answered = True
        fields = [(":status", str(status)), *((name.replace("_", "-"), value) for name, value in headers.items())]
        self.connection.act(lambda h2: h2.send_headers(self.stream, fields, end_stream=ends))

    def say(self, data: bytes, ends: bool = False) -> None:
        """
        Send a piece of the body of an answer.
        """
        self.connection.act(lambda h2: h2.send_data(self.stream, data, end_stream=ends))

    def reset(self, code: int = ErrorCodes.INTERNAL_ERROR) -> None:
        """
        Give the stream up.
        """
        if code == ErrorCodes.REFUSED_STREAM:
            self.disowned = True
        self.connection.act(lambda h2: h2.reset_stream(self.stream, code))

    def refuse(self) -> None:
        """
        Say that it was not processed.
        """
        self.reset(ErrorCodes.REFUSED_STREAM)


Act = Callable[[Heard], None]


def answers(status: int = 200, body: bytes = b"", **headers: str) -> Act:
    """
    Answers every request.
    """
    return lambda heard: heard.answer(status, body, **headers)


def isMute(heard: Heard) -> None:
    """
    Says nothing.
    """


def inTurn(*acts: Act) -> Act:
    """
    Does to the n-th request what the n-th says; the last goes for all that follow.
    """
    left = list(acts)
    return lambda heard: (left.pop(0) if len(left) > 1 else left[0])(heard)


class StandIn(ServerFactory):
    """
    One server.

    :ivar act: what is done to a request that came whole.
    :ivar atHeaders: what is done to one as soon as its headers came.
    :ivar connections: all that there ever were.
    :ivar heard: all requests, in the order of their headers.
    :ivar violations: what clients must not do.
    """

    noisy = False

    def __init__(self, act: Act | None = None, settings: dict[SettingCodes, int] | None = None) -> None:
        self.act: Act = act or answers()
        self.atHeaders: Act | None = None
        self.atConnection: Callable[[Connection], None] | None = None
        self.settings = settings or {}
        self.acknowledges = True
        self.connections: list[Connection] = []
        self.heard: list[Heard] = []
        self.violations: list[str] = []

    @property
    def processed(self) -> Counter[str]:
        """
        How often each id was processed.
        """
        return Counter(heard.id for heard in self.heard if heard.processed)

    @property
    def open(self) -> "list[Connection]":
        """
        The connections that have not ended.
        """
        return [connection for connection in self.connections if not connection.ended]

    def buildProtocol(self, addr: Any) -> "Connection":
        connection = Connection(self)
        self.connections.append(connection)
        return connection


class Connection(Protocol):
    """
    One connection.

    :ivar streams: the requests on it, by stream.
    :ivar pings: how many came.
    :ivar resets: streams that the client gave up, with their codes.
    :ivar frozen: it neither listens nor says anything: a dead path.
    :ivar held: the same, for a while; nothing gets lost.
    :ivar last: no stream above it is processed.
    """

    transport: Any

    def __init__(self, server: StandIn) -> None:
        self.server = server
        self.streams: dict[int, Heard] = {}
        self.pings = 0
        self.resets: dict[int, int] = {}
        self.goneAway = False
        self.ended = False
        self.frozen = False
        self.held = False
        self.last = 2**31 - 1
        self.peak = 0
        self._unheard = b""
        self._unacknowledged = True
        self._changes: list[dict[str, int]] = []
        self.writes: list[int] = []
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding="utf-8"))
        self.h2.local_settings = Settings(client=False, initial_values={MAX_STREAMS: 100, **server.settings})
        self.h2.max_inbound_frame_size = self.h2.local_settings.max_frame_size
        self.h2.decoder.max_allowed_table_size = self.h2.local_settings.header_table_size

    # In

    def connectionMade(self) -> None:
        self.h2.initiate_connection()
        if self.server.atConnection is not None:
            self.server.atConnection(self)
        self.flush()

    def dataReceived(self, data: bytes) -> None:
        if self.frozen:
            return
        if self.held:
            self._unheard += data
            return
        try:
            for event in self.h2.receive_data(data):
                self._happened(event)
        except H2Error as e:
            self.server.violations.append(f"{type(e).__name__}: {e}")
            self.flush()
            self.transport.loseConnection()
            return
        self.flush()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.ended = True

    def _happened(self, event: events.Event) -> None:
        if isinstance(event, events.RequestReceived):
            heard = Heard(self, event.stream_id, dict(event.headers))
            self.streams[event.stream_id] = heard
            self.server.heard.append(heard)
            heard.disowned = event.stream_id > self.last
            self.peak = max(self.peak, self.h2.open_inbound_streams)
            if self.server.atHeaders is not None and not heard.disowned:
                self.server.atHeaders(heard)
        elif isinstance(event, events.DataReceived):
            self.streams[event.stream_id].body += event.data
            if self.server.acknowledges:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, events.StreamEnded):
            heard = self.streams[event.stream_id]
            heard.whole = True
            length = heard.headers.get("content-length")
            if length is not None and int(length) != len(heard.body):
                self.server.violations.append("a body of another length")
            if not heard.disowned:
                self.server.act(heard)
        elif isinstance(event, events.StreamReset):
            self.resets[event.stream_id] = int(event.error_code)
        elif isinstance(event, events.SettingsAcknowledged):
            self._unacknowledged = False
            if self._changes:
                self._change()
        elif isinstance(event, events.PingReceived):
            self.pings += 1
        elif isinstance(event, events.ConnectionTerminated):
            self.goneAway = True

    # Out

    def act(self, do: Callable[[H2Connection], None]) -> None:
        """
        Do something that the library knows; what the client has made impossible meanwhile is left out.
        """
        try:
            do(self.h2)
        except (H2Error, KeyError):
            return
        self.flush()

    def flush(self) -> None:
        """
        Write what there is to write.
        """
        if self.held:
            return
        data = self.h2.data_to_send()
        if data and not self.frozen and not self.ended:
            self.writes.append(len(data))
            self.transport.write(data)

    def frames(self, *frames: Frame) -> None:
        """
        Write these frames, whatever the library thinks of them.
        """
        self.flush()
        if not self.frozen and not self.ended:
            self.transport.write(b"".join(frame.serialize() for frame in frames))

    def change(self, **settings: int) -> None:
        """
        Say that settings have changed: ``change(MAX_CONCURRENT_STREAMS=1)``.
        """
        # One after the other: h2 takes any acknowledgement for one of everything that it has said.
        self._changes.append(settings)
        if not self._unacknowledged:
            self._change()

    def _change(self) -> None:
        settings = self._changes.pop(0)
        self._unacknowledged = True
        # h2 would hold frames to the old size that come in one piece with the acknowledgement.
        self.h2.max_inbound_frame_size = max(self.h2.max_inbound_frame_size, settings.get("MAX_FRAME_SIZE", 0))
        self.act(lambda h2: h2.update_settings({SettingCodes[name]: value for name, value in settings.items()}))

    def goAway(self, last: int = 2**31 - 1, code: int = 0, reason: bytes = b"") -> None:
        """
        Take no more streams. What came on streams above the last one was not processed.
        """
        self.last = last
        for stream, heard in self.streams.items():
            if stream > last:
                heard.disowned = True
        self.frames(GoAwayFrame(0, last_stream_id=last, error_code=code, additional_data=reason))

    def answerInPieces(
        self, heard: Heard, headers: Iterable[tuple[str, str]], body: bytes, size: int, pad: int, ends: bool = True
    ) -> None:
        """
        Answer with padded frames of this size, CONTINUATIONs among them.
        """
        heard.answered = True
        block = self.h2.encoder.encode(list(headers))
        pieces = [block[at : at + size] for at in range(0, len(block), size)]
        first = HeadersFrame(heard.stream, pieces[0], flags=["PADDED"], pad_length=pad)
        frames: list[Frame] = [first, *(ContinuationFrame(heard.stream, piece) for piece in pieces[1:])]
        frames[-1].flags.add("END_HEADERS")
        for at in range(0, len(body), size):
            frames.append(DataFrame(heard.stream, body[at : at + size], flags=["PADDED"], pad_length=pad))
        if ends:
            frames.append(DataFrame(heard.stream, b"", flags=["END_STREAM"]))
        self.frames(*frames)

    def freeze(self) -> None:
        """
        Be a path that leads nowhere.
        """
        self.frozen = True

    def release(self) -> None:
        """
        Go on.
        """
        self.held = False
        data, self._unheard = self._unheard, b""
        self.dataReceived(data)

    def cut(self) -> None:
        """
        End without a word.
        """
        self.transport.abortConnection()


def listen(
    reactor: Any, server: ServerFactory, issued: Certificate, speaks: tuple[bytes, ...] = (b"h2",), ca: Any = None
) -> Any:
    """
    A Deferred that fires with the port.

    :param speaks: what ALPN offers; nothing: it does not speak ALPN.
    :param ca: clients have to show a certificate that this one has issued.
    """
    context = SSL.Context(SSL.TLS_SERVER_METHOD)
    context.use_certificate_chain_file(str(issued.certificate))
    context.use_privatekey_file(str(issued.key))
    if ca is not None:
        context.load_verify_locations(str(ca.certificate))
        context.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT)
    if speaks:
        context.set_alpn_select_callback(
            lambda _, offered: next((ours for ours in speaks if ours in offered), SSL.NO_OVERLAPPING_PROTOCOLS)
        )
    return SSL4ServerEndpoint(reactor, 0, _Ready(context), interface="127.0.0.1").listen(server)


@implementer(IOpenSSLContextFactory)
class _Ready:
    def __init__(self, context: SSL.Context) -> None:
        self._context = context

    def getContext(self) -> SSL.Context:
        return self._context
