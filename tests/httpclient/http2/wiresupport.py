"""
What tests of our own engine say often: a conversation that has begun, and whatever bytes may come in it.
"""

from hypothesis import strategies as st

from pushsvc.httpclient.http2 import frames
from pushsvc.httpclient.http2.engine import Answered, Ended, PeerMisbehaved, Pong
from pushsvc.httpclient.http2.frames import frame, number
from pushsvc.httpclient.http2.ownengine import OwnEngine

HEADERS = [
    (b":method", b"POST"),
    (b":scheme", b"https"),
    (b":authority", b"push.example"),
    (b":path", b"/3/device/00"),
    (b"apns-topic", b"org.example"),
]
OK = (b":status", b"200")
GREETING = frame(frames.SETTINGS, 0, 0)

# What comes: numbers and sizes where something might be wrong with them, blocks that mean something and blocks that
# do not, and no frames at all.
KINDS = st.one_of(st.integers(0, 9), st.integers(0, 255))
FLAGS = st.one_of(st.sampled_from([0, 1, 4, 5, 8, 9, 12, 0x20, 0x2D]), st.integers(0, 255))
STREAMS = st.sampled_from([0, 1, 3, 5, 2, 7, 9, 2**31 - 1, 2**31 + 1])
NUMBERS = st.sampled_from([0, 1, 100, 16384, 65535, 2**24, 2**31 - 1, 2**31, 2**32 - 1])
BLOCKS = st.sampled_from(
    [
        b"\x88",
        b"\x8d",
        b"\x20\x88",
        b"\x3f\xe1\x1f\x88",
        b"\x88\x40\x01a\x01b",
        b"\x88\xbe",
        b"\x08\x03103",
        b"\x88\x0f\x0d\x011",
        b"\x88\x0f\x0d\x010",
        b"\x00\x01a\x01b",
        b"\x88\x00\x01A\x01b",
        b"\x88\x88",
        b"\x80",
        b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x7f",
        b"\x88\x00\x81\xff\x01b",
    ]
)
CONTENTS = st.one_of(
    st.binary(max_size=40),
    BLOCKS,
    NUMBERS.map(number),
    st.tuples(NUMBERS, NUMBERS, st.binary(max_size=5)).map(lambda of: number(of[0]) + number(of[1]) + of[2]),
    st.tuples(st.integers(0, 8), NUMBERS).map(lambda of: of[0].to_bytes(2, "big") + number(of[1])),
    st.tuples(st.integers(0, 255), BLOCKS, st.integers(0, 10)).map(lambda of: bytes([of[0]]) + of[1] + bytes(of[2])),
)
FRAMES = st.builds(frame, KINDS, FLAGS, STREAMS, CONTENTS)
ANYTHING = st.lists(st.one_of(FRAMES, FRAMES, FRAMES, st.binary(max_size=30)), max_size=12).map(b"".join)
CUTS = st.lists(st.integers(1, 50), max_size=30)


def opened(engine=OwnEngine):
    """
    An engine with streams 1 and 5 that have said everything, and 3, which has not.
    """
    made = engine()
    made.start()
    for ends in (True, False, True):
        made.open(HEADERS, ends)
    return made


def told(engine, pieces):
    """
    What an engine makes of what comes: events, what ended it, and what it says.
    """
    events, error = [], None
    for piece in pieces:
        try:
            events += engine.received(piece)
        except PeerMisbehaved as e:
            events += e.before
            error = str(e), e.code
            break
    return events, error, engine.toSend()


def cut(data, sizes):
    """
    The same in pieces.
    """
    for size in sizes:
        yield data[:size]
        data = data[size:]
    yield data


def plain(events):
    """
    Events without what the engines tell in different words.
    """
    told = []
    for event in events:
        if isinstance(event, Answered):
            headers = [(bytes(name), bytes(value)) for name, value in event.headers]
            told.append(Answered(event.stream, event.status, headers))
            if event.ends:
                told.append(Ended(event.stream))
        elif not isinstance(event, Pong):
            told.append(event)
    return told
