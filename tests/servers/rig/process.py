"""
A program that runs beside the tests and takes everything it started along when it ends.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers.rig.waiting import PATIENCE


class Process:
    """
    A program in a session of its own, known by process id and start time: an id alone may have become somebody else's.

    When the tests are killed it is killed too (``setpriv --pdeathsig``, where there is one).

    :param output: the file to which stdout and stderr are appended.
    """

    def __init__(self, argv: Sequence[str], folder: Path, output: Path, environment: Mapping[str, str]) -> None:
        setpriv = shutil.which("setpriv")
        prefix = [setpriv, "--pdeathsig", "KILL"] if setpriv else []
        with output.open("ab") as out:
            self._child = subprocess.Popen(
                [*prefix, *argv],
                cwd=folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.pid = self._child.pid
        self._started = _startOf(self.pid)

    def isAlive(self) -> bool:
        """
        Whether it still runs.
        """
        return self._child.poll() is None and _startOf(self.pid) == self._started

    def send(self, number: signal.Signals) -> None:
        """
        Send the program itself a signal, if it is still there.
        """
        if self.isAlive():
            os.kill(self.pid, number)

    def wait(self, seconds: float = PATIENCE) -> int:
        """
        Wait until it has ended of itself.

        :returns: its exit status.
        """
        return self._child.wait(seconds)

    def stop(self, seconds: float = PATIENCE) -> int | None:
        """
        Ask it to end, and end it when it does not.

        :returns: its exit status; None when it had to be killed.
        """
        session = self._session()
        self.send(signal.SIGCONT)
        self.send(signal.SIGTERM)
        status: int | None = None
        with contextlib.suppress(subprocess.TimeoutExpired):
            status = self._child.wait(seconds)
        self._end(session)
        return status

    def kill(self) -> None:
        """
        End it at once; it learns nothing of it.
        """
        self._end(self._session())

    def _session(self) -> dict[int, str]:
        """
        Who lives in its session, and since when. A session whose leader is gone is not asked for: it may be another's.
        """
        if not self.isAlive():
            return {}
        pids = [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]
        started = {pid: _startOf(pid, session=self.pid) for pid in pids}
        return {pid: start for pid, start in started.items() if start is not None}

    def _end(self, session: Mapping[int, str]) -> None:
        for pid, started in session.items():
            if _startOf(pid) == started:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(5)
        end = time.monotonic() + 5
        while any(_startOf(pid) == started for pid, started in session.items()) and time.monotonic() < end:
            time.sleep(0.01)


def _startOf(pid: int, session: int | None = None) -> str | None:
    """
    When a process started, in the kernel's count; None when it is gone, only waits to be reaped, or is of another
    session.
    """
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    if fields[0] == "Z" or session not in (None, int(fields[3])):
        return None
    return fields[19]
