"""
Handlers that are asked before others.
"""

from typing import Any

from twisted.python.failure import Failure
from twisted.words.xish.domish import Element

from pushsvc.links.takers import Takers


class Taker:
    """
    Takes stanzas of one name.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked: list[str] = []

    def take(self, stanza: Element) -> bool:
        """
        Whether it has.
        """
        self.asked.append(stanza.name)
        return bool(stanza.name == self.name)


def test_theFirstThatTakesItHasIt() -> None:
    """
    Takers are asked one after the other, until one has taken the stanza.
    """
    takers, iq, message = Takers(), Taker("iq"), Taker("message")
    for handler in (iq, object(), message):
        takers.add(handler)

    taken = [takers.took(Element((None, name))) for name in ("iq", "message", "presence")]

    assert [True, True, False] == taken
    assert (["iq", "message", "presence"], ["message", "presence"]) == (iq.asked, message.asked)


def test_oneThatFailsKeepsNobodyFromIt(loggedFailures: list[Failure]) -> None:
    """
    A taker that fails is a bug, and the next one is asked.
    """

    class Broken:
        def take(self, stanza: Any) -> bool:
            raise ZeroDivisionError

    takers = Takers()
    takers.add(Broken())
    takers.add(Taker("iq"))

    assert takers.took(Element((None, "iq")))
    assert 1 == len(loggedFailures)
    loggedFailures.clear()
