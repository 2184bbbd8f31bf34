"""
What a push cannot cost less than, or hardly: programs in C that do a part of it and nothing else.
"""

from pathlib import Path

from bench.figures import Least
from bench.processes import Sink, cpuOf, h2load, runComponent
from bench.pump import Pump
from bench.server import Listening
from bench.stanzas import tail


class Floor:
    """
    A component that reads stanzas and answers them, and a client that makes requests.
    """

    def __init__(self, folder: Path, component: Path, sink: Path) -> None:
        self.least = Least()
        self._component = component
        self._sink = Sink(sink, folder)

    def round(self, count: int, window: int, nodes: int) -> None:
        """
        So many stanzas, and so many requests.
        """
        self.least.component.append(self._leastComponent(count, window, nodes))
        self.least.h2load.append(h2load(self._sink, count, window))

    def end(self) -> None:
        """
        Leave nothing running.
        """
        self._sink.stop()

    def _leastComponent(self, count: int, window: int, nodes: int) -> float:
        listening = Listening()
        process, line = runComponent(self._component, listening)
        line.tails = [tail(f"node-{number}", "secret") for number in range(nodes)]
        Pump([line]).closed(count, window)
        used = cpuOf(process.pid)
        line.close()
        listening.close()
        process.wait()
        return 1e6 * used / count
