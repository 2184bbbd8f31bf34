"""
Our own engine, and whatever bytes may come.
"""

import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import H2Error
from h2.settings import SettingCodes
from hpack import Encoder
from hyperframe.frame import ContinuationFrame, DataFrame, HeadersFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from pushsvc.httpclient.http2 import frames
from pushsvc.httpclient.http2.conversation import PATIENCE
from pushsvc.httpclient.http2.engine import Answered, Code, Data, Ended, GoneAway, PeerMisbehaved, Pong, Reset
from pushsvc.httpclient.http2.frames import frame, number
from pushsvc.httpclient.http2.h2engine import H2Engine
from pushsvc.httpclient.http2.ownengine import OwnEngine

HEADERS = [
    (b":method", b"POST"),
    (b":scheme", b"https"),
    (b":authority", b"push.example"),
    (b":path", b"/3/device/00"),
    (b"apns-topic", b"org.example"),
]
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


@settings(max_examples=400, deadline=None)
@given(st.booleans(), ANYTHING, CUTS)
def test_whateverComes(greets, data, sizes):
    """
    Whatever comes, nothing but the engine's own error leaves it; and how it is cut changes nothing.
    """
    data = GREETING * greets + data

    whole = told(opened(), [data])

    assert whole == told(opened(), cut(data, sizes))
    assert whole == told(opened(), cut(data, [1] * len(data)))
    events, error, said = whole
    ended = [event.stream for event in plain(events) if isinstance(event, (Ended, Reset))]
    assert len(ended) == len(set(ended))
    assert {event.stream for event in events if isinstance(event, (Answered, Data, Ended, Reset))} <= {1, 3, 5}
    if error is not None:
        assert said.endswith(frame(frames.GOAWAY, 0, 0, number(0) + number(error[1])))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200), CUTS)
def test_blocksOfAnything(block, sizes):
    """
    So it is for headers that nobody has written.
    """
    pieces = list(cut(block, sizes))
    came = [frame(frames.HEADERS, 1, 1, pieces[0])]
    came += [frame(frames.CONTINUATION, 0, 1, piece) for piece in pieces[1:]]
    came.append(frame(frames.CONTINUATION, 4, 1, b""))

    whole = told(opened(), [GREETING, frame(frames.HEADERS, 5, 1, block)])
    inFrames = told(opened(), [GREETING, *came])

    assert whole == inFrames


# One by one


HEADERS_OF_1 = frame(frames.HEADERS, 4, 1, b"\x88")
WHOLE = frame(frames.HEADERS, 5, 1, b"\x88")


@pytest.mark.parametrize(
    ("came", "code"),
    [
        (frame(frames.DATA, 0, 0, b"x"), Code.PROTOCOL_ERROR),
        (frame(frames.DATA, 0, 7, b"x"), Code.PROTOCOL_ERROR),
        (frame(frames.DATA, 0, 2, b"x"), Code.PROTOCOL_ERROR),
        (HEADERS_OF_1 + frame(frames.DATA, 8, 1, b"\x05abcd"), Code.PROTOCOL_ERROR),
        (HEADERS_OF_1 + frame(frames.DATA, 8, 1, b""), Code.FRAME_SIZE_ERROR),
        (b"\x00\x40\x01" + bytes(6), Code.FRAME_SIZE_ERROR),
        (frame(frames.HEADERS, 4, 0, b"\x88"), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 4, 7, b"\x88"), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 4, 2, b"\x88"), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 0x24, 1, b"abcd"), Code.FRAME_SIZE_ERROR),
        (frame(frames.HEADERS, 0x0C, 1, b"\x02\x88"), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 4, 1, b"\xbe"), Code.COMPRESSION_ERROR),
        (frame(frames.HEADERS, 4, 1, b"\x80"), Code.COMPRESSION_ERROR),
        (frame(frames.HEADERS, 4, 1, b"\x88\x20"), Code.COMPRESSION_ERROR),
        (frame(frames.HEADERS, 4, 1, b"\x88\x00\x01a\x81\xff"), Code.COMPRESSION_ERROR),
        (frame(frames.HEADERS, 4, 1, b"\x88\x00\x01a\x84" + b"\xff" * 4), Code.COMPRESSION_ERROR),
        (frame(frames.HEADERS, 4, 1, b"\x88\x7f" + b"\xff" * 16000), Code.COMPRESSION_ERROR),
        (frame(frames.HEADERS, 4, 1, b"\x3f\xe2\x1f\x88"), Code.COMPRESSION_ERROR),
        (frame(frames.HEADERS, 0, 1, b"\x88") + GREETING, Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 0, 1, b"\x88") + frame(0xAA, 0, 0), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 0, 1, b"\x88") + frame(frames.CONTINUATION, 4, 3), Code.PROTOCOL_ERROR),
        (frame(frames.CONTINUATION, 4, 1, b"\x88"), Code.PROTOCOL_ERROR),
        (frame(frames.PRIORITY, 0, 0, bytes(5)), Code.PROTOCOL_ERROR),
        (frame(frames.RST_STREAM, 0, 0, number(8)), Code.PROTOCOL_ERROR),
        (frame(frames.RST_STREAM, 0, 7, number(8)), Code.PROTOCOL_ERROR),
        (frame(frames.RST_STREAM, 0, 1, b"abc"), Code.FRAME_SIZE_ERROR),
        (frame(frames.SETTINGS, 0, 1), Code.PROTOCOL_ERROR),
        (frame(frames.SETTINGS, 1, 0, b"\0\3" + number(1)), Code.FRAME_SIZE_ERROR),
        (frame(frames.SETTINGS, 0, 0, b"abc"), Code.FRAME_SIZE_ERROR),
        (frame(frames.SETTINGS, 0, 0, b"\0\2" + number(1)), Code.PROTOCOL_ERROR),
        (frame(frames.SETTINGS, 0, 0, b"\0\4" + number(2**31)), Code.FLOW_CONTROL_ERROR),
        (frame(frames.SETTINGS, 0, 0, b"\0\5" + number(16383)), Code.PROTOCOL_ERROR),
        (frame(frames.SETTINGS, 0, 0, b"\0\5" + number(2**24)), Code.PROTOCOL_ERROR),
        (
            frame(frames.WINDOW_UPDATE, 0, 1, number(1)) + frame(frames.SETTINGS, 0, 0, b"\0\4" + number(2**31 - 1)),
            Code.FLOW_CONTROL_ERROR,
        ),
        (frame(frames.PUSH_PROMISE, 4, 1, number(2) + b"\x82"), Code.PROTOCOL_ERROR),
        (frame(frames.PING, 0, 1, bytes(8)), Code.PROTOCOL_ERROR),
        (frame(frames.PING, 0, 0, bytes(7)), Code.FRAME_SIZE_ERROR),
        (frame(frames.GOAWAY, 0, 1, bytes(8)), Code.PROTOCOL_ERROR),
        (frame(frames.GOAWAY, 0, 0, bytes(7)), Code.FRAME_SIZE_ERROR),
        (frame(frames.WINDOW_UPDATE, 0, 0, number(0)), Code.PROTOCOL_ERROR),
        (frame(frames.WINDOW_UPDATE, 0, 0, number(2**31 - 1)), Code.FLOW_CONTROL_ERROR),
        (frame(frames.WINDOW_UPDATE, 0, 7, number(1)), Code.PROTOCOL_ERROR),
        (frame(frames.WINDOW_UPDATE, 0, 1, b"abc"), Code.FRAME_SIZE_ERROR),
    ],
)
def test_whatEndsTheConnection(came, code):
    """
    What has no place on any connection ends this one, and the other side is told why. Nothing is taken after that.
    """
    engine = opened()

    _, error, said = told(engine, [GREETING, came])

    assert error is not None
    assert code == error[1]
    assert said.endswith(frame(frames.GOAWAY, 0, 0, number(0) + number(code)))
    with pytest.raises(PeerMisbehaved):
        engine.received(WHOLE)


@pytest.mark.parametrize("came", [frame(frames.PING, 0, 0, bytes(8)), frame(frames.SETTINGS, 1, 0), WHOLE])
def test_whoeverDoesNotGreet(came):
    """
    The other side says its settings before anything else.
    """
    assert ("no greeting", Code.PROTOCOL_ERROR) == told(opened(), [came])[1]


def literal(*headers):
    """
    A block.
    """
    return Encoder().encode(headers, huffman=False)


OK = (b":status", b"200")


@pytest.mark.parametrize(
    ("came", "code"),
    [
        (frame(frames.DATA, 0, 1, b"x"), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, b""), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal((b"a", b"b"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal((b"a", b"b"), OK)), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, OK)), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b":path", b"/"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal((b":status", b"2xx"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal((b":status", b"099"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal((b":status", b"2000"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"a", b"b "))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"a", b"\tb"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"a", b" "))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"a", b"b\0c"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal((b":status", b"101"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal((b":status", b"103"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"A", b"b"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"", b"b"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"a b", b"b"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"a", b"b\r\nc: d"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"a", b" b"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"connection", b"close"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"content-length", b"1"))), Code.PROTOCOL_ERROR),
        (frame(frames.HEADERS, 5, 1, literal(OK, (b"content-length", b"-1"))), Code.PROTOCOL_ERROR),
        (HEADERS_OF_1 + HEADERS_OF_1, Code.PROTOCOL_ERROR),
        (HEADERS_OF_1 + frame(frames.HEADERS, 4, 1, literal((b"a", b"b"))), Code.PROTOCOL_ERROR),
        (HEADERS_OF_1 + WHOLE, Code.PROTOCOL_ERROR),
        (
            frame(frames.HEADERS, 4, 1, literal(OK, (b"content-length", b"1"))) + frame(frames.DATA, 1, 1, b"ab"),
            Code.PROTOCOL_ERROR,
        ),
        (
            frame(frames.HEADERS, 4, 1, literal(OK, (b"content-length", b"3"))) + frame(frames.DATA, 1, 1, b"ab"),
            Code.PROTOCOL_ERROR,
        ),
        (frame(frames.WINDOW_UPDATE, 0, 1, number(0)), Code.PROTOCOL_ERROR),
        (frame(frames.WINDOW_UPDATE, 0, 1, number(2**31 - 1)), Code.FLOW_CONTROL_ERROR),
        (frame(frames.PRIORITY, 0, 1, b"abc"), Code.FRAME_SIZE_ERROR),
    ],
)
def test_whatEndsTheStream(came, code):
    """
    What has no place in an answer ends its stream, and nothing else.
    """
    engine = opened()

    events, error, said = told(engine, [GREETING, came])

    assert error is None
    assert Reset(1, code) == events[-1]
    assert said.endswith(frame(frames.RST_STREAM, 0, 1, number(code)))
    again = frame(frames.HEADERS, 5, 3, b"\x88")
    assert [Answered(3, 200, [OK], True)] == engine.received(frame(frames.DATA, 0, 1, b"late") + again)
    assert b"" == engine.toSend()


def test_afterItsEnd():
    """
    What comes on a stream that has ended is refused, and nobody hears of it; a window that opens there is nothing.
    """
    engine = opened()
    engine.received(GREETING + WHOLE)
    engine.toSend()

    assert [] == engine.received(frame(frames.WINDOW_UPDATE, 0, 1, number(5)) + frame(frames.DATA, 0, 1, b"x"))
    assert frame(frames.RST_STREAM, 0, 1, number(Code.STREAM_CLOSED)) == engine.toSend()


def test_statusesOfTheFuture():
    """
    A status of no class that we know is an answer, and not a good one (RFC 9110, 15).
    """
    came = [GREETING, frame(frames.HEADERS, 5, 1, literal((b":status", b"999")))]

    assert [Answered(1, 999, [(b":status", b"999")], True)] == told(opened(), came)[0][1:]


def test_lengthsOfWhatIsNotThere():
    """
    The answer to HEAD has the length of what it leaves out.
    """
    engine = OwnEngine()
    stream = engine.open([(b":method", b"HEAD"), *HEADERS[1:]], True)
    block = literal(OK, (b"content-length", b"5"))

    events = engine.received(GREETING + frame(frames.HEADERS, 5, stream, block))

    assert events[-1].ends


def test_whatNobodyKnows():
    """
    Frames and settings of the future mean nothing.
    """
    engine = opened()

    setting = frame(frames.SETTINGS, 0, 0, b"\xaa\xaa1234")

    events, error, _ = told(engine, [GREETING, frame(0xAA, 0xFF, 7, b"x"), setting])

    assert error is None
    assert 2 == len(events)


def test_headersWithoutEnd():
    """
    Headers that go on and on are not waited for, even if there is nothing in them.
    """
    came = [GREETING, frame(frames.HEADERS, 0, 1, b"\x88")] + [frame(frames.CONTINUATION, 0, 1)] * 3000

    assert Code.ENHANCE_YOUR_CALM == told(opened(), came)[1][1]


def test_headersThatGrow():
    """
    So it is for headers that are few bytes on the wire and many in memory.
    """
    block = b"\x88\x40\x01a\x7f\xa1\x1e" + b"x" * 4000 + b"\xbe" * 100

    assert Code.ENHANCE_YOUR_CALM == told(opened(), [GREETING, frame(frames.HEADERS, 4, 1, block)])[1][1]


INFORMS = frame(frames.HEADERS, 4, 1, b"\x08\x03103")


@pytest.mark.parametrize(
    "came",
    [
        frame(frames.PING, 0, 0, bytes(8)),
        frame(frames.PING, 1, 0, bytes(8)),
        frame(frames.SETTINGS, 0, 0, b"\0\4" + number(1)),
        frame(frames.SETTINGS, 1, 0),
        frame(frames.WINDOW_UPDATE, 0, 0, number(1)),
        frame(frames.PRIORITY, 0, 1, bytes(5)),
        frame(frames.RST_STREAM, 0, 5, number(8)),
        frame(frames.GOAWAY, 0, 0, number(5) + number(0)),
        frame(0xAA, 0, 0),
        HEADERS_OF_1 + frame(frames.DATA, 0, 1) * 10,
        INFORMS,
        WHOLE + frame(frames.DATA, 0, 1, b"x"),
        HEADERS_OF_1 * 2,
        frame(frames.HEADERS, 4, 1, literal(OK, (b"A", b"b"))),
    ],
)
def test_muchThatLeadsToNothing(came):
    """
    Whoever says more and more that brings no answer on only wants to keep us busy, and is left.
    """
    engine = opened()

    _, error, said = told(engine, [GREETING, *[came * 100] * (PATIENCE // 50)])

    assert error is not None
    assert Code.ENHANCE_YOUR_CALM == error[1]
    assert said.endswith(frame(frames.GOAWAY, 0, 0, number(0) + number(Code.ENHANCE_YOUR_CALM)))


def test_muchThatIsUsual():
    """
    Signs of life, one by one, are taken for years; and so is what goes with the answers to many requests.
    """
    engine = opened()
    ping = frame(frames.PING, 0, 0, bytes(8))

    lonely = told(engine, [GREETING, *[ping] * (PATIENCE + 100)])
    assert lonely[1] is None
    for _ in range(PATIENCE // 4):
        stream = engine.open(HEADERS, True)
        windows = frame(frames.WINDOW_UPDATE, 0, 0, number(9)) + frame(frames.WINDOW_UPDATE, 0, stream, number(9))
        came = windows + frame(frames.SETTINGS, 0, 0) + ping * 3 + frame(frames.HEADERS, 5, stream, b"\x88")
        assert engine.received(came)[-1].ends


def test_windowsOfOurs():
    """
    Answers may be as large as they like, as long as they wait for us; whoever sends more loses the stream.
    """
    engine = opened()
    engine.received(GREETING + HEADERS_OF_1)
    engine.toSend()
    piece = frame(frames.DATA, 0, 1, bytes(16_000))

    engine.received(piece * 3)
    assert frame(frames.WINDOW_UPDATE, 0, 1, number(48_000)) == engine.toSend()
    *_, last = engine.received(piece * 5)
    assert Reset(1, Code.FLOW_CONTROL_ERROR) != last

    waits = OwnEngine()
    waits._conversation.allowed._left = 10
    waits.open(HEADERS, True)
    with pytest.raises(PeerMisbehaved) as raised:
        waits.received(GREETING + HEADERS_OF_1 + frame(frames.DATA, 0, 1, bytes(11)))
    assert Code.FLOW_CONTROL_ERROR == raised.value.code


def test_farewellsAreNotTakenBack():
    """
    What was disowned is asked elsewhere: a later farewell cannot disown less.
    """
    engine = opened()

    events = engine.received(GREETING + b"".join(frame(7, 0, 0, number(n) + number(2) + b"x") for n in (5, 1, 3)))

    assert [GoneAway(5, 2, b"x"), GoneAway(1, 2, b"x"), GoneAway(1, 2, b"x")] == events[1:]


def test_beforeItHasHeardOfOurWish():
    """
    We ask for a table of no size. What the other side puts into one before it has heard of that is understood.
    """
    engine = opened()
    encoder = Encoder()
    answer = [OK, (b"server", b"apns")]
    first, second = encoder.encode(answer), encoder.encode(answer)
    encoder.header_table_size = 0
    third = encoder.encode(answer)
    assert len(second) < len(first)

    came = b"".join(frame(frames.HEADERS, 5, 2 * n + 1, block) for n, block in enumerate((first, second, third)))

    happened = engine.received(GREETING + came)
    assert [answer] * 3 == [event.headers for event in happened if isinstance(event, Answered)]


# Against h2


class Server:
    """
    h2 as a server, with what it says kept until it is asked for.
    """

    def __init__(self):
        self.h2 = H2Connection(H2Configuration(client_side=False, header_encoding=None))
        self.h2.initiate_connection()
        self.requests = {}
        self.bodies = {}
        self.begun = set()

    def hears(self, data):
        for event in self.h2.receive_data(data):
            name = type(event).__name__
            if name == "RequestReceived":
                self.requests[event.stream_id] = [tuple(header) for header in event.headers]
                self.bodies[event.stream_id] = b""
            elif name == "DataReceived":
                self.bodies[event.stream_id] += event.data
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)

    def tries(self, do):
        try:
            do()
        except (H2Error, KeyError, ValueError):
            return

    def does(self, what, a, b, text):
        h2 = self.h2
        stream = sorted(self.requests)[a % len(self.requests)]
        if what in ("say", "trailers") and stream not in self.begun:
            # h2 would let a server do that.
            return
        if what == "answer":
            self.begun.add(stream)
            more = [(b"x-text", text), (b"apns-id", b"%d" % a)][: b % 3]
            status = (b"200", b"410", b"503")[b % 3]
            self.tries(lambda: h2.send_headers(stream, [(b":status", status), *more], end_stream=b % 2 == 0))
        elif what == "inform":
            self.tries(lambda: h2.send_headers(stream, [(b":status", b"103"), (b"link", text)]))
        elif what == "say":
            self.tries(lambda: h2.send_data(stream, text * b, end_stream=a % 3 == 0, pad_length=b if a % 2 else None))
        elif what == "trailers":
            self.tries(lambda: h2.send_headers(stream, [(b"x-after", text)], end_stream=True))
        elif what == "reset":
            self.tries(lambda: h2.reset_stream(stream, ErrorCodes.INTERNAL_ERROR))
        elif what == "ping":
            self.tries(lambda: h2.ping(b"%08d" % a))
        elif what == "window":
            self.tries(lambda: h2.increment_flow_control_window(b + 1, stream if a % 2 else None))
        elif what == "settings":
            values = ({SettingCodes.INITIAL_WINDOW_SIZE: b * 50}, {SettingCodes.MAX_CONCURRENT_STREAMS: b})
            self.tries(lambda: h2.update_settings(values[a % 2]))


DOES = ("answer", "answer", "say", "say", "inform", "trailers", "reset", "ping", "window", "settings")
TEXTS = st.sampled_from([b"", b"x", b"org.example", b"a longer text of some words", b"\xc3\xa4"])
SCRIPT = st.lists(st.tuples(st.sampled_from(DOES), st.integers(0, 9), st.integers(0, 60), TEXTS), max_size=25)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.integers(0, 3000)), min_size=1, max_size=8), SCRIPT, CUTS)
def test_asH2UnderstandsIt(requests, script, sizes):
    """
    What we ask is what h2 hears as a server, and of what it says we hear the same as h2 does as a client.
    """
    server, own, other = Server(), OwnEngine(), H2Engine()
    asked = {}
    for engine in (own, other):
        engine.start()
    server.hears(own.toSend())
    greeting = server.h2.data_to_send()
    own.received(greeting)
    other.received(greeting)
    for text, size in requests:
        headers = [*HEADERS, (b"x-text", text), (b"content-length", b"%d" % size)]
        stream = own.open(headers, not size)
        assert stream == other.open(headers, not size)
        for engine in (own, other):
            if size:
                engine.send(stream, bytes(size), True)
        asked[stream] = headers, bytes(size)
    server.hears(own.toSend())
    assert {stream: headers for stream, (headers, _) in asked.items()} == server.requests
    assert {stream: body for stream, (_, body) in asked.items()} == server.bodies

    for what, a, b, text in script:
        server.does(what, a, b, text)
    said = server.h2.data_to_send()

    ours = told(own, cut(said, sizes))
    theirs = told(other, [said])
    assert theirs[1] is None
    assert ours[1] is None
    assert plain(theirs[0]) == plain(ours[0])
    assert (other.window, other.limit) == (own.window, own.limit)
    server.hears(ours[2])


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


@settings(max_examples=300, deadline=None)
@given(ANYTHING)
def test_ofWhatBothTake(data):
    """
    Whatever comes: where neither of the two ends the connection, we hear the same as h2, stream by stream, unless we
    have given that one up.
    """
    ours, theirs = told(opened(), [GREETING, data]), told(opened(H2Engine), [GREETING, data])

    for stream in (1, 3, 5) if ours[1] is theirs[1] is None else ():
        heard, expected = ([e for e in plain(of[0]) if getattr(e, "stream", 0) == stream] for of in (ours, theirs))
        assert heard == expected or (isinstance(heard[-1], Reset) and heard[:-1] == expected[: len(heard) - 1])


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(0, 200), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 40)), max_size=20),
    st.integers(0, 40),
)
def test_withinTheirWindows(sizes, moves, window):
    """
    Bodies never exceed what h2 allows as a server, whatever it does to its windows meanwhile, and arrive whole.
    """
    server, engine = Server(), OwnEngine()
    server.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: window})
    engine.start()

    def exchange():
        for _ in range(3):
            server.hears(engine.toSend())
            engine.received(server.h2.data_to_send())

    exchange()
    left = {}
    for size in sizes:
        stream = engine.open(HEADERS, not size)
        if size:
            left[stream] = size

    def push():
        for stream in list(left):
            while stream in left and (room := engine.room(stream)) > 0:
                part = min(room, left[stream])
                left[stream] -= part
                engine.send(stream, b"x" * part, not left[stream])
                if not left[stream]:
                    del left[stream]
        exchange()

    for a, b in moves:
        if a % 3 == 0:
            server.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: b})
        push()
    server.h2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: 1000})
    for _ in range(4):
        push()

    assert sizes == [len(server.bodies[stream]) for stream in sorted(server.bodies)]


def test_fewFramesOfHyperframe():
    """
    Frames as others write them, with padding and priority, are put together.
    """
    engine = opened()
    first = HeadersFrame(1, b"\x88", flags=["PADDED", "PRIORITY"], pad_length=9, depends_on=3)
    rest = ContinuationFrame(1, b"\x00\x01a\x01b", flags=["END_HEADERS"])
    body = DataFrame(1, b"body", flags=["PADDED", "END_STREAM"], pad_length=3)

    happened = engine.received(GREETING + b"".join(each.serialize() for each in (first, rest, body)))

    assert [Answered(1, 200, [OK, (b"a", b"b")]), Data(1, b"body"), Ended(1)] == happened[1:]
