"""
What the other side says (RFC 9113, 6 and 8).

What has no place on a stream ends that stream; what has none on the connection, or leaves no way to go on, ends it all.
"""

from collections.abc import Callable, Sequence

from pushsvc.httpclient.http2 import frames
from pushsvc.httpclient.http2.conversation import Conversation
from pushsvc.httpclient.http2.engine import (
    Answered,
    Changed,
    Code,
    Data,
    Ended,
    Event,
    GoneAway,
    PeerMisbehaved,
    Pong,
    Reset,
)
from pushsvc.httpclient.http2.fields import LARGEST_LIST, Decompressor, Malformed
from pushsvc.httpclient.http2.frames import (
    ACK,
    END_HEADERS,
    END_STREAM,
    MOST,
    PADDED,
    PRIORITIZED,
    Frames,
    mustBeOfTheConnection,
    mustHave,
    number,
    numberAt,
    unwrapped,
)
from pushsvc.httpclient.http2.streamstate import StreamError

# What each frame of a block of headers counts beyond its bytes: a block has an end, though its frames may be empty.
_CONTINUED = 32
_PING_LENGTH = 8


class Hearing:
    """
    Reads frames, and keeps what they change.
    """

    def __init__(self, said: Conversation) -> None:
        self._said = said
        self._frames = Frames()
        self._decompressor = Decompressor()
        self._last = MOST
        # Headers that go on: stream, flags, and what came; what that counts.
        self._block: tuple[int, int, list[bytes]] | None = None
        self._blockSize = 0
        self._isGreeted = self._isBroken = False

    def received(self, data: bytes) -> Sequence[Event]:
        """
        As `IEngine.received`.
        """
        if self._isBroken:
            raise PeerMisbehaved("there is no connection any more")
        happened = self._said.happened = []
        # What comes alone may come for years: that is how connections are kept alive.
        isFirst = True
        try:
            for kind, flags, stream, content in self._frames.read(data):
                if self._block is not None and kind != frames.CONTINUATION:
                    raise PeerMisbehaved("headers that do not go on")
                if not self._isGreeted and (kind != frames.SETTINGS or flags & ACK):
                    raise PeerMisbehaved("no greeting")
                if kind > frames.HEADERS:
                    if not isFirst:
                        self._said.endure()
                    isFirst = False
                take = _TAKES.get(kind)
                if take is not None:
                    take(self, flags, stream, content)
        except PeerMisbehaved as e:
            self._isBroken = True
            self._said.out.clear()
            self._said.farewell(e.code)
            raise PeerMisbehaved(str(e), happened, e.code) from None
        return happened

    def _takeHeaders(self, flags: int, stream: int, content: bytes) -> None:
        self._said.mustBeOurs(stream)
        if flags & (PADDED | PRIORITIZED):
            content = unwrapped(frames.HEADERS, flags, content)
        if flags & END_HEADERS:
            self._takeBlock(flags, stream, content)
        else:
            self._block = stream, flags, [content]
            self._blockSize = len(content) + _CONTINUED

    def _takeContinuation(self, flags: int, stream: int, content: bytes) -> None:
        if self._block is None or self._block[0] != stream:
            raise PeerMisbehaved("headers go on that never began")
        _, first, pieces = self._block
        pieces.append(content)
        self._blockSize += len(content) + _CONTINUED
        if self._blockSize > LARGEST_LIST:
            raise PeerMisbehaved("headers without end", code=Code.ENHANCE_YOUR_CALM)
        if flags & END_HEADERS:
            self._block = None
            self._takeBlock(first, stream, b"".join(pieces))

    def _takeBlock(self, flags: int, stream: int, block: bytes) -> None:
        # Whoever it is for: it may say something about those that follow.
        try:
            fields = self._decompressor.read(block)
        except Malformed:
            self._said.endure()
            self._said.fail(stream, Code.PROTOCOL_ERROR)
            return
        state = self._said.streams.get(stream)
        if state is None or state.isEnded:
            self._said.endure()
            self._said.fail(stream, Code.STREAM_CLOSED)
            return
        ends = bool(flags & END_STREAM)
        try:
            begins = state.fields(fields, ends)
        except StreamError as e:
            self._said.fail(stream, e.code)
            return
        if begins:
            assert fields.status is not None
            self._said.happened.append(Answered(stream, fields.status, fields.headers, ends))
        elif ends:
            self._said.happened.append(Ended(stream))
        else:
            self._said.endure()
        if ends:
            self._said.ended(stream, state)

    def _takeData(self, flags: int, stream: int, content: bytes) -> None:
        self._said.mustBeOurs(stream)
        framed = len(content)
        if back := self._said.allowed.took(framed):
            self._said.write(frames.WINDOW_UPDATE, 0, 0, number(back))
        if self._said.allowed.isOverrun:
            raise PeerMisbehaved("more than the window holds", code=Code.FLOW_CONTROL_ERROR)
        if flags & PADDED:
            content = unwrapped(frames.DATA, flags, content)
        state = self._said.streams.get(stream)
        if state is None or state.isEnded:
            self._said.endure()
            self._said.fail(stream, Code.STREAM_CLOSED)
            return
        ends = bool(flags & END_STREAM)
        if not content and not ends:
            self._said.endure()
        try:
            back = state.data(framed, len(content), ends)
        except StreamError as e:
            self._said.fail(stream, e.code)
            return
        if content:
            self._said.happened.append(Data(stream, content))
        if ends:
            self._said.happened.append(Ended(stream))
            self._said.ended(stream, state)
        elif back:
            self._said.write(frames.WINDOW_UPDATE, 0, stream, number(back))

    def _takeReset(self, flags: int, stream: int, content: bytes) -> None:
        mustHave(content, 4)
        self._said.mustBeOurs(stream)
        state = self._said.streams.pop(stream, None)
        if state is not None and not state.isEnded:
            self._said.happened.append(Reset(stream, numberAt(content)))

    def _takeWindowUpdate(self, flags: int, stream: int, content: bytes) -> None:
        mustHave(content, 4)
        more = numberAt(content) & MOST
        if not stream:
            if not more:
                raise PeerMisbehaved("a window opens by nothing")
            self._said.window += more
            if self._said.window > MOST:
                raise PeerMisbehaved("a window that is too large", code=Code.FLOW_CONTROL_ERROR)
            return
        self._said.mustBeOurs(stream)
        state = self._said.streams.get(stream)
        if state is None:
            return
        state.window += more
        if not more:
            self._said.fail(stream, Code.PROTOCOL_ERROR)
        elif state.window > MOST:
            self._said.fail(stream, Code.FLOW_CONTROL_ERROR)

    def _takeSettings(self, flags: int, stream: int, content: bytes) -> None:
        mustBeOfTheConnection(stream)
        if flags & ACK:
            mustHave(content, 0)
            return
        self._isGreeted = True
        before = self._said.settings.window
        self._said.settings.read(content)
        for size in self._said.settings.tables:
            self._said.compressor.resize(size)
        if more := self._said.settings.window - before:
            for state in self._said.streams.values():
                state.window += more
                if state.window > MOST:
                    raise PeerMisbehaved("a window that is too large", code=Code.FLOW_CONTROL_ERROR)
        self._said.write(frames.SETTINGS, ACK, 0)
        self._said.happened.append(Changed())

    def _takePing(self, flags: int, stream: int, content: bytes) -> None:
        mustBeOfTheConnection(stream)
        mustHave(content, _PING_LENGTH)
        if flags & ACK:
            self._said.happened.append(Pong())
        else:
            self._said.write(frames.PING, ACK, 0, content)

    def _takeGoAway(self, flags: int, stream: int, content: bytes) -> None:
        mustBeOfTheConnection(stream)
        if len(content) < 8:
            raise PeerMisbehaved("half a farewell", code=Code.FRAME_SIZE_ERROR)
        # What it has disowned goes elsewhere: it cannot take it back.
        self._last = min(self._last, numberAt(content) & MOST)
        self._said.happened.append(GoneAway(self._last, numberAt(content, 4), content[8:]))

    def _takePriority(self, flags: int, stream: int, content: bytes) -> None:
        if not stream:
            raise PeerMisbehaved("a connection has no priority")
        if len(content) != 5:
            self._said.mustBeOurs(stream)
            self._said.fail(stream, Code.FRAME_SIZE_ERROR)

    def _takePushPromise(self, flags: int, stream: int, content: bytes) -> None:
        raise PeerMisbehaved("a push that nobody asked for")


# Kinds that nobody knows mean nothing.
_TAKES: dict[int, Callable[[Hearing, int, int, bytes], None]] = {
    frames.DATA: Hearing._takeData,
    frames.HEADERS: Hearing._takeHeaders,
    frames.PRIORITY: Hearing._takePriority,
    frames.RST_STREAM: Hearing._takeReset,
    frames.SETTINGS: Hearing._takeSettings,
    frames.PUSH_PROMISE: Hearing._takePushPromise,
    frames.PING: Hearing._takePing,
    frames.GOAWAY: Hearing._takeGoAway,
    frames.WINDOW_UPDATE: Hearing._takeWindowUpdate,
    frames.CONTINUATION: Hearing._takeContinuation,
}
