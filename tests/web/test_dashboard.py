"""
The dashboard for Grafana shows what is really served.
"""

import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
DASHBOARD = json.loads((ROOT / "contrib" / "grafana.json").read_text())
PAGE = ROOT / "docs" / "reference" / "metrics.md"

# They are on every target that Prometheus asks.
EVERYWHERE = {"job", "instance"}

# What is not drawn: it says which version runs, is a part of something that is, or never moves.
NOT_DRAWN = {"process_virtual_memory_bytes", "process_start_time_seconds"}


def _served() -> dict[str, set[str]]:
    # That the page lists what is served is another test's: test_metrics.test_thePageInTheManual.
    rows = re.findall(r"^\| `((?:pushsvc|process)_\w+)` \| \w+ \|([^|]*)\|", PAGE.read_text(), re.MULTILINE)
    return {name: set(re.findall(r"`(\w+)`", labels)) for name, labels in rows}


def _targets() -> list[dict[str, Any]]:
    return [target for panel in DASHBOARD["panels"] for target in panel.get("targets", [])]


def _metrics(expression: str) -> set[str]:
    return set(re.findall(r"\b(?:pushsvc|process)_\w+", expression))


@pytest.mark.parametrize("target", _targets(), ids=lambda target: str(target["legendFormat"]))
def test_itAsksForWhatThereIs(target):
    """
    Each curve is of metrics that are served, grouped and named by labels that they have.
    """
    expression, legend = target["expr"], target["legendFormat"]
    served = _served()

    asked = _metrics(expression)

    assert asked and asked <= set(served)
    labels = set.intersection(*(served[name] for name in asked)) | EVERYWHERE
    grouped = {label.strip() for group in re.findall(r"\bby \(([^)]*)\)", expression) for label in group.split(",")}
    assert grouped <= labels
    assert set(re.findall(r"{{(\w+)}}", legend)) <= (grouped or labels)


def test_nothingIsMissing():
    """
    Whatever is served is drawn.
    """
    variables = " ".join(variable["query"] for variable in DASHBOARD["templating"]["list"])
    drawn = set().union(*(_metrics(target["expr"]) for target in _targets()), _metrics(variables))

    assert drawn == set(_served()) - NOT_DRAWN


def test_everyPanelHasItsPlace():
    """
    No two panels lie on one another, and none leaves the grid, which is 24 wide.
    """
    places = [panel["gridPos"] for panel in DASHBOARD["panels"]]

    covered = [
        (x, y) for at in places for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]

    assert len(covered) == len(set(covered))
    assert max(x for x, y in covered) < 24
