"""
Rounds with and without hostile peers, by turns.
"""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.disturbed.attacks import ALL
from bench.disturbed.crowd import READY
from bench.disturbed.good import GoodPeer, percentile
from bench.disturbed.peer import Peer
from tests.servers.rig.authority import Authority
from tests.servers.rig.log import Log
from tests.servers.rig.ports import LOOPBACK, freePort, isOpen
from tests.servers.rig.process import Process
from tests.servers.rig.rig import Rig
from tests.servers.rig.waiting import waitFor

# Seconds.
WARMING_UP = 4.0

ROOT = Path(__file__).parents[2]
US, GOOD, EVIL = "push.localtest", "good.localtest", "evil.localtest"

CONFIGURATION = """
[storage]
url = "sqlite:///{folder}/pushsvc.db"

[[links]]
kind = "s2s"
listen = ["tcp:{port}:interface=127.0.0.1"]
certificate = "{certificate}"
private-key = "{key}"
trust = "{trust}"
dns = ["127.0.0.1:{names}"]
private-addresses = ["127.0.0.0/8", "::1/128"]

[hosts."push.localtest"]

[apps.trial]
provider = "demo"
"""


@dataclass(frozen=True)
class Plan:
    """
    What is done.

    :ivar rate: publishes a second.
    :ivar seconds: that each round takes.
    :ivar halfOpen: streams that stay half open.
    :ivar cheap: attacks a second without TLS.
    :ivar dear: attacks a second with TLS.
    :ivar reopening: half-open streams that were closed and come back, a second.
    :ivar only: the one attack that is made; empty: all of them.
    """

    rounds: int = 3
    seconds: float = 10.0
    rate: float = 150.0
    halfOpen: int = 500
    cheap: float = 20.0
    dear: float = 4.0
    reopening: float = 20.0
    only: str = ""


@dataclass
class Figures:
    """
    What came of it.

    :ivar calm: the answers' times of each undisturbed round, in milliseconds.
    :ivar disturbed: those of each disturbed one.
    :ivar told: by attack, what hostile peers were told, and how often.
    :ivar cpu: of the service, for calm and disturbed rounds: seconds of CPU a second.
    """

    calm: list[list[float]] = field(default_factory=list)
    disturbed: list[list[float]] = field(default_factory=list)
    told: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in ALL})
    reopened: int = 0
    cpu: dict[str, list[float]] = field(default_factory=lambda: {"calm": [], "disturbed": []})

    @property
    def ratio(self) -> float:
        """
        The p99 of the disturbed rounds to that of the others: medians over the rounds.
        """
        return median(percentile(each, 0.99) for each in self.disturbed) / median(
            percentile(each, 0.99) for each in self.calm
        )

    @property
    def unrest(self) -> float:
        """
        How much the p99 of undisturbed rounds differs from one to another: no ratio below that says anything.
        """
        calm = [percentile(each, 0.99) for each in self.calm]
        return max(calm) / min(calm)

    @property
    def surprises(self) -> list[str]:
        """
        Attacks that did not end as they have to.
        """
        return [
            f"{name}: {outcome} ({times} times)"
            for name, outcomes in self.told.items()
            for outcome, times in outcomes.items()
            if outcome != ALL[name].expected
        ]


async def measure(folder: Path, plan: Plan, tell: Callable[[str], object] = print) -> Figures:
    """
    Start a service and measure.
    """
    with Rig(folder) as rig:
        port = freePort()
        process = _service(folder, rig, port)
        try:
            issued = rig.authority.issue(GOOD)
            peer = await Peer.dial(port, GOOD, US)
            await peer.prove((issued.certificate, issued.key))
            good, figures = GoodPeer(peer), Figures()
            await good.register()
            await good.publish(plan.rate, min(WARMING_UP, plan.seconds))
            assignment = _assignment(folder, rig, port, plan)

            async def calmly() -> None:
                before = _cpu(process)
                figures.calm.append(await good.publish(plan.rate, plan.seconds))
                figures.cpu["calm"].append((_cpu(process) - before) / plan.seconds)

            async def disturbed() -> None:
                log = folder / f"crowd{len(figures.disturbed)}.log"
                crowd = _crowd(log, assignment)
                try:
                    before = _cpu(process)
                    figures.disturbed.append(await good.publish(plan.rate, plan.seconds))
                    figures.cpu["disturbed"].append((_cpu(process) - before) / plan.seconds)
                finally:
                    crowd.stop()
                _count(figures, log)

            for number in range(plan.rounds):
                # Which of them is the first changes: what drifts, or comes back every so often, hits both.
                for turn in (calmly, disturbed)[:: 1 if number % 2 == 0 else -1]:
                    await turn()
                tell(f"round {number + 1} of {plan.rounds} is over")
            peer.hangUp()
        finally:
            process.stop()
        complaints = [line for line in (folder / "pushsvc.log").read_text().splitlines() if "Traceback" in line]
        assert not complaints, complaints
        return figures


def _service(folder: Path, rig: Rig, port: int) -> Process:
    issued = rig.authority.issue(US)
    values: dict[str, Any] = {"folder": folder, "port": port, "names": rig.names, "trust": rig.authority.root}
    text = CONFIGURATION.format(certificate=issued.certificate, key=issued.key, **values)
    (folder / "pushsvc.toml").write_text(text)
    twistd = Path(sys.executable).with_name("twistd")
    command = [str(twistd), "-n", "--pidfile=", "--logger", "pushsvc.logs.text"]
    command += ["pushsvc", "--config", str(folder / "pushsvc.toml")]
    process = Process(command, folder, folder / "pushsvc.log", os.environ)
    waitFor(lambda: isOpen(port), "pushsvc listens", 60, process.isAlive)
    return process


def _assignment(folder: Path, rig: Rig, port: int, plan: Plan) -> Path:
    trusted, untrusted = rig.authority.issue(EVIL), Authority(folder / "nobody").issue(EVIL)
    # Nobody is where the good peer's domain is said to be: whoever claims it cannot be confirmed.
    srv = {"SRV": [[0, 0, freePort(), LOOPBACK]]}
    rig.publishNames({f"_xmpp-server._tcp.{name}": srv for name in (GOOD, EVIL)})
    file = folder / "assignment.json"
    certificates = [trusted.certificate, trusted.key, untrusted.certificate, untrusted.key]
    file.write_text(
        json.dumps(
            {
                "port": port,
                "to": US,
                "evil": EVIL,
                "victim": GOOD,
                "halfOpen": plan.halfOpen,
                "only": plan.only,
                "rates": {"cheap": plan.cheap, "dear": plan.dear, "reopening": plan.reopening},
                "certificates": [str(path) for path in certificates],
            }
        )
    )
    return file


def _crowd(log: Path, assignment: Path) -> Process:
    command = [sys.executable, "-m", "bench.disturbed.crowd", str(assignment)]
    process = Process(command, ROOT, log, os.environ)
    Log(log).waitFor(READY, alive=process.isAlive)
    return process


def _count(figures: Figures, log: Path) -> None:
    said = json.loads(log.read_text().splitlines()[-1])
    figures.reopened += said["reopened"]
    for name, outcomes in said["told"].items():
        figures.told[name].update(outcomes)


def _cpu(process: Process) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
