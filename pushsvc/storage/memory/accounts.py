"""
What accounts have enabled.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from pushsvc.enablement import Account
from pushsvc.storage.accounts import Change, expiring
from pushsvc.storage.memory.outbox import MemoryOutbox

R = TypeVar("R")


class MemoryAccounts:
    """
    What accounts have enabled, by their names.
    """

    def __init__(self, outbox: MemoryOutbox, mustBeOpen: Callable[[], None]) -> None:
        self._outbox = outbox
        self._mustBeOpen = mustBeOpen
        self._accounts: dict[str, Account] = {}

    async def of(self, name: str) -> Account:
        self._mustBeOpen()
        return self._accounts.get(name, Account())

    async def change(self, name: str, change: Change[R]) -> R:
        changed = change(await self.of(name))
        self._accounts[name] = changed.account
        if changed.account == Account():
            del self._accounts[name]
        for key in changed.gone:
            self._outbox.forget(key)
        for key, kind, until in changed.known:
            self._outbox.forgetNews(key, kind, until)
        return changed.answer

    async def waiting(self, after: str, limit: int) -> Sequence[str]:
        self._mustBeOpen()
        waiting = (name for name, account in self._accounts.items() if account.pending.isSomething)
        return sorted(name for name in waiting if name > after)[:limit]

    async def page(self, after: str, limit: int) -> Sequence[tuple[str, Account]]:
        self._mustBeOpen()
        names = sorted(name for name in self._accounts if name > after)[:limit]
        return [(name, self._accounts[name]) for name in names]

    async def aged(self, before: float, suspendedBefore: float, limit: int) -> Sequence[str]:
        self._mustBeOpen()
        aged = expiring(before, suspendedBefore)
        return sorted(name for name, account in self._accounts.items() if aged(account).answer)[:limit]
