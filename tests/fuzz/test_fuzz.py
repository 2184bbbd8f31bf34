"""
Peers may say anything.

``python -m tests.fuzz.run TARGET SECONDS`` goes on where these tests stop. What it finds becomes a file of the corpus,
and so a test.
"""

from os import environ

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from twisted.logger import Logger
from twisted.python.failure import Failure

from pushsvc.jids import addressOf
from tests.fuzz import seeds
from tests.fuzz.bugs import noBugs
from tests.fuzz.run import Found, fuzz
from tests.fuzz.seeds import KINDS, Edit
from tests.fuzz.servers import SECURED, Evil, incoming
from tests.fuzz.targets import TARGETS

SEEDS = {target: seeds.seedsOf(target) for target in TARGETS}
EDITS = some.lists(
    some.builds(Edit, some.integers(0, KINDS - 1), some.floats(0, 1), some.integers(0, 60), some.integers(0, 65535)),
    max_size=6,
)


@pytest.mark.parametrize(
    ("target", "name"),
    [(target, path.name) for target in TARGETS for path in sorted((seeds.FOLDER / target).iterdir())],
)
def test_whatIsKnown(target, name):
    """
    What was found once, and what inputs begin as, does no harm.
    """
    TARGETS[target]((seeds.FOLDER / target / name).read_bytes())


@pytest.mark.parametrize("target", TARGETS)
def test_whatIsLikeIt(target):
    """
    Nor does what is nearly that, or no such thing at all.
    """

    @settings(max_examples=200, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(some.sampled_from(SEEDS[target]), EDITS)
    def nearly(seed, edits):
        TARGETS[target](seeds.edited(seed, edits, SEEDS[target]))

    @settings(max_examples=50, deadline=None, database=None)
    @given(some.binary(max_size=200))
    def noSuchThing(data):
        TARGETS[target](data)

    nearly()
    noSuchThing()


@pytest.mark.long
@pytest.mark.parametrize("target", TARGETS)
def test_forLonger(target):
    """
    Nor in ``FUZZ_SECONDS`` (60, if nothing else is said) of trying.
    """
    assert 0 < fuzz(TARGETS[target], SEEDS[target], float(environ.get("FUZZ_SECONDS", "60")))


# The fuzzing itself


@pytest.mark.parametrize(
    ("target", "name", "senders"),
    [
        ("dialback", "proven.xml", ["chat.example"]),
        ("dialback", "several.xml", ["chat.example", "second.example"]),
        ("dialback", "doubted.xml", []),
        ("external", "proven.xml", ["evil.example"]),
        ("external", "brings-others.xml", ["evil.example", "chat.example"]),
    ],
)
def test_theScenesArePlayed(target, name, senders):
    """
    What inputs begin as leads to where stanzas are taken.
    """
    before = SECURED if target == "external" else b""

    scene = incoming(before + (seeds.FOLDER / target / name).read_bytes())

    assert senders == [addressOf(stanza["from"]).domain for stanza in scene.received]


class Credulous(Evil):
    """
    Takes stanzas from anybody.
    """

    def _checkPair(self, stanza):
        pass


def test_impostorsAreFound():
    """
    If anybody were believed, trying would soon find out.
    """
    with pytest.raises(Found):
        fuzz(lambda data: incoming(SECURED + data, Credulous), SEEDS["external"], 20.0, 7)


def test_bugsAreFound(loggedFailures):
    """
    So it would if something broke where bugs are logged.
    """

    def broken(data):
        with noBugs():
            if b"&x;" in data:
                Logger().failure("a bug", Failure(ZeroDivisionError()))

    with pytest.raises(Found):
        fuzz(broken, [b"<a/>"], 20.0, 7)
    loggedFailures.clear()
