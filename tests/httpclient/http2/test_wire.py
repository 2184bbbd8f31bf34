"""
Our own engine, and whatever bytes may come.
"""

import pytest
from hpack import Encoder
from hypothesis import given, settings
from hypothesis import strategies as st

from pushsvc.httpclient.http2 import frames
from pushsvc.httpclient.http2.conversation import PATIENCE
from pushsvc.httpclient.http2.engine import Answered, Code, Data, Ended, GoneAway, PeerMisbehaved, Reset
from pushsvc.httpclient.http2.frames import frame, number
from pushsvc.httpclient.http2.ownengine import OwnEngine
from tests.httpclient.http2.wiresupport import ANYTHING, CUTS, GREETING, HEADERS, OK, cut, opened, plain, told


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
