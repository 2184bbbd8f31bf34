"""
Frames as they stand on the wire (RFC 9113, 4 and 6).
"""

from collections.abc import Iterator
from struct import Struct

from pushsvc.httpclient.http2.engine import LARGEST_FRAME, Code, PeerMisbehaved

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

# Kinds.
DATA = 0x0
HEADERS = 0x1
PRIORITY = 0x2
RST_STREAM = 0x3
SETTINGS = 0x4
PUSH_PROMISE = 0x5
PING = 0x6
GOAWAY = 0x7
WINDOW_UPDATE = 0x8
CONTINUATION = 0x9

# Flags; which ones there are depends on the kind.
END_STREAM = 0x1
ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
PRIORITIZED = 0x20

_HEAD = 9
# What stands before a frame's content where that is prioritized.
_PRIORITY = 5
# The bit that a number of 31 bits leaves over means nothing.
MOST = 0x7FFFFFFF

_head = Struct(">BHBBI")
_packHead, _unpackHead = _head.pack, _head.unpack_from
_number = Struct(">I")


def frame(kind: int, flags: int, stream: int, content: bytes = b"") -> bytes:
    """
    One frame.
    """
    length = len(content)
    return _packHead(length >> 16, length & 0xFFFF, kind, flags, stream) + content


def number(value: int) -> bytes:
    """
    A number as it stands in frames.
    """
    return _number.pack(value)


def numberAt(content: bytes, position: int = 0) -> int:
    """
    What a number in a frame says, 32 bits of it.
    """
    value: int = _number.unpack_from(content, position)[0]
    return value


class Frames:
    """
    Cuts what comes into frames, however it comes.
    """

    def __init__(self) -> None:
        self._kept = b""

    def read(self, data: bytes) -> Iterator[tuple[int, int, int, bytes]]:
        """
        The kind, flags, stream and content of each frame that is whole now.

        :raises PeerMisbehaved: a frame is larger than we take; it is not waited for.
        """
        if self._kept:
            data = self._kept + data
        position, size = 0, len(data)
        while size - position >= _HEAD:
            high, low, kind, flags, stream = _unpackHead(data, position)
            length = high << 16 | low
            if length > LARGEST_FRAME:
                raise PeerMisbehaved("a frame that is too large", code=Code.FRAME_SIZE_ERROR)
            end = position + _HEAD + length
            if end > size:
                break
            yield kind, flags, stream & MOST, data[position + _HEAD : end]
            position = end
        self._kept = data[position:]


def unwrapped(kind: int, flags: int, content: bytes) -> bytes:
    """
    The content of a DATA or HEADERS frame without padding and priority.

    :raises PeerMisbehaved: there is less in it than that.
    """
    start, end = 0, len(content)
    if flags & PADDED:
        if not content:
            raise PeerMisbehaved("padding without a length", code=Code.FRAME_SIZE_ERROR)
        start = 1
        end -= content[0]
    if kind == HEADERS and flags & PRIORITIZED:
        if len(content) - start < _PRIORITY:
            raise PeerMisbehaved("half a priority", code=Code.FRAME_SIZE_ERROR)
        start += _PRIORITY
    if end < start:
        raise PeerMisbehaved("more padding than there is room for")
    return content[start:end]


def mustBeOfTheConnection(stream: int) -> None:
    """
    :raises PeerMisbehaved: it is of a stream.
    """
    if stream:
        raise PeerMisbehaved("that is not for a stream to say")


def mustHave(content: bytes, length: int) -> None:
    """
    :raises PeerMisbehaved: the content is longer or shorter.
    """
    if len(content) != length:
        raise PeerMisbehaved("a frame of a wrong size", code=Code.FRAME_SIZE_ERROR)
