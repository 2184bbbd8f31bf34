"""
twistd, looked at a thousand times for each second of a processor that it uses::

    python -m bench.sampling FILE [ARGUMENTS OF TWISTD]

SIGUSR2 writes into FILE, as JSON, how often each part of the work was seen, and begins anew. While the first thread
waits, it is the storage's thread that works.
"""

import json
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from types import FrameType

from bench.stages import REACTOR, SQL, stageOf

# Seconds of a processor.
EVERY = 0.001

_MAIN = threading.main_thread().ident


class Samples:
    """
    What was seen.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._seen: Counter[str] = Counter()

    def start(self) -> None:
        """
        Look, until the process ends.
        """
        signal.signal(signal.SIGPROF, self._look)
        signal.signal(signal.SIGUSR2, self._write)
        signal.siginterrupt(signal.SIGPROF, False)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)

    def _look(self, number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code.co_name in ("doPoll", "doIteration"):
            storage = [other for thread, other in sys._current_frames().items() if thread != _MAIN]
            if any(stageOf(other) != REACTOR for other in storage):
                self._seen[SQL] += 1
                return
        self._seen[stageOf(frame)] += 1

    def _write(self, number: int, frame: FrameType | None) -> None:
        unfinished = self._file.with_suffix(".new")
        unfinished.write_text(json.dumps(self._seen))
        unfinished.replace(self._file)
        self._seen.clear()


def main() -> None:
    from twisted.scripts.twistd import run

    Samples(Path(sys.argv[1])).start()
    sys.argv = ["twistd", *sys.argv[2:]]
    run()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
