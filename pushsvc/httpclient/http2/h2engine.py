"""
HTTP/2's framing by the ``h2`` library, which comes with the extra ``h2``.

It takes three times as long as our own, and is what that one is held against: for whoever wants to know whose fault
something is, ``makeHTTP2(..., makeEngine=H2Engine)``.
"""

from collections.abc import Sequence
from typing import Any

from h2 import events
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.exceptions import H2Error
from h2.settings import SettingCodes, Settings
from hpack import Encoder
from hpack.hpack import encode_integer
from zope.interface import implementer

from pushsvc.httpclient.http2.engine import (
    LARGEST_FRAME,
    Answered,
    Changed,
    Code,
    Data,
    Ended,
    Event,
    GoneAway,
    Headers,
    IEngine,
    PeerMisbehaved,
    Pong,
    Reset,
)
from pushsvc.httpclient.http2.goaways import GoawaySplitter

# What differs from request to request, and what is secret, stays out of the compression's tables: it would only drive
# out what repeats itself. Apple asks for this.
UNINDEXED = frozenset(
    {b":path", b"authorization", b"content-length", b"apns-id", b"apns-expiration", b"apns-collapse-id"}
)
# Bytes of all answers together that may be on their way to us.
_RECEIVED_WINDOW = 2**24
_LAST_STREAM = 2**31 - 1
# h2 looks through its whole table for each header, so a larger one than usual only costs.
_LARGEST_TABLE = 4096


class _Connection(H2Connection):
    """
    h2's connection, without counting all open streams anew for each one that is opened.

    h2 forgets streams that ended only when it counts, so now and then it has to.
    """

    _countAt = 64

    @property
    def open_outbound_streams(self) -> int:
        if len(self.streams) < self._countAt:
            # The session keeps to the limit by itself.
            return 0
        count: int = super().open_outbound_streams
        self._countAt = 64 + 2 * count
        return 0


class _Encoder(Encoder):
    """
    hpack's encoder, which remembers what it wrote: requests to one origin differ in little.

    Huffman's code is left out: in Python it costs more than the quarter of the bytes that it saves.
    """

    def __init__(self) -> None:
        super().__init__()
        # Headers that are in the table; their places move whenever another one enters.
        self._indexed: dict[tuple[bytes, bytes], bytes] = {}
        # Names of those that never are, as far as their values.
        self._names: dict[bytes, bytes] = {}

    def encode(self, headers: Any, huffman: bool = False) -> bytes:
        block: list[bytes] = []
        if self.header_table.resized:
            block.append(self._encode_table_size_change())
            self.header_table.resized = False
            self._indexed.clear()
        for header in headers:
            name, value = header
            if name in UNINDEXED:
                block += (self._names.get(name) or self._name(name), _length(len(value)), value)
            else:
                block.append(self._indexed.get(header) or self._index(name, value))
        return b"".join(block)

    def _name(self, name: bytes) -> bytes:
        # A value of one byte comes last, with its length. What is never in the table cannot move in it.
        written = self._names[name] = self.add((name, b"?"), sensitive=True)[:-2]
        return written

    def _index(self, name: bytes, value: bytes) -> bytes:
        written = self.add((name, value), sensitive=False)
        if written[0] & 0x80:
            self._indexed[name, value] = written
        else:
            # It entered.
            self._indexed.clear()
        return written


def _length(length: int) -> bytes:
    return bytes((length,)) if length < 127 else bytes(encode_integer(length, 7))


@implementer(IEngine)
class H2Engine:
    """
    One connection.

    :param firstStream: the number of the first stream; odd.
    """

    def __init__(self, firstStream: int = 1) -> None:
        self._connection = _Connection(
            H2Configuration(
                client_side=True,
                header_encoding=None,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self._connection.encoder = _Encoder()
        self._connection.local_settings = Settings(
            client=True,
            initial_values={
                SettingCodes.ENABLE_PUSH: 0,
                SettingCodes.MAX_FRAME_SIZE: LARGEST_FRAME,
                SettingCodes.MAX_HEADER_LIST_SIZE: H2Connection.DEFAULT_MAX_HEADER_LIST_SIZE,
            },
        )
        # Not among the settings of RFC 9113; there are servers that stumble over it.
        del self._connection.local_settings[SettingCodes.ENABLE_CONNECT_PROTOCOL]
        self._next = firstStream
        self._open: set[int] = set()
        self._splitter = GoawaySplitter()

    @property
    def limit(self) -> int:
        return self._connection.remote_settings.max_concurrent_streams

    @property
    def window(self) -> int:
        return self._connection.outbound_flow_control_window

    @property
    def exhausted(self) -> bool:
        return self._next > _LAST_STREAM

    def start(self) -> None:
        self._connection.initiate_connection()
        self._connection.increment_flow_control_window(_RECEIVED_WINDOW)

    # In

    def received(self, data: bytes) -> Sequence[Event]:
        happened: list[Event] = []
        try:
            for part in self._splitter.split(data):
                if isinstance(part, GoneAway):
                    happened.append(part)
                    continue
                for event in self._connection.receive_data(part):
                    self._translate(event, happened)
        except (H2Error, ValueError) as e:
            self._connection.clear_outbound_data_buffer()
            raise PeerMisbehaved(type(e).__name__, happened) from None
        except PeerMisbehaved as e:
            self._connection.clear_outbound_data_buffer()
            raise PeerMisbehaved(str(e), happened) from None
        return happened

    def _translate(self, event: events.Event, happened: list[Event]) -> None:
        # In the order of their frequency.
        kind = type(event)
        stream: Any = getattr(event, "stream_id", None)
        if isinstance(event, events.ResponseReceived):
            if stream in self._open:
                happened.append(Answered(stream, _status(event.headers), event.headers))
        elif isinstance(event, events.DataReceived):
            self._connection.acknowledge_received_data(event.flow_controlled_length, stream)
            if stream in self._open and event.data:
                happened.append(Data(stream, event.data))
        elif kind is events.StreamEnded:
            if stream in self._open:
                self._open.discard(stream)
                happened.append(Ended(stream))
        elif isinstance(event, events.StreamReset):
            if stream in self._open:
                self._open.discard(stream)
                happened.append(Reset(stream, int(event.error_code or 0)))
        elif kind is events.RemoteSettingsChanged:
            self._boundTable()
            happened.append(Changed())
        elif kind is events.PingAckReceived:
            happened.append(Pong())

    def _boundTable(self) -> None:
        encoder = self._connection.encoder
        if encoder.header_table_size > _LARGEST_TABLE:
            encoder.header_table_size = _LARGEST_TABLE
        changes = encoder.table_size_changes
        if changes:
            # COMPAT: hpack 4.2 tells of every change, even of sizes that are too large by now, and of none when the
            # size is set once more to the same. What has to be told is the smallest and the last.
            smallest, last = min(changes), changes[-1]
            changes[:] = [last] if smallest == last else [smallest, last]
            encoder.header_table.resized = True

    # Out

    def open(self, headers: Headers, ends: bool) -> int:
        stream = self._next
        self._next += 2
        self._connection.send_headers(stream, headers, end_stream=ends)
        self._open.add(stream)
        return stream

    def room(self, stream: int) -> int:
        return min(self._connection.local_flow_control_window(stream), self._connection.max_outbound_frame_size)

    def send(self, stream: int, data: bytes, ends: bool) -> None:
        self._connection.send_data(stream, data, end_stream=ends)

    def reset(self, stream: int, code: Code) -> None:
        self._open.discard(stream)
        try:
            self._connection.reset_stream(stream, code)
        except H2Error:
            # It has ended meanwhile.
            return

    def ping(self) -> None:
        self._connection.ping(b"pushsvc?")

    def goAway(self, code: Code) -> None:
        try:
            self._connection.close_connection(code)
        except H2Error:
            # The library has said so already.
            return

    def toSend(self) -> bytes:
        return self._connection.data_to_send()


def _status(headers: Any) -> int:
    for name, value in headers:
        if name == b":status":
            return int(value)
    raise PeerMisbehaved("an answer without a status")
