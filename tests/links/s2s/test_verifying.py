"""
How much asking others strangers can have us do.
"""

from collections.abc import Callable
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from pushsvc.links.s2s.approach import Unreached
from pushsvc.links.s2s.dialback import Pair
from pushsvc.links.s2s.domains import LookupTrouble, NoSuchDomain
from pushsvc.links.s2s.keys import Keys
from pushsvc.links.s2s.ourselves import Ourselves, Settings
from pushsvc.links.s2s.verifying import TRIES, Verifier

US = "push.example"


class Reach:
    """
    Goes nowhere until the test says how it ends.

    :ivar asked: which domains are being asked, in order.
    """

    def __init__(self) -> None:
        self.asked: list[tuple[str, Deferred[Any]]] = []
        self.tries: int | None = None

    async def reach(self, domain: str, make: Callable[..., Any], tries: int | None = None) -> Any:
        self.tries = tries
        self.asked.append((domain, Deferred()))
        return await self.asked[-1][1]

    def fail(self, why: Exception) -> None:
        """
        The latest one could not be asked.
        """
        self.asked[-1][1].errback(why)


class Questions:
    """
    A verifier, and what came of what it was asked.
    """

    def __init__(self, clock: Clock, **settings: Any) -> None:
        self.reach = Reach()
        ourselves = Ourselves(frozenset([US]), None, Keys("secret"), clock, Settings(**settings))
        self._verifier = Verifier(ourselves, self.reach)  # type: ignore[arg-type]

    def claim(self, domain: str, whence: str = "192.0.2.1") -> list[str]:
        """
        Somebody says that it is this domain.

        :returns: will have why it cannot be told.
        """
        outcome: list[str] = []
        claimed = Deferred.fromCoroutine(self._verifier.verify(Pair(US, domain), "id", "key", whence))
        claimed.addErrback(lambda reason: outcome.append(reason.value.condition))
        return outcome


@pytest.fixture
def questions(clock: Clock) -> Questions:
    """
    Nobody has claimed anything.
    """
    return Questions(clock)


def test_onePlaceHasARate(clock: Clock, questions: Questions) -> None:
    """
    One place has ten questions asked at once, then two a second, whatever became of them; others still have theirs.
    """
    for number in range(15):
        questions.claim(f"{number}.example")
        if len(questions.reach.asked) == number + 1:
            questions.reach.fail(Unreached("no"))
    atOnce = len(questions.reach.asked)
    clock.advance(1)
    refused = [questions.claim(f"later{number}.example") for number in range(4)]
    questions.claim("other.example", "192.0.2.2")

    assert (10, 13) == (atOnce, len(questions.reach.asked))
    assert [[], [], ["resource-constraint"], ["resource-constraint"]] == refused


def test_oneNetworkHasARateToo(clock: Clock, questions: Questions) -> None:
    """
    Whoever has a large network of IPv6 has thousands of places, and yet no more than twice what one place has.
    """
    for number in range(40):
        questions.claim(f"{number}.example", f"2001:db8:0:{number:x}::")
    atOnce = len(questions.reach.asked)
    questions.claim("other.example", "2001:db8:1:1::")
    clock.advance(1)
    for number in range(40, 60):
        questions.claim(f"{number}.example", f"2001:db8:0:{number:x}::")

    assert (20, 25) == (atOnce, len(questions.reach.asked))


def test_allPlacesTogetherHaveARate(questions: Questions) -> None:
    """
    Many places have no more than fifty a second asked.
    """
    for number in range(80):
        questions.claim(f"{number}.example", f"192.0.2.{number}")

    assert 50 == len(questions.reach.asked)


def test_placesThatHaveManyMakeRoom(clock: Clock) -> None:
    """
    When as many questions as there may be are under way, the place that has most of them gives its oldest up for one
    that has fewer; among equals nobody has to.
    """
    questions = Questions(clock, maxVerifications=5)
    many = [questions.claim(f"a{number}.example", "192.0.2.1") for number in range(3)]
    others = [questions.claim(f"b{number}.example", "192.0.2.2") for number in range(2)]
    again = questions.claim("a3.example", "192.0.2.1")
    new = questions.claim("c.example", "192.0.2.3")
    later = questions.claim("d.example", "192.0.2.3")

    assert [["resource-constraint"], [], []] == many
    assert ([[], []], ["resource-constraint"], [], ["resource-constraint"]) == (others, again, new, later)
    assert ["a0.example", "a1.example", "a2.example", "b0.example", "b1.example", "c.example"] == [
        domain for domain, _ in questions.reach.asked
    ]


def test_oneDomainIsAskedTwoQuestionsAtOnce(questions: Questions) -> None:
    """
    However many say to be a domain, it has not more than two streams of ours to answer on.
    """
    outcomes = [questions.claim("victim.example", f"192.0.2.{number}") for number in range(4)]
    questions.reach.fail(Unreached("no", "host-unknown", isFinal=True))
    questions.claim("victim.example")

    assert [[], ["remote-server-not-found"], ["resource-constraint"], ["resource-constraint"]] == outcomes
    assert 3 == len(questions.reach.asked)


@pytest.mark.parametrize(
    ("why", "condition"),
    [
        (NoSuchDomain("nothing"), "remote-server-not-found"),
        (LookupTrouble("no answer"), "remote-server-timeout"),
        (Unreached("no connection", "remote-connection-failed"), "remote-server-timeout"),
    ],
)
def test_whoCouldNotBeAskedIsNotAskedAgainAtOnce(
    clock: Clock, questions: Questions, why: Exception, condition: str
) -> None:
    """
    A domain that could not be asked is left alone for a moment, and who says to be it is told the same at once.
    """
    questions.claim("gone.example")
    questions.reach.fail(why)
    again = questions.claim("gone.example", "192.0.2.2")
    asked = len(questions.reach.asked)
    clock.advance(1)
    questions.claim("gone.example")

    assert ([condition], 1, 2) == (again, asked, len(questions.reach.asked))


def test_aRefusalIsNotSilence(questions: Questions) -> None:
    """
    A domain that says that it cannot tell is there: others who say to be it are not to suffer from a wrong claim.
    """
    questions.claim("chat.example")
    questions.reach.fail(Unreached("it does not say", "item-not-found", isFinal=True))
    questions.claim("chat.example")

    assert 2 == len(questions.reach.asked)


def test_notEveryServerIsTried(questions: Questions) -> None:
    """
    A domain can name many servers, and others' as well: a few of them will do for one question.
    """
    questions.claim("evil.example")

    assert TRIES == questions.reach.tries
