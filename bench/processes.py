"""
The programs that are measured, and what they use.
"""

import mmap
import os
import resource
import socket
import struct
import subprocess
import sys
import time
from pathlib import Path

from bench.fronts import Front
from bench.line import Line
from bench.server import SECRET, Listening
from bench.stanzas import DOMAIN
from tests.servers.rig.ports import freePort
from tests.servers.rig.process import Process
from tests.servers.rig.waiting import waitFor
from tests.standins.applekeys import KEY_ID, TEAM_ID, TOPIC, writeKey
from tests.standins.certificates import CA

ROOT = Path(__file__).parents[1]
TICKS = os.sysconf("SC_CLK_TCK")

_CONFIGURATION = """
[storage]
url = "sqlite:///{folder}/pushsvc.db"
{links}
[hosts."{domain}"]
[apps.chat]
provider = "apns"
endpoint = "https://localhost:{sink}"
trust = "{trust}"
topic = "{topic}"
key-file = "{key}"
key-id = "{keyId}"
team-id = "{teamId}"
"""


def cpuOf(pid: int) -> float:
    """
    Seconds of a processor that a process has used, in the system too: utime and stime of ``/proc/PID/stat``.
    """
    return _cpu(Path(f"/proc/{pid}/stat"))


def mainThreadOf(pid: int) -> float:
    """
    The part of it that its first thread has used.
    """
    return _cpu(Path(f"/proc/{pid}/task/{pid}/stat"))


def memoryOf(pid: int) -> float:
    """
    Megabytes of memory that a process has.
    """
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * mmap.PAGESIZE / 1e6


def _cpu(stat: Path) -> float:
    values = stat.read_text().rpartition(")")[2].split()
    return (int(values[11]) + int(values[12])) / TICKS


class Sink:
    """
    The push network; see ``sink.c``.

    :ivar port: where it is.
    """

    def __init__(self, program: Path, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        ca = CA(folder)
        issued = ca.issue("localhost", "127.0.0.1")
        self.trust = ca.certificate
        self.port = freePort()
        file = folder / "counters"
        file.write_bytes(bytes(24))
        argv = [str(program), str(self.port), str(issued.certificate), str(issued.key), str(file)]
        self._process = Process(argv, folder, folder / "sink.log", os.environ)
        with file.open("rb") as counters:
            self._counters = mmap.mmap(counters.fileno(), 24, prot=mmap.PROT_READ)
        _waitForPort(self.port)

    @property
    def requests(self) -> int:
        """
        How many came.
        """
        return self._counter(0)

    @property
    def distinct(self) -> int:
        """
        How many different apns-ids came.
        """
        return self._counter(1)

    def stop(self) -> None:
        self._process.stop()

    def _counter(self, which: int) -> int:
        value: int = struct.unpack_from("=Q", self._counters, 8 * which)[0]
        return value


class Service:
    """
    pushsvc with its shipped defaults.

    :ivar lines: to it.
    """

    def __init__(self, folder: Path, front: Front, sink: Sink, sampled: Path | None = None) -> None:
        """
        :param sampled: the file for the samples of ``sampling``, which then runs it; None: twistd itself does.
        """
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "pushsvc.toml"
        configuration.write_text(
            _CONFIGURATION.format(
                folder=folder,
                links=front.links,
                domain=DOMAIN,
                sink=sink.port,
                trust=sink.trust,
                topic=TOPIC,
                key=writeKey(folder / "key.p8"),
                keyId=KEY_ID,
                teamId=TEAM_ID,
            )
        )
        program = [str(Path(sys.executable).with_name("twistd"))]
        if sampled is not None:
            program = [sys.executable, "-m", "bench.sampling", str(sampled)]
        argv = [*program, "-n", "--pidfile=", "--logger", "pushsvc.logs.text", "pushsvc"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = Process(
            [*argv, "--config", str(configuration)], ROOT, folder / "pushsvc.log", environment
        )
        self.pid = self._process.pid
        asked = sink.requests
        self.lines = front.connect(self._process.isAlive)
        # It asks the push network whether it may push: that is no push.
        waitFor(lambda: sink.requests > asked, "pushsvc tries its credentials", alive=self._process.isAlive)

    def stop(self) -> None:
        for line in self.lines:
            line.close()
        self._process.stop()


def runComponent(program: Path, listening: Listening) -> tuple[subprocess.Popen[bytes], Line]:
    """
    The least that a component can cost; see ``component.c``.
    """
    process = subprocess.Popen([str(program), str(listening.port), DOMAIN, SECRET])
    return process, Line(listening.accept())


def h2load(sink: Sink, count: int, streams: int) -> float:
    """
    What a request costs the quickest client, of the same headers and body: microseconds.
    """
    headers = [
        f"apns-topic: {TOPIC}",
        "apns-push-type: alert",
        "apns-priority: 10",
        "apns-id: 00000000-0000-4000-8000-000000000000",
        "apns-expiration: 1700000000",
        f"authorization: bearer {'0' * 180}",
    ]
    body = ROOT / "build" / "bench" / "body"
    body.write_bytes(b"x" * 230)
    argv = ["h2load", "-n", str(count), "-c", "1", "-m", str(streams), "-d", str(body)]
    for header in headers:
        argv += ["-H", header]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    url = f"https://127.0.0.1:{sink.port}/3/device/{'0' * 64}"
    done = subprocess.run([*argv, url], capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if f"{count} succeeded" not in done.stdout:
        raise RuntimeError(f"h2load: {done.stdout} {done.stderr}")
    return 1e6 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / count


def _waitForPort(port: int) -> None:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the sink does not start")
