"""
``python -m bench.fairness``: what a push network that hangs costs those who are on another.

A pushsvc of its own, with a component's stream, SQLite and two apps with a network each. The server publishes to
devices of both at a fixed rate; undisturbed rounds, rounds in which one network takes everything and says nothing, and
rounds without publishes to the devices of that one take turns. It is promised that on the other lane the times from
publish to network, median and p99, stay within 1.25 of the undisturbed ones.
"""

import argparse
import asyncio
import os
import tempfile
from dataclasses import fields
from pathlib import Path

from bench.disturbed.good import percentile
from bench.fairness.measuring import Figures, Plan, measure

ALLOWED = 1.25


def report(plan: Plan, figures: Figures) -> str:
    """
    What came of it, for people.
    """
    lines = [
        f"{plan.rate:g} publishes a second to each of two lanes, with {plan.devices} devices each, for "
        f"{plan.seconds:g} s a round; load {os.getloadavg()[0]:.1f}",
        "",
        "| round | nothing on the other lane: p50 / p99 ms | undisturbed | its network hangs | to undisturbed |",
        "|---|---|---|---|---|",
    ]
    rounds = zip(figures.alone, figures.calm, figures.hanging, strict=True)
    for number, turns in enumerate(rounds, 1):
        medians, slowest = ([percentile(times, share) for times in turns] for share in (0.5, 0.99))
        cells = [f"{p50:.2f} / {p99:.2f}" for p50, p99 in zip(medians, slowest, strict=True)]
        ratios = f"{medians[2] / medians[1]:.2f} / {slowest[2] / slowest[1]:.2f}"
        lines.append(f"| {number} | {' | '.join(cells)} | {ratios} |")
    unrest = max(figures.unrest(0.5), figures.unrest(0.99))
    lines += [
        "",
        f"Medians of rounds: p50 {figures.ratio(0.5):.2f}, p99 {figures.ratio(0.99):.2f} times the undisturbed ones; "
        f"{ALLOWED} is allowed. The undisturbed rounds differ by up to {unrest:.2f} among themselves"
        f"{': too much for this machine to tell, let it be idle.' if unrest > ALLOWED else '.'}",
        f"To nothing on the other lane, which is less work: p50 {figures.ratio(0.5, figures.alone):.2f}, "
        f"p99 {figures.ratio(0.99, figures.alone):.2f}.",
        f"Missing on the living lane: {figures.missing}; publishes not accepted: {figures.errors}; sent on the other "
        f"lane once its network answered again: {figures.late}.",
    ]
    return "\n".join(lines)


def main() -> int:
    """
    Measure, and say.
    """
    parser = argparse.ArgumentParser(prog="python -m bench.fairness", description=__doc__)
    for option in fields(Plan):
        parser.add_argument(f"--{option.name}", type=type(option.default), default=option.default)
    plan = Plan(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="pushsvc-fairness-") as folder:
        figures = asyncio.run(measure(Path(folder), plan))
    print("\n" + report(plan, figures))
    return int(bool(figures.missing or figures.errors))


if __name__ == "__main__":
    raise SystemExit(main())
