"""
Rounds with and without hostile peers, by turns.
"""

import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from bench.disturbed.attacks import ALL
from bench.disturbed.beside import Beside
from bench.disturbed.good import percentile
from tests.servers.rig.authority import Authority
from tests.servers.rig.ports import LOOPBACK, freePort, isOpen
from tests.servers.rig.rig import Rig
from tests.servers.rig.waiting import waitFor

# Seconds between two rounds: who has left is forgotten.
SETTLING = 1.0

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
    :ivar polite: 1: hostile peers take of the processors only what nobody else wants. 0: where it is not about figures,
        and others may want all there is.
    """

    rounds: int = 3
    seconds: float = 20.0
    rate: float = 150.0
    halfOpen: int = 500
    cheap: float = 20.0
    dear: float = 4.0
    reopening: float = 20.0
    only: str = ""
    polite: int = 1


@dataclass
class Figures:
    """
    What came of it.

    :ivar calm: the answers' times of each undisturbed round, in milliseconds.
    :ivar disturbed: those of each disturbed one.
    :ivar told: by attack, what hostile peers were told, and how often.
    :ivar attacks: that began, a second, for each disturbed round.
    :ivar late: how much later than it should have the latest of them began, in seconds.
    :ivar cpu: of the service, for calm and disturbed rounds: seconds of CPU a second.
    """

    calm: list[list[float]] = field(default_factory=list)
    disturbed: list[list[float]] = field(default_factory=list)
    told: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in ALL})
    reopened: int = 0
    attacks: dict[str, list[float]] = field(default_factory=lambda: {"cheap": [], "dear": []})
    late: float = 0.0
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


def measure(folder: Path, plan: Plan, tell: Callable[[str], object] = print) -> Figures:
    """
    Start a service and measure.
    """
    with Rig(folder) as rig, ExitStack() as running:
        port = freePort()
        service = _service(folder, rig, port)
        running.callback(service.stop)
        assignment = _assignment(folder, rig, port, plan)
        good, figures = _program("good", assignment), Figures()
        running.callback(good.stop)
        good.hear()

        def calmly() -> None:
            before = _cpu(service)
            figures.calm.append(good.ask("round"))
            figures.cpu["calm"].append((_cpu(service) - before) / plan.seconds)

        def disturbed() -> None:
            crowd = _program("crowd", assignment)
            try:
                crowd.hear()
                before = _cpu(service)
                figures.disturbed.append(good.ask("round"))
                figures.cpu["disturbed"].append((_cpu(service) - before) / plan.seconds)
                _count(figures, crowd.ask("stop"))
            finally:
                crowd.stop()

        for number in range(plan.rounds):
            # Which of them is the first changes: what drifts, or comes back every so often, hits both.
            for turn in (calmly, disturbed)[:: 1 if number % 2 == 0 else -1]:
                turn()
                time.sleep(SETTLING)
            tell(f"round {number + 1} of {plan.rounds} is over")
    complaints = [line for line in (folder / "pushsvc.log").read_text().splitlines() if "Traceback" in line]
    assert not complaints, complaints
    return figures


def _service(folder: Path, rig: Rig, port: int) -> Beside:
    issued = rig.authority.issue(US)
    values: dict[str, Any] = {"folder": folder, "port": port, "names": rig.names, "trust": rig.authority.root}
    text = CONFIGURATION.format(certificate=issued.certificate, key=issued.key, **values)
    (folder / "pushsvc.toml").write_text(text)
    twistd = Path(sys.executable).with_name("twistd")
    command = [str(twistd), "-n", "--pidfile=", "--logger", "pushsvc.logs.text"]
    command += ["pushsvc", "--config", str(folder / "pushsvc.toml")]
    process = Beside(command, folder, folder / "pushsvc.log", talks=False)
    waitFor(lambda: isOpen(port), "pushsvc listens", 60, process.isAlive)
    return process


def _assignment(folder: Path, rig: Rig, port: int, plan: Plan) -> Path:
    good, trusted = rig.authority.issue(GOOD), rig.authority.issue(EVIL)
    untrusted = Authority(folder / "nobody").issue(EVIL)
    # Nobody is where the good peer's domain is said to be: whoever claims it cannot be confirmed.
    srv = {"SRV": [[0, 0, freePort(), LOOPBACK]]}
    rig.publishNames({f"_xmpp-server._tcp.{name}": srv for name in (GOOD, EVIL)})
    file = folder / "assignment.json"
    certificates = [path for each in (good, trusted, untrusted) for path in (each.certificate, each.key)]
    file.write_text(
        json.dumps(
            {
                "port": port,
                "to": US,
                "evil": EVIL,
                "good": GOOD,
                "victim": GOOD,
                "publishing": [plan.rate, plan.seconds],
                "halfOpen": plan.halfOpen,
                "only": plan.only,
                "polite": plan.polite,
                "rates": {"cheap": plan.cheap, "dear": plan.dear, "reopening": plan.reopening},
                "certificates": [str(path) for path in certificates],
            }
        )
    )
    return file


def _program(name: str, assignment: Path) -> Beside:
    command = [sys.executable, "-m", f"bench.disturbed.{name}", str(assignment)]
    return Beside(command, ROOT, assignment.with_name(f"{name}.log"))


def _count(figures: Figures, done: dict[str, Any]) -> None:
    figures.reopened += done["reopened"]
    for kind, begun in done["begun"].items():
        figures.attacks[kind].append(begun / done["seconds"])
    figures.late = max(figures.late, done["late"])
    for name, outcomes in done["told"].items():
        figures.told[name].update(outcomes)


def _cpu(process: Beside) -> float:
    fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
