"""
In which order the hosts of a service are tried.
"""

import pytest

from pushsvc.links.s2s.srv import Service, inOrder


def services(*records: tuple[int, int, str]) -> list[Service]:
    return [Service(priority, weight, 5269, target, False) for priority, weight, target in records]


@pytest.mark.parametrize(
    ("luck", "first"),
    [(0.0, "none"), (0.009, "none"), (0.01, "light"), (0.099, "light"), (0.1, "heavy"), (0.999, "heavy")],
)
def test_6120_5_weightsAreOdds(luck, first):
    """
    Among equals the chance to be the first is as the weight; one without weight has a small one.
    """
    found = inOrder(services((0, 90, "heavy"), (0, 0, "none"), (0, 9, "light"), (1, 500, "later")), lambda: luck)

    assert first == found[0].target
    assert "later" == found[-1].target
    assert {"heavy", "none", "light", "later"} == {service.target for service in found}


def test_theSameRecordTwiceIsOne():
    """
    What DNS repeats is tried once.
    """
    assert 1 == len(inOrder(services((0, 0, "one"), (0, 0, "one")), lambda: 0.5))
