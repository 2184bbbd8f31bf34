"""
Requests of a bounded size.
"""

from typing import Any

from twisted.web.server import Request

# Bytes of a body.
BODY_MAX = 16384

_TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class BoundedRequest(Request):
    """
    A request that nobody hears of when its body is too large.

    :cvar longest: bytes that are not.
    """

    longest = BODY_MAX
    _left = 0

    def gotLength(self, length: int | None) -> None:
        """
        The headers are there, and say how long the body is; None: that will be seen.
        """
        # There will be no more than fits into memory, whatever is announced: no file is needed.
        super().gotLength(0)  # type: ignore[no-untyped-call]
        self._left = self.longest
        if length is not None and length > self.longest:
            self._refuse()

    def handleContentChunk(self, data: bytes) -> None:
        """
        More of the body.
        """
        if self._left < 0:
            return
        self._left -= len(data)
        if self._left < 0:
            self._refuse()
        else:
            super().handleContentChunk(data)  # type: ignore[no-untyped-call]

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """
        All of it is there.
        """
        if self._left >= 0:
            super().requestReceived(command, path, version)  # type: ignore[no-untyped-call]

    def _refuse(self) -> None:
        self._left = -1
        channel: Any = self.channel
        channel.transport.write(_TOO_LARGE)
        channel.loseConnection()
