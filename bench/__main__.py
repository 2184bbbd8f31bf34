"""
``make bench``: what a push costs, from the component's stream over the disk to the push network.

    python -m bench [--rounds N] [--publishes N] [--nodes N] [--brief]

Everything is on loopback and on this machine; see docs/reference/performance.md for what is measured and how.
"""

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from bench import report
from bench.building import CannotBuild, build
from bench.processes import ROOT, Service, Sink, cpuOf, h2load, mainThreadOf, memoryOf, runComponent
from bench.pump import Answers, Pump
from bench.server import Listening, registered
from bench.stages import SQL
from bench.stanzas import tail

# Publishes without an answer.
WINDOW = 500
# So many for each of ours, where a push costs little.
MORE = 10
RATES = (1_000, 3_000)
# Seconds.
OPEN_LOOP = 5.0
DRAINED_WITHIN = 30.0


@dataclass
class Figures:
    """
    What was measured; microseconds of a processor are per push, a value for each round.

    :ivar main: of them, the first thread's.
    :ivar stages: the part of each stage, by samples.
    :ivar lost: publishes that were answered and did not arrive, or arrived twice.
    """

    cpu: list[float] = field(default_factory=list)
    main: list[float] = field(default_factory=list)
    rates: list[float] = field(default_factory=list)
    component: list[float] = field(default_factory=list)
    h2load: list[float] = field(default_factory=list)
    registration: float = 0.0
    memory: float = 0.0
    open: list[tuple[int, Answers, float]] = field(default_factory=list)
    stages: dict[str, float] = field(default_factory=dict)
    published: int = 0
    requests: int = 0
    distinct: int = 0
    errors: int = 0

    @property
    def isWhole(self) -> bool:
        """
        Whether there was one request for each publish, and no error.
        """
        return self.published == self.requests == self.distinct and not self.errors


class Bench:
    """
    One run.
    """

    def __init__(self, folder: Path, nodes: int, publishes: int) -> None:
        programs = ROOT / "build" / "bench"
        self.figures = Figures()
        self._component = build("component", programs)
        sink = build("sink", programs)
        self._folder = folder
        self._publishes = publishes
        self._listening = Listening()
        self._sink = Sink(sink, folder / "sink")
        self._other = Sink(sink, folder / "other")
        self._service = Service(folder / "service", self._listening, self._sink)
        cpu = cpuOf(self._service.pid)
        self._tails = [tail(node, secret) for node, secret in registered(self._service.peer, nodes)]
        self.figures.registration = 1e6 * (cpuOf(self._service.pid) - cpu) / nodes
        self._pump = self._newPump()

    def warmUp(self) -> None:
        """
        Connect, and let everything be loaded that is loaded late.
        """
        self._count(lambda: self._pump.closed(min(2_000, self._publishes), WINDOW))

    def round(self) -> None:
        """
        Ours, and what it is compared with.
        """
        cpu, main = cpuOf(self._service.pid), mainThreadOf(self._service.pid)
        answers = self._count(lambda: self._pump.closed(self._publishes, WINDOW))
        figures = self.figures
        figures.cpu.append(1e6 * (cpuOf(self._service.pid) - cpu) / answers.count)
        figures.main.append(1e6 * (mainThreadOf(self._service.pid) - main) / answers.count)
        figures.rates.append(answers.rate)
        figures.memory = memoryOf(self._service.pid)
        figures.component.append(self._leastComponent())
        figures.h2load.append(h2load(self._other, MORE * self._publishes, WINDOW))

    def openLoop(self, rate: int, seconds: float) -> None:
        """
        A steady rate.
        """
        cpu = cpuOf(self._service.pid)
        answers = self._count(lambda: self._pump.open(int(rate * seconds), rate))
        used = 1e6 * (cpuOf(self._service.pid) - cpu) / answers.count
        self.figures.open.append((rate, answers, used))

    def stages(self) -> None:
        """
        Where the time goes: a run of its own.
        """
        self._service.stop()
        file = self._folder / "samples"
        self._service = Service(self._folder / "service", self._listening, self._sink, file)
        self._pump = self._newPump()
        self._count(lambda: self._pump.closed(1_000, WINDOW))
        self._seen(file)
        cpu, main = cpuOf(self._service.pid), mainThreadOf(self._service.pid)
        answers = self._count(lambda: self._pump.closed(self._publishes, WINDOW))
        cpu, main = cpuOf(self._service.pid) - cpu, mainThreadOf(self._service.pid) - main
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
        for each in (self._service, self._sink, self._other):
            each.stop()
        self._listening.close()

    def _newPump(self) -> Pump:
        before = self._sink.requests
        return Pump(self._service.peer, self._tails, lambda sent: sent - (self._sink.requests - before))

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

    def _leastComponent(self) -> float:
        process, peer = runComponent(self._component, self._listening)
        count = MORE * self._publishes
        Pump(peer, self._tails).closed(count, WINDOW)
        used = cpuOf(process.pid)
        peer.close()
        process.wait()
        return 1e6 * used / count


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--publishes", type=int, default=10_000, help="a round")
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--brief", action="store_true", help="rounds only: no open loop, no stages")
    said = parser.parse_args()
    place = ROOT / "build" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    # In the tree and not in /tmp, which may be no disk.
    folder = Path(tempfile.mkdtemp(dir=place, prefix="run-"))
    try:
        bench = Bench(folder, said.nodes, said.publishes)
    except CannotBuild as e:
        print(f"{'*' * 72}\nNOTHING IS MEASURED: {e}\n{'*' * 72}", file=sys.stderr)
        return 1
    try:
        bench.warmUp()
        for _ in range(said.rounds):
            bench.round()
        if not said.brief:
            for rate in RATES:
                bench.openLoop(rate, OPEN_LOOP)
            bench.stages()
    finally:
        bench.end()
    print(report.table(bench.figures, said.nodes, WINDOW))
    if not bench.figures.isWhole:
        log = (folder / "service" / "pushsvc.log").read_text()
        print(f"PUSHES WERE LOST OR DOUBLED, OR REFUSED. What the service said:\n{log[-2000:]}", file=sys.stderr)
        return 1
    shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
