"""
Versions that never go back.
"""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from pushsvc.providers.mozillaversion import AHEAD, Versions

NOW = 1_790_000_000_000


@pytest.fixture
def file(tmp_path):
    return tmp_path / "versions"


def clockAt(milliseconds):
    clock = Clock()
    clock.advance(milliseconds / 1000)
    return clock


def test_theyAreTheTime(file, clock):
    """
    A version is the time in milliseconds, so that it means the same to every process.
    """
    versions = Versions(file, clock)

    said = [versions.next()]
    clock.advance(1.5)
    said.append(versions.next())

    assert [NOW, NOW + 1500] == said


def test_manyInOneMoment(file, clock):
    """
    No two pushes have the same version, however close they are.
    """
    versions = Versions(file, clock)

    assert [NOW, NOW + 1, NOW + 2] == [versions.next() for _ in range(3)]


def test_theClockIsSetBack(file, clock):
    """
    When the clock is set back, versions go on growing, and follow it again once it has caught up.
    """
    versions = Versions(file, clock)
    first = versions.next()

    clock.rightNow -= 3600
    assert [first + 1, first + 2] == [versions.next(), versions.next()]
    clock.advance(3700)
    assert NOW + 100_000 == versions.next()


@pytest.mark.parametrize("back", [0, 1, 3600, 365 * 86400, 1_789_999_999])
def test_aRestartWithTheClockSetBack(file, clock, back):
    """
    Who starts again goes on where the last one stopped, even if the clock says that it is long ago.
    """
    versions = Versions(file, clock)
    for _ in range(100):
        last = versions.next()
        clock.advance(1)

    clock.rightNow -= back
    again = Versions(file, clock)

    assert last < again.next() <= last + AHEAD + 1


@given(st.lists(st.tuples(st.sampled_from(["push", "start", "pass", "set"]), st.integers(0, 10**6)), max_size=60))
def test_whateverHappens(tmp_path_factory, steps):
    """
    However often it starts again, and whatever becomes of the clock: each version is greater than all before.
    """
    file, clock = tmp_path_factory.mktemp("versions") / "file", clockAt(NOW)
    versions, last = Versions(file, clock), 0

    for what, number in steps:
        if what == "push":
            version = versions.next()
            assert last < version
            last = version
        elif what == "start":
            versions = Versions(file, clock)
        elif what == "pass":
            clock.advance(number / 1000)
        else:
            clock.rightNow = max(0.0, clock.rightNow - number)


def test_oneWriteAMinute(file, clock):
    """
    However many pushes there are, the file is written once a minute; and not at all while there are none.
    """
    versions = Versions(file, clock)
    assert not file.exists()

    written = set()
    for _ in range(600):
        versions.next()
        written.add(file.read_text())
        clock.advance(0.2)

    assert 2 <= len(written) <= 3


def test_theFileIsNeverLowered(file, clock):
    """
    Apps and processes that share the file do not take from it what another has reserved.
    """
    mine, others = Versions(file, clock), Versions(file, clock)
    clock.advance(100)
    last = others.next()
    clock.rightNow -= 100

    mine.next()

    assert last < Versions(file, clock).next()


def test_theFileCannotBeWritten(tmp_path, clock, logEvents):
    """
    Pushes are sent all the same, and the operator is told, once.
    """
    versions = Versions(tmp_path / "nowhere" / "versions", clock)

    said = []
    for _ in range(5):
        said.append(versions.next())
        clock.advance(61)

    assert sorted(said) == said
    assert ["error"] == [event["log_level"].name for event in logEvents]


def test_theFileIsWholeAgain(tmp_path, clock, logEvents):
    """
    What was mended is used from the next minute on, and told again should it break again.
    """
    file = tmp_path / "folder" / "versions"
    versions = Versions(file, clock)
    versions.next()
    file.parent.mkdir()

    clock.advance(61)
    last = versions.next()

    assert last < Versions(file, clockAt(0)).next()
    assert [file.name] == [each.name for each in file.parent.iterdir()]


@pytest.mark.parametrize("content", [b"", b"-5", b"soon", b"1e3", b"9" * 16, b"\xff", b"12 13"])
def test_notOurFile(file, clock, content):
    """
    A file that holds something else is not taken for ours.
    """
    file.write_bytes(content)

    with pytest.raises(ValueError, match="does not hold a number"):
        Versions(file, clock)


def test_noFile(tmp_path, clock):
    """
    What is no file cannot be it.
    """
    with pytest.raises(ValueError, match="cannot be read"):
        Versions(tmp_path, clock)
