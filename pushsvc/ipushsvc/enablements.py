"""
Where the publisher keeps what accounts have enabled.
"""

from collections.abc import Callable, Collection, Mapping, Sequence

from zope.interface import Interface

from pushsvc.enablement import Account, ContentOptions, Enablement, Pending


class IEnablements(Interface):
    """
    Where the publisher keeps what accounts have enabled, and what waits for them.
    """

    async def enable(
        enablement: Enablement,
        most: int,
        choose: Callable[[ContentOptions, bool], ContentOptions] | None = None,
        others: Collection[str] = (),
    ) -> Sequence[Enablement]:
        """
        Keep it, in place of what there is of the same account, service and node; on disk when this returns. Nothing
        waits for the account any more: whoever enables is there, and is not to be woken.

        :param most: enablements that one account may have: those not used for longest leave.
        :param choose: what the account has chosen from now on, by what it had chosen before, and whether this is its
            first enablement; it may be asked several times, in another thread.
        :param others: further keys of the outbox, of which is told no more what waits for this one if it is known.
        :returns: those that left.
        :raises TryLater: storage trouble.
        """

    async def disable(account: str, service: str, node: str | None = None) -> Sequence[Enablement]:
        """
        Forget one, or all of a service, and what waits for them in the outbox. With the last of an account go its
        options.

        :param node: None: all of them; the empty text: the one without a node.
        :returns: what was forgotten.
        :raises TryLater: storage trouble.
        """

    async def account(name: str) -> Account:
        """
        Everything of an account; an empty one when there is nothing.

        :raises TryLater: storage trouble.
        """

    async def ofAccount(account: str) -> Sequence[Enablement]:
        """
        All enablements of an account, oldest first.

        :raises TryLater: storage trouble.
        """

    async def revise(
        enablement: Enablement, revise: Callable[[Enablement], Enablement | None]
    ) -> Enablement | None:
        """
        Change one, unless it was enabled anew meanwhile.

        :param revise: what becomes of it as it is now; None: it is forgotten, with what waits for it. It may be asked
            several times, in another thread.
        :returns: what became of it; None: it is gone, or another.
        :raises TryLater: storage trouble.
        """

    async def pend(
        account: str,
        messages: int,
        subscriptions: int,
        sessions: Collection[str] = (),
        chats: Mapping[str, int] | None = None,
    ) -> Account:
        """
        More waits for an account that has enabled something.

        :param chats: how many of the messages are of which chat.
        :returns: everything of it from now on.
        :raises TryLater: storage trouble.
        """

    async def settle(
        account: str,
        session: str | None = None,
        counts: bool = True,
        before: float | None = None,
        others: Collection[str] = (),
    ) -> Pending:
        """
        Nothing waits any more: for one resource of the account, or for all of it.

        :param counts: False: the session waits no more, but what was counted stays.
        :param before: seconds since 1970: of what was put into the outbox until then, messages and calls for what the
            resource has enabled, or messages for all that is enabled, are told no more; None: they are.
        :param others: further keys of the outbox of which that holds.
        :returns: what waited before.
        :raises TryLater: storage trouble.
        """

    async def read(account: str, chats: Collection[str]) -> Pending:
        """
        No message of some chats waits any more.

        :returns: what waits from now on.
        :raises TryLater: storage trouble.
        """

    async def everybodyPending(after: str, limit: int) -> Sequence[str]:
        """
        Accounts for which something waits, in an order that does not change.

        :param after: the last one of the page before; the empty text: from the beginning.
        :raises TryLater: storage trouble.
        """

    async def page(after: str, limit: int) -> Sequence[tuple[str, Account]]:
        """
        Accounts of which something is kept, by their names, in an order that does not change; for people who look.

        :param after: the last one of the page before; the empty text: from the beginning.
        :raises TryLater: storage trouble.
        """

    async def expire(before: float, suspendedBefore: float) -> int:
        """
        Forget what was enabled last before a time, and what has been on probation since before another.

        :returns: how many were forgotten.
        :raises TryLater: storage trouble.
        """

    async def forget(account: str) -> None:
        """
        Forget everything of an account.

        :raises TryLater: storage trouble.
        """
