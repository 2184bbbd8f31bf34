"""
The measurement of what hostile peers cost a good one (`bench.disturbed`): that it measures, not what.
"""

from pathlib import Path

import pytest

from bench.disturbed.__main__ import report
from bench.disturbed.attacks import ALL
from bench.disturbed.good import percentile
from bench.disturbed.measuring import Plan, measure

pytestmark = pytest.mark.servers


def test_itMeasures(tmp_path: Path) -> None:
    """
    Every publish is answered, and every attack refused as it has to be, in rounds that are short enough for a test.
    """
    plan = Plan(rounds=1, seconds=2.0, rate=50.0, halfOpen=30, cheap=10.0, dear=6.0, polite=0)

    figures = measure(tmp_path, plan, tell=lambda text: None)

    assert [len(each) for each in figures.calm + figures.disturbed] == [100, 100]
    assert sum(outcomes.total() for outcomes in figures.told.values()) > len(ALL) / 2
    assert figures.surprises == []
    assert "All refused as they should be." in report(plan, figures)


@pytest.mark.parametrize(("share", "expected"), [(0.5, 50), (0.99, 99), (1.0, 100), (0.001, 1)])
def test_percentiles(share: float, expected: float) -> None:
    """
    A percentile is the value that this share does not exceed.
    """
    assert percentile([float(each) for each in range(100, 0, -1)], share) == expected
