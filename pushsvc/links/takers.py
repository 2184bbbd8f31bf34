"""
Handlers that say themselves what they answer.
"""

from collections.abc import Callable
from typing import Any

from twisted.logger import Logger
from twisted.words.xish import domish

from pushsvc.concealed import concealed


class Takers:
    """
    Handlers with a method ``take``, as `pushsvc.xmpp.edge.Requests` has it: called with a stanza, it says whether
    nobody else needs to see it. They are asked before observers are looked for by XPath, which takes longer than all
    that a link does to a publish.
    """

    log = Logger()

    def __init__(self) -> None:
        self._takers: list[Callable[[domish.Element], bool]] = []

    def add(self, handler: Any) -> None:
        """
        One more handler, which may or may not be one of these.
        """
        take = getattr(handler, "take", None)
        if take is not None:
            self._takers.append(take)

    def took(self, stanza: domish.Element) -> bool:
        """
        Whether one of them has taken it. One that fails keeps nobody else from it.
        """
        for take in self._takers:
            try:
                if take(stanza):
                    return True
            except Exception:
                self.log.failure("a handler failed: this is a bug", concealed())
        return False
