"""
``make bench``: what a push costs, from the server's stream over the disk to the push network.

    python -m bench [--link component] [--link s2s] [--rounds N] [--publishes N] [--nodes N] [--brief]

Everything is on loopback and on this machine; see docs/reference/performance.md for what is measured and how.
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from bench import report
from bench.building import CannotBuild, build
from bench.floor import Floor
from bench.fronts import ComponentFront, Front
from bench.processes import ROOT
from bench.s2s.front import S2SFront
from bench.trial import WINDOW, Trial

# So many for each of ours, where a push costs little.
MORE = 10
RATES = (1_000, 3_000)
# Seconds.
OPEN_LOOP = 5.0

KINDS = ("component", "s2s")


def main(argv: Sequence[str] | None = None) -> int:
    said = _arguments().parse_args(argv)
    place = ROOT / "build" / "bench"
    place.mkdir(parents=True, exist_ok=True)
    try:
        component, sink = build("component", place), build("sink", place)
    except CannotBuild as e:
        print(f"{'*' * 72}\nNOTHING IS MEASURED: {e}\n{'*' * 72}", file=sys.stderr)
        return 1
    # In the tree and not in /tmp, which may be no disk.
    folder = Path(tempfile.mkdtemp(dir=place, prefix="run-"))
    with ExitStack() as running:
        floor = Floor(folder / "floor", component, sink)
        running.callback(floor.end)
        trials = []
        for kind in said.link or KINDS:
            trial = Trial(folder / kind, _front(kind, folder / kind, said), sink, said.nodes, said.publishes)
            running.callback(trial.end)
            trials.append(trial)
        _measure(trials, floor, said)
    print(report.table({trial.kind: trial.figures for trial in trials}, floor.least, said.nodes, WINDOW))
    broken = [trial for trial in trials if not trial.figures.isWhole]
    for trial in broken:
        print(f"{trial.kind}: PUSHES WERE LOST OR DOUBLED, OR REFUSED. What the service said:", file=sys.stderr)
        print(trial.log.read_text()[-2000:], file=sys.stderr)
    if not broken:
        shutil.rmtree(folder)
    return 1 if broken else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--link", action="append", choices=KINDS, help="what is measured; else both")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--publishes", type=int, default=10_000, help="a round")
    parser.add_argument("--nodes", type=int, default=10_000)
    parser.add_argument("--brief", action="store_true", help="rounds only: no open loop, no stages")
    parser.add_argument("--domains", type=int, default=4, help="s2s: servers that publish")
    parser.add_argument("--dialback", action="store_true", help="s2s: no certificate proves who one is")
    parser.add_argument("--bidi", action="store_true", help="s2s: answers come on the servers' streams (XEP-0288)")
    return parser


def _front(kind: str, folder: Path, said: argparse.Namespace) -> Front:
    if kind == "component":
        return ComponentFront()
    return S2SFront(folder / "rig", said.domains, not said.dialback, said.bidi)


def _measure(trials: Sequence[Trial], floor: Floor, said: argparse.Namespace) -> None:
    for trial in trials:
        trial.warmUp()
    for _ in range(said.rounds):
        # By turns: what drifts, or comes back every so often, hits all.
        for trial in trials:
            trial.round()
        floor.round(MORE * said.publishes, WINDOW, said.nodes)
    for trial in trials:
        trial.knock()
        if not said.brief:
            for rate in RATES:
                trial.openLoop(rate, OPEN_LOOP)
            trial.stages()


if __name__ == "__main__":
    raise SystemExit(main())
