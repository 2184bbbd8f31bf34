"""
Servers that have taken pushes of ours.
"""

from pushsvc.providers.takers import MANY, Takers


def test_theLatestAreRemembered():
    """
    However many servers clients name, few are remembered: those that took something last.
    """
    takers = Takers(3)
    for origin in ("a", "b", "c", "a", "d", "e"):
        takers.took(origin)

    assert ["a", "d", "e"] == [origin for origin in "abcde" if takers.refused(origin, "device")]


def test_oneDeviceAfterTheOther():
    """
    A server that takes nothing any more, whoever it is for, refuses us and not the devices: until it takes something.
    """
    takers = Takers()

    for _ in range(2):
        takers.took("a")
        said = [takers.refused("a", f"device {number}") for number in range(MANY + 3)]
        assert [True] * MANY + [False] * 3 == said


def test_oneDeviceIsOne():
    """
    However often a device is refused, that says nothing of the others.
    """
    takers = Takers()
    takers.took("a")

    assert all(takers.refused("a", "device") for _ in range(5 * MANY))
