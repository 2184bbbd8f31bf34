"""
The figures as a table.
"""

import os
import platform
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median

from bench.figures import Figures, Least
from bench.pump import Answers

# What a kind of link is to whoever reads it.
_NAMES = {"component": "component (XEP-0114)", "s2s": "s2s (TLS)"}

Figure = Callable[[Figures], str]


def table(figures: Mapping[str, Figures], least: Least, nodes: int, window: int) -> str:
    """
    In Markdown, a column for each kind of link.
    """
    floor = median(least.component) + median(least.h2load)
    rows: list[tuple[str, Figure]] = [
        ("CPU per push, µs", lambda each: _spread(each.cpu)),
        ("of which the first thread", lambda each: _spread(each.main)),
        ("so many times the least, see below", lambda each: f"{median(each.cpu) / floor:.1f}"),
        ("answers a second", lambda each: _spread(each.rates)),
        ("a registration, µs", lambda each: f"{each.registration:.0f}"),
        ("a stream opened and closed, µs", lambda each: "-" if each.opening is None else f"{each.opening:.0f}"),
        ("memory, MB", lambda each: f"{each.memory:.0f}"),
        ("published", lambda each: f"{each.published}"),
        ("requests at the push network", lambda each: f"{each.requests}"),
        ("different apns-ids", lambda each: f"{each.distinct}"),
        ("errors", lambda each: f"{each.errors}"),
    ]
    all = list(figures.values())
    lines = [
        f"{_commit()}; CPython {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}",
        f"{nodes} nodes, {window} publishes without an answer, {len(all[0].cpu)} rounds: median (least to most)",
        "",
        _row("SQLite with synchronous=FULL, APNs over HTTP/2", [_NAMES[kind] for kind in figures]),
        _rule(len(all)),
        *[_row(name, [figure(each) for each in all]) for name, figure in rows],
        "",
        "| the least, CPU | µs |",
        "|---|---|",
        f"| of a component (C, expat) | {_spread(least.component)} |",
        f"| h2load | {_spread(least.h2load)} |",
    ]
    if all[0].open:
        lines += ["", "| open loop | p50 ms | p99 ms | max ms | CPU per push, µs |", "|---|---|---|---|---|"]
        lines += [_opened(kind, *each) for kind, of in figures.items() for each in of.open]
    if all[0].stages:
        lines += ["", _row("where the time goes (sampled), µs", list(figures)), _rule(len(all)), *_stages(all)]
    return "\n".join(lines)


def _opened(kind: str, rate: int, answers: Answers, cpu: float) -> str:
    times = [f"{answers.within(share):.1f}" for share in (0.5, 0.99, 1.0)]
    return _row(f"{kind}, {rate} a second", [*times, f"{cpu:.0f}"])


def _stages(all: Sequence[Figures]) -> list[str]:
    most = {stage: max(each.stages.get(stage, 0.0) for each in all) for each in all for stage in each.stages}
    inOrder = sorted((stage for stage in most if most[stage] >= 0.5), key=lambda stage: -most[stage])
    rows = [_row(stage, [f"{each.stages.get(stage, 0.0):.0f}" for each in all]) for stage in inOrder]
    return [*rows, _row("together", [f"{sum(each.stages.values()):.0f}" for each in all])]


def _row(name: str, values: Sequence[str]) -> str:
    return f"| {name} | {' | '.join(values)} |"


def _rule(columns: int) -> str:
    return "|---" * (columns + 1) + "|"


def _spread(values: Sequence[float]) -> str:
    digits = 0 if median(values) >= 20 else 1
    return f"{median(values):.{digits}f} ({min(values):.{digits}f} to {max(values):.{digits}f})"


def _commit() -> str:
    here = Path(__file__).parent
    argv = ["git", "-C", str(here), "describe", "--always", "--dirty", "--abbrev=10", "--exclude=*"]
    try:
        return "commit " + subprocess.run(argv, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "no commit"
