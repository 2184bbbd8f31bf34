"""
The framing, and what it makes good for the libraries that it uses.
"""

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ResponseReceived
from hpack import Decoder, Encoder
from hyperframe.frame import GoAwayFrame, PingFrame, SettingsFrame
from hypothesis import given
from hypothesis import strategies as st
from zope.interface.verify import verifyObject

from pushsvc.httpclient.http2.engine import GoneAway, IEngine, PeerMisbehaved
from pushsvc.httpclient.http2.goaways import GoawaySplitter
from pushsvc.httpclient.http2.h2engine import H2Engine

HEADERS = [
    (b":method", b"POST"),
    (b":scheme", b"https"),
    (b":authority", b"push.example"),
    (b":path", b"/3/device/00"),
    (b"apns-topic", b"org.example"),
    (b"authorization", b"bearer secret"),
]


def settings(**values):
    """
    A SETTINGS frame.
    """
    return SettingsFrame(0, settings={getattr(SettingsFrame, name): value for name, value in values.items()})


def test_interface():
    """
    It is an engine.
    """
    assert verifyObject(IEngine, H2Engine())


@given(st.lists(st.sampled_from(["ping", "goaway"]), max_size=8), st.data())
def test_goawaysAreCutOut(kinds, data):
    """
    However the bytes come, GOAWAYs are taken out where they stand, and everything else is left as it is.
    """
    frames = [
        PingFrame(0, b"%08d" % n) if kind == "ping" else GoAwayFrame(0, n, n, b"x" * n) for n, kind in enumerate(kinds)
    ]
    raw = b"".join(frame.serialize() for frame in frames)
    splitter = GoawaySplitter()
    parts = []
    while raw:
        size = data.draw(st.integers(1, len(raw)))
        parts += splitter.split(raw[:size])
        raw = raw[size:]

    left = [part for part in parts if isinstance(part, bytes)]
    assert b"".join(frame.serialize() for frame in frames if isinstance(frame, PingFrame)) == b"".join(left)
    gone = [GoneAway(n, n, b"x" * n) for n, kind in enumerate(kinds) if kind == "goaway"]
    assert gone == [part for part in parts if isinstance(part, GoneAway)]


def test_framesThatAreTooLarge():
    """
    A frame that is too large is refused as soon as it says so.
    """
    with pytest.raises(PeerMisbehaved):
        list(GoawaySplitter().split(b"\x00\x40\x01\x00\x00\x00\x00\x00\x01"))


def test_goawaysOfStreams():
    """
    What says of itself that it is a stream's is not taken for the connection's, and ends it.
    """
    engine = H2Engine()
    engine.start()
    ofStream = b"\x00\x00\x08\x07\x00\x00\x00\x00\x01" + bytes(8)

    with pytest.raises(PeerMisbehaved):
        engine.received(SettingsFrame(0).serialize() + ofStream)


def test_whatDiffersIsNotIndexed():
    """
    Paths and credentials do not drive what repeats itself out of the compression's table.
    """
    engine = H2Engine()
    engine.start()
    engine.received(settings(HEADER_TABLE_SIZE=4096).serialize())

    for n in range(100):
        engine.open([*HEADERS[:3], (b":path", b"/3/device/%064x" % n), *HEADERS[4:]], True)

    table = engine._connection.encoder.header_table.dynamic_entries
    assert [(b"apns-topic", b"org.example"), (b":authority", b"push.example")] == list(table)


@pytest.mark.parametrize("sizes", [(0,), (0, 0), (0, 4096), (100, 0), (65536,), (0, 65536, 100), (65536, 0, 65536)])
def test_tableSizes(sizes):
    """
    Whatever the other side says about its table, and how often, it can read what comes next.
    """
    engine = H2Engine()
    engine.start()
    engine.toSend()
    engine.open(HEADERS, True)
    decoder = Decoder()
    decoder.decode(engine.toSend()[9:])

    for size in sizes:
        engine.received(settings(HEADER_TABLE_SIZE=size).serialize())
    decoder.max_allowed_table_size = sizes[-1]
    engine.toSend()
    engine.open(HEADERS, True)

    block = engine.toSend()[9:]
    assert HEADERS == [tuple(header) for header in decoder.decode(block, raw=True)]
    assert engine._connection.encoder.header_table_size <= 4096


def test_manyStreams():
    """
    Streams that ended are forgotten.
    """
    engine = H2Engine()
    engine.start()
    server = H2Connection(H2Configuration(client_side=False))
    server.initiate_connection()
    for _ in range(1000):
        stream = engine.open(HEADERS, True)
        server.receive_data(engine.toSend())
        server.send_headers(stream, [(":status", "200")], end_stream=True)
        engine.received(server.data_to_send())

    assert len(engine._connection.streams) < 200
    assert not engine._open


@pytest.mark.xfail(strict=True, reason="python-hyper/h2 issue 1181")
def test_COMPAT_answersAfterGoaway():
    """
    h2 takes answers that come after a GOAWAY.
    """
    client, server = H2Connection(), H2Connection(H2Configuration(client_side=False))
    client.initiate_connection()
    server.initiate_connection()
    client.send_headers(1, HEADERS, end_stream=True)
    server.receive_data(client.data_to_send())
    server.send_headers(1, [(":status", "200")], end_stream=True)

    happened = client.receive_data(GoAwayFrame(0, 1).serialize() + server.data_to_send())

    assert any(isinstance(event, ResponseReceived) for event in happened)


@pytest.mark.xfail(strict=True, reason="hpack tells of no change when the same size is set once more")
def test_COMPAT_tableSizeTwice():
    """
    hpack tells of a change that was made twice.
    """
    encoder, decoder = Encoder(), Decoder()
    encoder.header_table_size = encoder.header_table_size = 0
    decoder.max_allowed_table_size = 0

    decoder.decode(encoder.encode([(b"a", b"b")]))


@pytest.mark.xfail(strict=True, reason="hpack tells of every change, even of sizes that are too large by now")
def test_COMPAT_tableSizeSmallerAndSmaller():
    """
    hpack tells only of sizes that are allowed.
    """
    encoder, decoder = Encoder(), Decoder()
    encoder.header_table_size = 100
    encoder.header_table_size = decoder.max_allowed_table_size = 0

    decoder.decode(encoder.encode([(b"a", b"b")]))
