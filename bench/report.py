"""
The figures as a table.
"""

import os
import platform
import subprocess
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Any


def table(figures: Any, nodes: int, window: int) -> str:
    """
    What `bench.__main__.Figures` hold, in Markdown.
    """
    ours, least, quickest = map(median, (figures.cpu, figures.component, figures.h2load))
    lines = [
        f"{_commit()}; CPython {platform.python_version()}, {os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}",
        f"{nodes} nodes, {window} publishes without an answer, {len(figures.cpu)} rounds: median (least to most)",
        "",
        "| CPU per push | µs |",
        "|---|---|",
        f"| the service: component stream, SQLite with synchronous=FULL, APNs over HTTP/2 | {_spread(figures.cpu)} |",
        f"| of which its first thread | {_spread(figures.main)} |",
        f"| the least a component costs (C, expat) | {_spread(figures.component)} |",
        f"| h2load | {_spread(figures.h2load)} |",
        f"| the service is so many times the two together | {ours / (least + quickest):.1f} |",
        f"| a registration | {figures.registration:.0f} |",
        "",
        f"Answers a second: {_spread(figures.rates)}. Memory: {figures.memory:.0f} MB.",
        f"Published {figures.published}, requests at the push network {figures.requests}, different apns-ids "
        f"{figures.distinct}, errors {figures.errors}.",
    ]
    if figures.open:
        lines += ["", "| open loop | p50 ms | p99 ms | max ms | CPU per push, µs |", "|---|---|---|---|---|"]
        for rate, answers, cpu in figures.open:
            times = " | ".join(f"{answers.within(share):.1f}" for share in (0.5, 0.99, 1.0))
            lines.append(f"| {rate} a second | {times} | {cpu:.0f} |")
    if figures.stages:
        lines += ["", "| where the time goes (sampled) | µs |", "|---|---|"]
        inOrder = sorted(figures.stages.items(), key=lambda stage: -stage[1])
        lines += [f"| {stage} | {cpu:.0f} |" for stage, cpu in inOrder if cpu >= 0.5]
        lines.append(f"| together | {sum(figures.stages.values()):.0f} |")
    return "\n".join(lines)


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
