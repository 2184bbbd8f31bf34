"""
Everything that pushsvc keeps.
"""

from collections.abc import Callable, Sequence
from typing import Any

from zope.interface import Attribute, Interface

from pushsvc.leaf import Leaf


class INodes(Interface):
    """
    Nodes that somebody created. A node is found by its host and its name.
    """

    async def create(leaf: Leaf, most: int) -> None:
        """
        Keep a new one; on disk when this returns.

        :param most: nodes that its creator may have, with this one.
        :raises NodeExists: there is one of this name on this host.
        :raises QuotaReached: its creator has as many as may be.
        :raises TryLater: storage trouble.
        """

    async def find(host: str, name: str) -> Leaf | None:
        """
        The node of this name.

        :raises TryLater: storage trouble.
        """

    async def change(host: str, name: str, change: Callable[[Leaf], Leaf | None]) -> tuple[Leaf, Leaf | None]:
        """
        Make something else of a node; on disk when this returns. Nothing comes between what there was and what there
        is then.

        :param change: takes what there is and returns what is to be; None: nothing. What `RequestError` it raises is
            raised, and leaves everything as it is. It is called in any thread, perhaps more than once.
        :returns: what there was, and what there is.
        :raises NoSuchNode: there is none.
        :raises TryLater: storage trouble.
        """

    async def concerning(host: str, jid: str, limit: int) -> Sequence[Leaf]:
        """
        Nodes with which somebody is affiliated, or to which he has subscribed, by their names.

        :param jid: bare.
        :raises TryLater: storage trouble.
        """

    async def removeOf(creator: str) -> int:
        """
        Forget all nodes that somebody created, on all hosts.

        :param creator: bare JID.
        :returns: how many there were.
        :raises TryLater: storage trouble.
        """


class IDepartures(Interface):
    """
    Devices that are gone, where nothing else knows of them: those whose token stands in the publish itself.

    A network that says so once is believed for a day, one that says it again then for five. So it does no harm for
    long if it was wrong, and it is not asked all the time.
    """

    async def departed(key: str) -> None:
        """
        The network says that the device is gone; on disk when this returns.

        :param key: `pushsvc.model.Target.key`.
        :raises TryLater: storage trouble.
        """

    async def isGone(key: str) -> bool:
        """
        Whether it counts as gone.

        :raises TryLater: storage trouble.
        """

    async def trim(most: int) -> int:
        """
        Forget those that are over, and of the others the oldest until so many are left.

        :returns: how many were forgotten.
        :raises TryLater: storage trouble.
        """


class IStorage(Interface):
    """
    Everything pushsvc keeps, in one place.
    """

    registrations = Attribute("An `IRegistrations`.")
    outbox = Attribute("An `IOutbox`.")
    verdicts = Attribute("An `IVerdictBook`.")
    enablements = Attribute("An `IEnablements`.")
    nodes = Attribute("An `INodes`.")
    departures = Attribute("An `IDepartures`.")
    work = Attribute("A `pushsvc.model.Work`: what was done until now.")

    def open(make: bool = True) -> None:
        """
        Open it, bringing its schema up to date. Blocks; called once, before anything else.

        :param make: whether there may be nothing yet; else only what another process has made is opened, as it is.
        :raises CannotOpen: the text says where and why.
        """

    def check() -> None:
        """
        Look whether it could be opened, without making or changing anything. Blocks.

        :raises CannotOpen: the text says where and why.
        """

    async def close() -> None:
        """
        Finish what was asked for, then let go of it.
        """


class IStorageKind(Interface):
    """
    A module in ``pushsvc/storage``.
    """

    def makeStorage(url: str, reactor: Any) -> Any:
        """
        An `IStorage` for this URL; opens nothing.

        :param reactor: provides IReactorTime and IReactorFromThreads; ``seconds()`` are seconds since 1970.
        :raises ValueError: the URL means nothing that can be used here; the text says why, without its password.
        """
