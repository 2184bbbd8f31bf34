"""
What one server says to pushsvc, and what it hears: by one connection, or by one for each direction.
"""

import re
import socket
import ssl
from collections.abc import Sequence

from bench.stanzas import DOMAIN, SERVER, head, pong, publish

_ANSWER = re.compile(rb"<iq\s(?=[^>]*?\bid=['\"]p([0-9a-f]{8})['\"])[^>]*?\btype=['\"](result|error)['\"][^>]*>")
_PING = re.compile(rb"<iq\s[^>]*?\bid=['\"]([^'\"]*)['\"][^>]*><ping xmlns=['\"]urn:xmpp:ping['\"]")

_LATER = (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError)


class Line:
    """
    Waits for the other side until it is told to `hurry`.

    :ivar domain: who speaks.
    :ivar tails: a publish for each of its nodes.
    """

    def __init__(self, out: socket.socket, back: socket.socket | None = None, domain: str = SERVER) -> None:
        """
        :param back: where answers come; None: where publishes go.
        """
        self.domain = domain
        self.tails: Sequence[bytes] = ()
        self.out = out
        self.back = out if back is None else back
        self._head = head(domain, DOMAIN)
        self._unwritten = memoryview(b"")
        self._rest = b""

    def sendall(self, data: bytes) -> None:
        """
        Say it, however long that takes.
        """
        self.out.sendall(data)

    def recv(self, size: int) -> bytes:
        """
        What comes next.
        """
        return self.back.recv(size)

    def hurry(self) -> None:
        """
        Wait for nothing from now on.
        """
        self.out.setblocking(False)
        self.back.setblocking(False)

    def close(self) -> None:
        """
        Hang up.
        """
        self.out.close()
        self.back.close()

    @property
    def isFull(self) -> bool:
        """
        Whether something waits that the other side has to read first.
        """
        return bool(self._unwritten)

    def publish(self, numbers: Sequence[int], nodes: Sequence[int]) -> None:
        """
        Begin to publish, each number to one of the nodes.
        """
        tails = self.tails
        self._say(b"".join([publish(each, tails[node], self._head) for each, node in zip(numbers, nodes, strict=True)]))

    def write(self) -> None:
        """
        Go on with it.
        """
        try:
            while self._unwritten:
                self._unwritten = self._unwritten[self.out.send(self._unwritten) :]
        except _LATER:
            return

    def answers(self) -> list[tuple[int, bytes]]:
        """
        The numbers of the publishes that were answered since, and with what.

        :raises RuntimeError: the stream is over, or something is said where nothing is expected.
        """
        if self.out is not self.back and (said := _heard(self.out)):
            raise RuntimeError(f"it says {said!r} by the way that is for us only")
        data = self._rest + _heard(self.back)
        answers, end = [], 0
        for found in _ANSWER.finditer(data):
            answers.append((int(found[1], 16), found[2]))
            end = found.end()
        if b"urn:xmpp:ping" in data:
            for found in _PING.finditer(data):
                self._say(pong(self.domain, DOMAIN, found[1]))
                end = max(end, found.end())
        # What is left may be the beginning of the next answer.
        self._rest = data[end:]
        return answers

    def _say(self, data: bytes) -> None:
        self._unwritten = memoryview(bytes(self._unwritten) + data)
        self.write()


def _heard(connection: socket.socket) -> bytes:
    # TLS hands out a record at a time, and what it has read already the kernel knows nothing of.
    pieces = []
    try:
        while piece := connection.recv(262144):
            pieces.append(piece)
    except _LATER:
        return b"".join(pieces)
    raise RuntimeError(f"the stream ended; last it said {b''.join(pieces)[-500:]!r}")
