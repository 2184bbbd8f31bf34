"""
Push services that refuse, and what becomes of them.
"""

import pytest

from pushsvc.event import Occasion
from pushsvc.publisher.probation import TRIED_EVERY, Probation
from tests.publisher.conftest import JULIET, SERVICE
from tests.support import resultOf

MONTH = 30 * 86_400.0


@pytest.fixture
def probation(house):
    return Probation(house.enablements, house.clock, most=3, lasts=MONTH)


@pytest.fixture
def known(house):
    return lambda: resultOf(house.enablements.ofAccount(JULIET))[0]


@pytest.fixture
def refused(probation, known):
    return lambda: resultOf(probation.refused(known()))


@pytest.fixture
def taken(probation, known):
    return lambda: resultOf(probation.taken(known()))


@pytest.fixture
def told(house, says):
    def happens():
        house.told.clear()
        house.happens(Occasion.OFFLINE, says.message())
        return bool(house.told)

    return happens


def test_PR27_soManyInARow(house, refused, told):
    """
    PR-27: a service that refuses so often in a row is told no more, for the time being.
    """
    house.enable()
    for _ in range(2):
        refused()
        assert told()

    refused()

    assert not told()


def test_PR28_aSuccessForgives(house, refused, taken, told):
    """
    PR-28: whatever it takes in between begins the count anew.
    """
    house.enable()
    for _ in range(2):
        refused()

    taken()
    for _ in range(2):
        refused()

    assert told()


def test_triedOnceADay(house, refused, told):
    """
    On probation a service is tried once a day.
    """
    house.enable()
    for _ in range(3):
        refused()

    house.clock.advance(TRIED_EVERY)
    assert told()
    refused()
    assert not told()

    house.clock.advance(TRIED_EVERY)
    assert told()


def test_backAmongTheOthers(house, refused, taken, told):
    """
    A service that takes what it is tried with is told everything again.
    """
    house.enable()
    for _ in range(3):
        refused()
    house.clock.advance(TRIED_EVERY)

    taken()

    assert told()
    refused()
    assert told()


def test_U3_enabledAgain(house, refused, told):
    """
    U-3: whenever the client enables it again, all is forgiven.
    """
    house.enable()
    for _ in range(3):
        refused()
    house.clock.advance(1)

    house.enable()

    assert told()


def test_forgottenInTheEnd(house, refused, told):
    """
    Who goes on refusing is forgotten.
    """
    house.enable()
    for _ in range(3):
        refused()
    house.clock.advance(MONTH)
    assert told()

    refused()

    assert [] == list(resultOf(house.enablements.ofAccount(JULIET)))


def test_useIsWrittenDownSeldom(house, probation, taken):
    """
    That a service is in use is known for choosing which one leaves, and not written with every push.
    """
    house.enable()
    written = []
    revise = house.enablements.revise

    async def counted(*args):
        written.append(args)
        return await revise(*args)

    house.enablements.revise = counted
    for _ in range(10):
        house.clock.advance(60)
        taken()
    assert [] == written

    house.clock.advance(3600)
    taken()
    assert 1 == len(written)
    assert house.clock.seconds() == resultOf(house.enablements.ofAccount(JULIET))[0].used


def test_unknownServices(house, probation, known):
    """
    What is answered for a service that was disabled meanwhile concerns nobody.
    """
    house.enable()
    before = known()
    resultOf(house.publisher.disable(JULIET, SERVICE))

    resultOf(probation.refused(before))
    resultOf(probation.taken(before))

    assert [] == list(resultOf(house.enablements.ofAccount(JULIET)))
    assert resultOf(probation.find(JULIET, SERVICE, "phone")) is None


def test_enabledAnewMeanwhile(house, probation, known):
    """
    What is answered to what was enabled before does not count against what was enabled since.
    """
    house.enable()
    before = known()
    house.clock.advance(1)
    house.enable()

    for _ in range(3):
        resultOf(probation.refused(before))

    assert (0, None) == (known().failures, known().suspended)


def test_PR27_everyRefusalCounts(house, probation, known):
    """
    PR-27: refusals that come at once count each, though all of them were asked of what was known before.
    """
    house.enable()
    before = known()

    for _ in range(3):
        resultOf(probation.refused(before))

    assert known().suspended is not None


def test_PR29_countersAreKept(house, probation, refused, known):
    """
    PR-29: unlike with Prosody, what was counted is not lost when the process ends: it stands with what was enabled.
    """
    house.enable()
    refused()

    later = Probation(house.enablements, house.clock, most=2, lasts=MONTH)
    resultOf(later.refused(known()))

    assert known().suspended is not None


def test_triedOnceADay_waitsToo(house, probation, refused, known):
    """
    On probation what waits already is not told either.
    """
    house.enable()
    assert known() == resultOf(probation.find(JULIET, SERVICE, "phone"))
    for _ in range(3):
        refused()

    assert resultOf(probation.find(JULIET, SERVICE, "phone")) is None
    house.clock.advance(TRIED_EVERY)
    assert known() == resultOf(probation.find(JULIET, SERVICE, "phone"))


def test_clocksThatWereWrong(house, refused, told, known):
    """
    A service that was put on probation by a clock that was wrong is not left alone until the time it showed.
    """
    house.clock.advance(10 * 365 * 86_400)
    house.enable()
    for _ in range(3):
        refused()
    house.clock.rightNow = 86_400.0

    assert told()
    refused()

    assert not told()
    assert (86_400.0, 86_400.0) == (known().suspended, known().used)
    house.clock.advance(MONTH)
    refused()
    assert [] == list(resultOf(house.enablements.ofAccount(JULIET)))


def test_useIsWrittenDownByAnyClock(house, taken, known):
    """
    What was used last by a clock that was wrong does not count as used until then.
    """
    house.clock.advance(10 * 365 * 86_400)
    house.enable()
    house.clock.rightNow = 86_400.0

    taken()

    assert 86_400.0 == known().used
