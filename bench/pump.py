"""
Publishes, as many as are wanted, and how long their answers took.

In a closed loop there are always so many publishes without an answer; in an open loop they leave at a steady rate,
answered or not, and time counts from when one should have left.
"""

import select
import time
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.line import Line

# Seconds without any answer after which none is expected any more.
PATIENCE = 15.0


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
    The publishes of some lines, by turns, each to its nodes one after the other.

    :param undelivered: how many of those sent so far are not delivered yet, when told how many were sent. As no more
        than half as many as there are nodes may be, none is replaced by the next one for its node.
    """

    def __init__(self, lines: Sequence[Line], undelivered: Callable[[int], int] = lambda sent: 0) -> None:
        self.sent = 0
        self._lines = lines
        self._undelivered = undelivered
        self._ends = [end for line in lines for end in {line.out, line.back}]
        self._most = sum(len(line.tails) for line in lines) // 2
        for line in lines:
            line.hurry()

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
            if sent < count and not any(line.isFull for line in self._lines):
                until = min(count, len(latencies) + window)
                if rate is not None:
                    until = min(until, int((now - begin) * rate) + 1)
                until = min(until, sent + self._most - self._undelivered(self.sent))
                for number in range(sent, until):
                    due[number] = now if rate is None else begin + number / rate
                self._send(until - sent)
            pause = 0.01
            if rate is not None and self.sent - first < count:
                pause = min(pause, max(0.0, begin + (self.sent - first) / rate - time.perf_counter()))
            if answers := self._turn(pause):
                now = heard = time.perf_counter()
                for number, type in answers:
                    latencies.append(now - due[number - first])
                    errors += type == b"error"
            if time.perf_counter() - heard > PATIENCE:
                raise RuntimeError(f"no answer for {PATIENCE} seconds: {len(latencies)} of {count} came")
        return Answers(count, time.perf_counter() - begin, sorted(latencies), errors)

    def _send(self, count: int) -> None:
        turns = len(self._lines)
        for turn, line in enumerate(self._lines):
            numbers = range(self.sent + (turn - self.sent) % turns, self.sent + count, turns)
            if numbers:
                nodes = len(line.tails)
                line.publish(numbers, [number // turns % nodes for number in numbers])
        self.sent += max(0, count)

    def _turn(self, pause: float) -> list[tuple[int, bytes]]:
        """
        What is answered until something can be done, or the pause is over.
        """
        full = [line for line in self._lines if line.isFull]
        readable, _, _ = select.select(self._ends, [line.out for line in full], [], pause)
        for line in full:
            line.write()
        heard = [line for line in self._lines if line.back in readable or line.out in readable]
        return [answer for line in heard for answer in line.answers()]
