"""
One connection in our own words: framing (``frames``), compression (``compression``, ``fields``), and what either side
may say (``conversation``, ``hearing``).
"""

from collections.abc import Sequence

from zope.interface import implementer

from pushsvc.httpclient.http2 import frames
from pushsvc.httpclient.http2.conversation import MORE, Conversation
from pushsvc.httpclient.http2.engine import Code, Event, Headers, IEngine
from pushsvc.httpclient.http2.fields import LARGEST_LIST
from pushsvc.httpclient.http2.frames import END_HEADERS, END_STREAM, MOST, number
from pushsvc.httpclient.http2.hearing import Hearing
from pushsvc.httpclient.http2.settings import asked
from pushsvc.httpclient.http2.streamstate import StreamState

_PING = b"pushsvc?"


@implementer(IEngine)
class OwnEngine:
    """
    One connection.

    :param firstStream: the number of the first stream; odd.
    """

    def __init__(self, firstStream: int = 1) -> None:
        self._conversation = Conversation(firstStream)
        self._hearing = Hearing(self._conversation)

    @property
    def limit(self) -> int:
        return self._conversation.settings.streams

    @property
    def window(self) -> int:
        return self._conversation.window

    @property
    def exhausted(self) -> bool:
        return self._conversation.next > MOST

    def start(self) -> None:
        self._conversation.out.append(frames.PREFACE)
        self._conversation.write(frames.SETTINGS, 0, 0, asked(LARGEST_LIST))
        self._conversation.write(frames.WINDOW_UPDATE, 0, 0, number(MORE))

    def received(self, data: bytes) -> Sequence[Event]:
        return self._hearing.received(data)

    def open(self, headers: Headers, ends: bool) -> int:
        said = self._conversation
        stream = said.next
        said.next += 2
        said.streams[stream] = StreamState(said.settings.window, ends, isHead=headers[0][1] == b"HEAD")
        block, flags, most = said.compressor.write(headers), END_STREAM if ends else 0, said.settings.frame
        if len(block) <= most:
            said.write(frames.HEADERS, flags | END_HEADERS, stream, block)
            return stream
        said.write(frames.HEADERS, flags, stream, block[:most])
        for start in range(most, len(block), most):
            isLast = start + most >= len(block)
            said.write(frames.CONTINUATION, END_HEADERS if isLast else 0, stream, block[start : start + most])
        return stream

    def room(self, stream: int) -> int:
        said = self._conversation
        return min(said.window, said.streams[stream].window, said.settings.frame)

    def send(self, stream: int, data: bytes, ends: bool) -> None:
        said = self._conversation
        state = said.streams[stream]
        said.window -= len(data)
        state.window -= len(data)
        said.write(frames.DATA, END_STREAM if ends else 0, stream, data)
        if ends:
            state.isSent = True
            if state.isEnded:
                del said.streams[stream]

    def reset(self, stream: int, code: Code) -> None:
        if self._conversation.streams.pop(stream, None) is not None:
            self._conversation.giveUp(stream, code)

    def ping(self) -> None:
        self._conversation.write(frames.PING, 0, 0, _PING)

    def goAway(self, code: Code) -> None:
        self._conversation.farewell(code)

    def toSend(self) -> bytes:
        out, self._conversation.out = self._conversation.out, []
        return b"".join(out)
