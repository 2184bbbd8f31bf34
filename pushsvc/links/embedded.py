"""
A link within one process: to a server that is built on Wokkel, by its router.

It is not named in a configuration, for a router cannot be; whoever builds the server hands it to `pushsvc.tap.compose`.
"""

from collections.abc import Collection, Sequence
from typing import Any

from twisted.words.xish.domish import Element
from wokkel.component import InternalComponent
from zope.interface import implementer

from pushsvc.ipushsvc import ILink


@implementer(ILink)
class EmbeddedLink(InternalComponent):  # type: ignore[misc]  # Wokkel has no types
    """
    Serves domains of the server, be they its accounts' own.

    :param router: a Twisted ``Router``, as Wokkel's components have it.
    """

    def __init__(self, router: Any, domains: Collection[str]) -> None:
        super().__init__(router)
        self.domains = set(domains)

    def serves(self, host: str) -> bool:
        return host in self.domains

    def send(self, obj: Element) -> None:
        # What leaves while nobody routes it would be lost without a word: to who sent it, it is unanswered.
        if self.xmlstream is not None:
            super().send(obj)

    async def reload(self) -> None:
        """
        There is nothing to read.
        """

    def trouble(self) -> str | None:
        return None if self.xmlstream is not None else "the server's router is not there"

    def addHandlers(self, handlers: Sequence[Any]) -> None:
        for handler in handlers:
            handler.setHandlerParent(self)
