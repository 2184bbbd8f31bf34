"""
`IEnablements`, on anything that keeps an `Account` for a name.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol, TypeVar

from zope.interface import implementer

from pushsvc.concurrently import atOnce
from pushsvc.enablement import Account, Enablement, Pending
from pushsvc.ipushsvc import IEnablements
from pushsvc.storage import accounts
from pushsvc.storage.accounts import Change, Choose

R = TypeVar("R")

# Accounts looked at in one go, while looking for what has ended.
HANDFUL = 100


class Accounts(Protocol):
    """
    What keeps them.
    """

    async def of(self, name: str) -> Account:
        """
        What is kept of an account; an empty one when nothing is.

        :raises TryLater: storage trouble.
        """

    async def change(self, name: str, change: Change[R]) -> R:
        """
        Change what is kept of an account, and drop from the outbox what is gone; on disk when this returns.

        :returns: the change's answer.
        :raises TryLater: storage trouble.
        """

    async def waiting(self, after: str, limit: int) -> Sequence[str]:
        """
        Names of accounts for which something waits.

        :raises TryLater: storage trouble.
        """

    async def page(self, after: str, limit: int) -> Sequence[tuple[str, Account]]:
        """
        What is kept of some accounts, in the order of their names.

        :raises TryLater: storage trouble.
        """

    async def aged(self, before: float, suspendedBefore: float, limit: int) -> Sequence[str]:
        """
        Names of accounts of which an enablement has ended.

        :raises TryLater: storage trouble.
        """


@implementer(IEnablements)
class Enablements:
    """
    One for each storage.
    """

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    async def enable(
        self, enablement: Enablement, most: int, choose: Choose | None = None, others: Collection[str] = ()
    ) -> Sequence[Enablement]:
        return await self._accounts.change(enablement.account, accounts.enabling(enablement, most, choose, others))

    async def disable(self, account: str, service: str, node: str | None = None) -> Sequence[Enablement]:
        return await self._accounts.change(account, accounts.disabling(service, node))

    async def account(self, name: str) -> Account:
        return await self._accounts.of(name)

    async def ofAccount(self, account: str) -> Sequence[Enablement]:
        return (await self._accounts.of(account)).enablements

    async def revise(
        self, enablement: Enablement, revise: Callable[[Enablement], Enablement | None]
    ) -> Enablement | None:
        return await self._accounts.change(enablement.account, accounts.revising(enablement, revise))

    async def pend(
        self,
        account: str,
        messages: int,
        subscriptions: int,
        sessions: Collection[str] = (),
        chats: Mapping[str, int] | None = None,
    ) -> Account:
        return await self._accounts.change(account, accounts.adding(messages, subscriptions, sessions, chats or {}))

    async def settle(
        self,
        account: str,
        session: str | None = None,
        counts: bool = True,
        before: float | None = None,
        others: Collection[str] = (),
    ) -> Pending:
        return await self._accounts.change(account, accounts.settling(session, counts, before, others))

    async def read(self, account: str, chats: Collection[str]) -> Pending:
        return await self._accounts.change(account, accounts.reading(chats))

    async def everybodyPending(self, after: str, limit: int) -> Sequence[str]:
        return await self._accounts.waiting(after, limit)

    async def page(self, after: str, limit: int) -> Sequence[tuple[str, Account]]:
        return await self._accounts.page(after, limit)

    async def expire(self, before: float, suspendedBefore: float) -> int:
        ended = 0
        while True:
            names = await self._accounts.aged(before, suspendedBefore, HANDFUL)
            changes = [self._accounts.change(name, accounts.expiring(before, suspendedBefore)) for name in names]
            # At once: they share a transaction.
            some = sum(await atOnce(changes))
            ended += some
            if len(names) < HANDFUL or not some:
                return ended

    async def forget(self, account: str) -> None:
        await self._accounts.change(account, accounts.forgetting)
