"""
Our own engine, and h2: what the one says, the other understands.
"""

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.errors import ErrorCodes
from h2.exceptions import H2Error
from h2.settings import SettingCodes
from hyperframe.frame import ContinuationFrame, DataFrame, HeadersFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from pushsvc.httpclient.http2.engine import Answered, Data, Ended, Reset
from pushsvc.httpclient.http2.h2engine import H2Engine
from pushsvc.httpclient.http2.ownengine import OwnEngine
from tests.httpclient.http2.wiresupport import ANYTHING, CUTS, GREETING, HEADERS, OK, cut, opened, plain, told


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
