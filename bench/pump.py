"""
Publishes, as many as are wanted, and how long their answers took.

In a closed loop there are always so many publishes without an answer; in an open loop they leave at a steady rate,
answered or not, and time counts from when one should have left.
"""

import re
import select
import socket
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.stanzas import publish

# Seconds without any answer after which none is expected any more.
PATIENCE = 15.0

_ANSWER = re.compile(rb"<iq\s(?=[^>]*?\bid=['\"]p([0-9a-f]{8})['\"])[^>]*?\btype=['\"](result|error)['\"][^>]*>")


@dataclass(frozen=True)
class Answers:
    """
    What came back.

    :ivar seconds: from the first publish to the last answer.
    :ivar latencies: seconds, in ascending order.
    :ivar errors: how many were errors.
    """

    count: int
    seconds: float
    latencies: Sequence[float]
    errors: int

    @property
    def rate(self) -> float:
        """
        Answers per second.
        """
        return self.count / self.seconds

    def within(self, share: float) -> float:
        """
        Milliseconds within which this share of the answers came.
        """
        return 1000 * self.latencies[min(len(self.latencies) - 1, int(len(self.latencies) * share))]


class Pump:
    """
    The publishes of one stream, to its nodes one after the other.

    :param tails: a publish for each node.
    :param undelivered: how many of those sent so far are not delivered yet, when told how many were sent. As no more
        than half as many as there are nodes may be, none is replaced by the next one for its node.
    """

    def __init__(
        self, peer: socket.socket, tails: Sequence[bytes], undelivered: Callable[[int], int] = lambda sent: 0
    ) -> None:
        self.sent = 0
        self._peer = peer
        self._tails = tails
        self._undelivered = undelivered
        self._unwritten = memoryview(b"")
        self._rest = b""
        peer.setblocking(False)

    def closed(self, count: int, window: int) -> Answers:
        """
        So many publishes, so many of them at once.
        """
        return self._run(count, window, None)

    def open(self, count: int, rate: float) -> Answers:
        """
        So many publishes, so many a second.
        """
        return self._run(count, count, rate)

    def _run(self, count: int, window: int, rate: float | None) -> Answers:
        first = self.sent
        due, latencies = array("d", bytes(8 * count)), array("d")
        errors = 0
        begin = heard = time.perf_counter()
        while len(latencies) < count:
            now = time.perf_counter()
            sent = self.sent - first
            if sent < count and not self._unwritten:
                until = min(count, len(latencies) + window)
                if rate is not None:
                    until = min(until, int((now - begin) * rate) + 1)
                until = min(until, sent + len(self._tails) // 2 - self._undelivered(self.sent))
                for number in range(sent, until):
                    due[number] = now if rate is None else begin + number / rate
                self._send(until - sent)
            if self._unwritten:
                self._write()
            pause = 0.01
            if rate is not None and self.sent - first < count:
                pause = min(pause, max(0.0, begin + (self.sent - first) / rate - time.perf_counter()))
            readable, _, _ = select.select([self._peer], [self._peer] if self._unwritten else [], [], pause)
            if readable:
                answers = self._read()
                now = heard = time.perf_counter()
                for number, type in answers:
                    latencies.append(now - due[number - first])
                    errors += type == b"error"
            if time.perf_counter() - heard > PATIENCE:
                raise RuntimeError(f"no answer for {PATIENCE} seconds: {len(latencies)} of {count} came")
        return Answers(count, time.perf_counter() - begin, sorted(latencies), errors)

    def _send(self, count: int) -> None:
        if count > 0:
            tails, numbers = self._tails, range(self.sent, self.sent + count)
            self._unwritten = memoryview(b"".join([publish(each, tails[each % len(tails)]) for each in numbers]))
            self.sent += count

    def _write(self) -> None:
        try:
            self._unwritten = self._unwritten[self._peer.send(self._unwritten) :]
        except BlockingIOError:
            return

    def _read(self) -> list[tuple[int, bytes]]:
        try:
            data = self._rest + self._peer.recv(262144)
        except BlockingIOError:
            return []
        if len(data) == len(self._rest):
            raise RuntimeError("the stream ended")
        answers, end = [], 0
        for found in _ANSWER.finditer(data):
            answers.append((int(found[1], 16), found[2]))
            end = found.end()
        # What is left may be the beginning of the next answer.
        self._rest = data[end:]
        return answers
