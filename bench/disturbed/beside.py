"""
Programs that are measured, or measure, or disturb: beside one another on the processors of one machine.
"""

import contextlib
import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


class Beside:
    """
    A program that is told what to do in lines, and answers in lines of JSON.

    It stays in our session: Linux gives each session the same share of the processors, whatever the priorities within
    it (``autogroup``), so ours would not count. It is killed when we are (``setpriv --pdeathsig``, where there is one).
    """

    def __init__(self, argv: Sequence[str], folder: Path, log: Path, talks: bool = True) -> None:
        """
        :param log: for what it has to complain about.
        :param talks: else whatever it says goes to the log, and it cannot be asked.
        """
        setpriv = shutil.which("setpriv")
        prefix = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        with log.open("ab") as errors:
            self._child = subprocess.Popen(
                [*prefix, *argv],
                cwd=folder,
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else errors,
                stderr=errors,
                text=True,
            )
        self._log = log
        self.pid = self._child.pid

    def isAlive(self) -> bool:
        """
        Whether it still runs.
        """
        return self._child.poll() is None

    def ask(self, word: str) -> Any:
        """
        Have it do something, and wait for what it says to that.

        :raises RuntimeError: it has ended.
        """
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.write(word + "\n")
            self._child.stdin.flush()
        return self.hear()

    def hear(self) -> Any:
        """
        Wait for what it says next.

        :raises RuntimeError: it has ended.
        """
        assert self._child.stdout is not None
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"it has ended: {self._log.read_text()[-2000:]}")
        return json.loads(line)

    def stop(self) -> None:
        """
        Have it end.
        """
        self._child.terminate()
        try:
            self._child.wait(15)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with contextlib.suppress(BrokenPipeError):
                    pipe.close()


def standBack() -> None:
    """
    Take of the processors only what nobody else wants at this moment.
    """
    os.nice(19)
    if hasattr(os, "SCHED_IDLE"):
        # Niceness is about shares: who is nice may still finish its turn, of milliseconds, when somebody else wakes up.
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def assigned(file: str) -> Mapping[str, Any]:
    """
    What a program is to do.
    """
    assignment: Mapping[str, Any] = json.loads(Path(file).read_text())
    return assignment
