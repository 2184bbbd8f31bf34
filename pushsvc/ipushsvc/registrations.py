"""
Where registrations and what became of pushes live.
"""

from collections.abc import Mapping, Sequence

from zope.interface import Interface

from pushsvc.model import Registration, Remembered


class IRegistrations(Interface):
    """
    Where registrations live.
    """

    async def register(proposed: Registration) -> Registration:
        """
        Keep a registration, whether its device is new or known; on disk when this returns.

        When one with the same owner, device id and room exists, its ``node``, its ``registered`` and its digests stay
        (``model.withSecret`` says how many), and everything else becomes what is proposed. The node is the target's
        key in a registration: a target whose key is the proposed node gets the kept node as its key.

        :param proposed: with exactly one digest: that of the secret issued now; or with none.
        :returns: what is stored now.
        :raises TryLater: storage trouble.
        """

    async def rename(owner: str, node: str, deviceId: str) -> None:
        """
        Give the device of a registration another id. That of another account stays as it is, and so does every one
        while the account has a device of that id registered for the same room.

        :raises TryLater: storage trouble.
        """

    async def byNode(node: str) -> Registration | None:
        """
        The registration of a node.

        :raises TryLater: storage trouble.
        """

    async def ofOwner(owner: str) -> Sequence[Registration]:
        """
        All registrations of an account, oldest first.

        :param owner: bare JID.
        :raises TryLater: storage trouble.
        """

    async def page(
        after: str, limit: int, owner: str | None = None, app: str | None = None
    ) -> Sequence[Registration]:
        """
        Some of all registrations, in an order that does not change: what an operator leafs through.

        :param after: the node that the page before ended with; the empty text: from the beginning.
        :param owner: only those of this bare JID.
        :param app: only those of this app.
        :raises TryLater: storage trouble.
        """

    async def counts(owner: str | None = None) -> Mapping[str, int]:
        """
        How many registrations each app has. Walks through all of them: not to be asked for often.

        :param owner: only those of this bare JID.
        :raises TryLater: storage trouble.
        """

    async def secretUsed(node: str, used: bytes) -> None:
        """
        A publish was opened by this digest: those before it in the registration's digests are forgotten.

        :raises TryLater: storage trouble.
        """

    async def remove(owner: str, nodes: Sequence[str]) -> Sequence[Registration]:
        """
        Forget those of the nodes that are registrations of this account, and what waits for them in the outbox.

        :returns: what was removed. Unknown nodes and those of other accounts are skipped alike.
        :raises TryLater: storage trouble.
        """

    async def removeGone(node: str, token: str, since: float | None) -> Registration | None:
        """
        Forget a registration of which the network says that the device is gone, and what waits for it, but only if
        it still holds the token that was sent and was not renewed after the network saw the device go.

        :param since: seconds since 1970, or None when the network does not say.
        :returns: what was removed, or None.
        :raises TryLater: storage trouble.
        """


class IVerdictBook(Interface):
    """
    What became of the pushes to registered devices: of each the last success and the last trouble. It goes with the
    registration.
    """

    async def note(news: Mapping[str, Remembered]) -> None:
        """
        Remember what became of pushes, of many devices at once. What is None stays as it was; nodes that are no
        registrations are passed over.

        :param news: by node.
        :raises TryLater: storage trouble.
        """

    async def ofNodes(nodes: Sequence[str]) -> Mapping[str, Remembered]:
        """
        What is remembered, by node. Of which nothing is known, nothing is there.

        :raises TryLater: storage trouble.
        """
