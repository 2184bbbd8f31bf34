"""
One service, who publishes to it, and the push network that it pushes to.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from bench.figures import Figures
from bench.fronts import Front
from bench.processes import Service, Sink, cpuOf, mainThreadOf, memoryOf
from bench.pump import Answers, Pump
from bench.server import registered
from bench.stages import SQL
from bench.stanzas import register, tail

# Publishes without an answer.
WINDOW = 500
# Streams that come and go.
KNOCKS = 100
# Seconds.
DRAINED_WITHIN = 30.0


class Trial:
    """
    What a push costs behind one kind of link.

    :ivar log: of the service.
    """

    def __init__(self, folder: Path, front: Front, sink: Path, nodes: int, publishes: int) -> None:
        """
        :param sink: the push network's program.
        :param nodes: devices that register.
        :param publishes: a round.
        """
        self.figures = Figures()
        self.log = folder / "pushsvc.log"
        self._folder = folder
        self._front = front
        self._publishes = publishes
        self._sink = Sink(sink, folder / "sink")
        self._service = Service(folder, front, self._sink)
        lines = self._service.lines
        cpu = self._cpu()
        self._tails = [
            [tail(*found) for found in registered(line, nodes // len(lines), partial(register, domain=line.domain))]
            for line in lines
        ]
        self.figures.registration = 1e6 * (self._cpu() - cpu) / sum(map(len, self._tails))
        self._pump = self._newPump()

    @property
    def kind(self) -> str:
        """
        Of link.
        """
        return self._front.kind

    def warmUp(self) -> None:
        """
        Let everything be loaded that is loaded late.
        """
        self._front.knock(1)
        self._count(lambda: self._pump.closed(min(2_000, self._publishes), WINDOW))

    def round(self) -> None:
        """
        A closed loop.
        """
        cpu, main = self._cpu(), mainThreadOf(self._service.pid)
        answers = self._count(lambda: self._pump.closed(self._publishes, WINDOW))
        figures = self.figures
        figures.cpu.append(1e6 * (self._cpu() - cpu) / answers.count)
        figures.main.append(1e6 * (mainThreadOf(self._service.pid) - main) / answers.count)
        figures.rates.append(answers.rate)
        figures.memory = memoryOf(self._service.pid)

    def openLoop(self, rate: int, seconds: float) -> None:
        """
        A steady rate.
        """
        cpu = self._cpu()
        answers = self._count(lambda: self._pump.open(int(rate * seconds), rate))
        self.figures.open.append((rate, answers, 1e6 * (self._cpu() - cpu) / answers.count))

    def knock(self) -> None:
        """
        Streams that come and go.
        """
        cpu = self._cpu()
        if self._front.knock(KNOCKS):
            self.figures.opening = 1e6 * (self._cpu() - cpu) / KNOCKS

    def stages(self) -> None:
        """
        Where the time goes: a run of its own.
        """
        self._service.stop()
        file = self._folder / "samples"
        self._service = Service(self._folder, self._front, self._sink, file)
        self._pump = self._newPump()
        self._count(lambda: self._pump.closed(1_000, WINDOW))
        self._seen(file)
        cpu, main = self._cpu(), mainThreadOf(self._service.pid)
        answers = self._count(lambda: self._pump.closed(self._publishes, WINDOW))
        cpu, main = self._cpu() - cpu, mainThreadOf(self._service.pid) - main
        seen = self._seen(file)
        # The threads' shares are known better than samples can tell: a signal waits for the first thread.
        seen.pop(SQL, None)
        all = sum(seen.values())
        of = {stage: 1e6 * main * count / all / answers.count for stage, count in seen.items()}
        self.figures.stages = {**of, SQL: 1e6 * (cpu - main) / answers.count}

    def end(self) -> None:
        """
        Leave nothing running.
        """
        for leave in (self._service.stop, self._sink.stop, self._front.close):
            leave()

    def _cpu(self) -> float:
        return cpuOf(self._service.pid)

    def _newPump(self) -> Pump:
        lines = self._service.lines
        for line, tails in zip(lines, self._tails, strict=True):
            line.tails = tails
        before = self._sink.requests
        return Pump(lines, lambda sent: sent - (self._sink.requests - before))

    def _count(self, publish: Callable[[], Answers]) -> Answers:
        """
        Publish, and wait until everything has arrived.
        """
        requests, distinct = self._sink.requests, self._sink.distinct
        answers = publish()
        end = time.monotonic() + DRAINED_WITHIN
        while self._sink.requests - requests < answers.count and time.monotonic() < end:
            time.sleep(0.01)
        # One too many would come now.
        time.sleep(0.2)
        self.figures.published += answers.count
        self.figures.errors += answers.errors
        self.figures.requests += self._sink.requests - requests
        self.figures.distinct += self._sink.distinct - distinct
        return answers

    def _seen(self, file: Path) -> dict[str, int]:
        """
        What the service was seen to do since this was asked last.
        """
        file.unlink(missing_ok=True)
        os.kill(self._service.pid, signal.SIGUSR2)
        while not file.exists():
            time.sleep(0.01)
        seen: dict[str, int] = json.loads(file.read_text())
        return seen
