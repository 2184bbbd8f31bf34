"""
What either side asks of the other (RFC 9113, 6.5).
"""

from struct import Struct

from pushsvc.httpclient.http2.engine import LARGEST_FRAME, Code, PeerMisbehaved
from pushsvc.httpclient.http2.frames import MOST

_HEADER_TABLE_SIZE = 0x1
_ENABLE_PUSH = 0x2
_MAX_CONCURRENT_STREAMS = 0x3
_INITIAL_WINDOW_SIZE = 0x4
_MAX_FRAME_SIZE = 0x5
_MAX_HEADER_LIST_SIZE = 0x6

# Of both windows, unless somebody says otherwise.
WINDOW = 65535

_setting = Struct(">HI")


def asked(largestList: int) -> bytes:
    """
    What we ask: nothing pushed, nothing remembered in compressing, and headers of so many bytes at most.
    """
    values = {_HEADER_TABLE_SIZE: 0, _ENABLE_PUSH: 0, _MAX_HEADER_LIST_SIZE: largestList}
    return b"".join(_setting.pack(name, value) for name, value in values.items())


class Settings:
    """
    What the other side asks.

    :ivar streams: how many may be open.
    :ivar window: of each stream, at first.
    :ivar frame: bytes that a frame may hold.
    :ivar tables: sizes of its table for compression that it said last, one after the other.
    """

    def __init__(self) -> None:
        self.streams = MOST
        self.window = WINDOW
        self.frame = LARGEST_FRAME
        self.tables: list[int] = []

    def read(self, content: bytes) -> None:
        """
        It says something else. What it does not mention stays.

        :raises PeerMisbehaved: what nobody may ask.
        """
        if len(content) % _setting.size:
            raise PeerMisbehaved("half a setting", code=Code.FRAME_SIZE_ERROR)
        self.tables = []
        for name, value in _setting.iter_unpack(content):
            if name == _HEADER_TABLE_SIZE:
                self.tables.append(value)
            elif name == _ENABLE_PUSH and value:
                raise PeerMisbehaved("a server that would be pushed to")
            elif name == _MAX_CONCURRENT_STREAMS:
                self.streams = value
            elif name == _INITIAL_WINDOW_SIZE:
                if value > MOST:
                    raise PeerMisbehaved("a window that is too large", code=Code.FLOW_CONTROL_ERROR)
                self.window = value
            elif name == _MAX_FRAME_SIZE:
                if not LARGEST_FRAME <= value < 1 << 24:
                    raise PeerMisbehaved("a size that frames cannot have")
                self.frame = value
