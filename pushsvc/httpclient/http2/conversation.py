"""
What both sides have said so far on one connection (RFC 9113, 5): which streams there are, and what they may carry.
"""

from collections import OrderedDict

from pushsvc.httpclient.http2 import frames
from pushsvc.httpclient.http2.compression import Compressor
from pushsvc.httpclient.http2.engine import Code, Event, PeerMisbehaved, Reset
from pushsvc.httpclient.http2.flow import Allowed
from pushsvc.httpclient.http2.frames import frame, number
from pushsvc.httpclient.http2.settings import WINDOW, Settings
from pushsvc.httpclient.http2.streamstate import StreamState

# Bytes of all answers together that may be on their way to us, beyond those that are allowed anyway.
MORE = 2**24
# Streams that we gave up, of which something may still be on its way.
_MOST_GIVEN_UP = 1000
# Frames that bring no answer on: so many are heard out, and so many more for each stream. Each is a few bytes, and may
# cost us something for every stream that is open.
PATIENCE = 10_000
_PATIENCE_OF_STREAM = 32


class Conversation:
    """
    Known to those who speak and to those who listen.

    :ivar window: bytes of bodies that may be sent.
    :ivar allowed: bytes of answers that we take.
    :ivar settings: what the other side asks.
    :ivar streams: those that have not ended on both sides.
    :ivar next: the number of the next one.
    :ivar happened: what was heard.
    :ivar out: what is to be said.
    """

    def __init__(self, firstStream: int) -> None:
        self.window = WINDOW
        self.allowed = Allowed(WINDOW + MORE)
        self.settings = Settings()
        self.compressor = Compressor()
        self.streams: dict[int, StreamState] = {}
        self.next = firstStream
        self.happened: list[Event] = []
        self.out: list[bytes] = []
        self._givenUp: OrderedDict[int, None] = OrderedDict()
        self._first = firstStream
        self._endured = 0

    def write(self, kind: int, flags: int, stream: int, content: bytes = b"") -> None:
        """
        Say something.
        """
        self.out.append(frame(kind, flags, stream, content))

    def endure(self) -> None:
        """
        Something came that brings no answer on.

        :raises PeerMisbehaved: that is too often.
        """
        self._endured += 1
        opened = (self.next - self._first) // 2
        if self._endured > PATIENCE + _PATIENCE_OF_STREAM * opened:
            raise PeerMisbehaved("much that leads to nothing", code=Code.ENHANCE_YOUR_CALM)

    def mustBeOurs(self, stream: int) -> None:
        """
        Only we open streams.

        :raises PeerMisbehaved: this one was never opened.
        """
        if not stream & 1 or stream >= self.next:
            raise PeerMisbehaved("a stream that nobody has opened")

    def ended(self, stream: int, state: StreamState) -> None:
        """
        The answer is whole.
        """
        if state.isSent:
            del self.streams[stream]

    def fail(self, stream: int, code: Code) -> None:
        """
        What came on a stream has no place there.
        """
        state = self.streams.pop(stream, None)
        if state is not None and not state.isEnded:
            self.happened.append(Reset(stream, code))
        # What was on its way when we gave it up is nobody's fault.
        if stream not in self._givenUp:
            self.giveUp(stream, code)

    def giveUp(self, stream: int, code: Code) -> None:
        """
        Say that nothing more is wanted.
        """
        self.write(frames.RST_STREAM, 0, stream, number(code))
        self._givenUp[stream] = None
        if len(self._givenUp) > _MOST_GIVEN_UP:
            self._givenUp.popitem(last=False)

    def farewell(self, code: Code) -> None:
        """
        Say that the connection ends. The other side has never opened a stream.
        """
        self.write(frames.GOAWAY, 0, 0, number(0) + number(code))
