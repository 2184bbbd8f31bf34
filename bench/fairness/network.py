"""
The push networks' side: answers at once, or takes everything and says nothing.
"""

import asyncio
from collections.abc import Callable

_OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


class Network:
    """
    One of them, on a port of its own.

    :ivar arrived: how many pushes came and were answered.
    :ivar hangs: whether nothing is answered.
    """

    def __init__(self, tell: Callable[[int], object] = lambda number: None) -> None:
        """
        :param tell: told of each push that is answered, by its number.
        """
        self.arrived = 0
        self.hangs = False
        self._tell = tell
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self, port: int = 0) -> str:
        """
        Listen.

        :returns: its URL.
        """
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/"

    def stop(self) -> None:
        """
        Be gone: connections are refused.
        """
        if self._server is not None:
            self._server.close()
        self._hangUp()

    def recover(self) -> None:
        """
        Answer again; what was not answered breaks.
        """
        self.hangs = False
        self._hangUp()

    def _hangUp(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
                number = int(await reader.readexactly(length))
                if not self.hangs:
                    self.arrived += 1
                    self._tell(number)
                    writer.write(_OK)
        except (OSError, EOFError, asyncio.CancelledError):
            # It ended, or we do.
            pass
        finally:
            self._writers.discard(writer)
            writer.close()
