"""
Nodes that are not there: servers go on publishing to some for months, and each publish would be a question to the
database.
"""

from typing import Any

from twisted.python.components import proxyForInterface

from pushsvc.ipushsvc import IRegistrations
from pushsvc.model import Registration

# Seconds for which a node that was not there is not looked for again. Another process may have registered it.
AGE = 30.0
# Remembered at once, at most twice as many.
MOST = 20_000


class Absences(proxyForInterface(IRegistrations)):  # type: ignore[misc]  # it makes a class
    """
    Registrations, in front of which it is remembered what is not among them.
    """

    def __init__(self, registrations: IRegistrations, clock: Any, most: int = MOST) -> None:
        super().__init__(registrations)
        self._clock = clock
        self._most = most
        # Until when; and those of before. What is in neither is looked for.
        self._young: dict[str, float] = {}
        self._old: dict[str, float] = {}

    async def byNode(self, node: str) -> Registration | None:
        until = self._young.get(node) or self._old.get(node)
        if until is not None and until > self._clock.seconds():
            return None
        found: Registration | None = await self.original.byNode(node)
        # No node has no name: who asks for that wants to hear the database answer.
        if found is None and node:
            self._remember(node)
        return found

    async def register(self, proposed: Registration) -> Registration:
        kept: Registration = await self.original.register(proposed)
        for node in {proposed.node, kept.node}:
            self._young.pop(node, None)
            self._old.pop(node, None)
        return kept

    def _remember(self, node: str) -> None:
        if len(self._young) >= self._most:
            self._old, self._young = self._young, {}
        self._young[node] = self._clock.seconds() + AGE
