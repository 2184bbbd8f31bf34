"""
Pubsub: nodes that have owners.
"""

from collections.abc import Mapping, Sequence

from zope.interface import Interface

from pushsvc.leaf import Item, Leaf, Notice
from pushsvc.model import Publish


class INodeOwning(Interface):
    """
    What a tree on which nodes can be created is beside being an `INodeTree` (XEP-0060).

    Whoever asks is named by his full JID. Every method raises TryLater when there is storage trouble; those that take
    a node raise NoSuchNode when there is none that was created. What comes back are, where anybody has to be told,
    notices.
    """

    async def create(
        host: str, asker: str, node: str | None, type: str | None, options: Mapping[str, tuple[str, ...]]
    ) -> str:
        """
        Create a node; its first owner is who asked.

        :param node: its name; None: whatever name.
        :param type: a node type; None: the default.
        :param options: of its configuration, those that are not to be as they are by default.
        :returns: its name.
        :raises NodeExists: the name is taken.
        :raises QuotaReached: the asker has as many as may be.
        :raises Unsupported: there is no such type.
        :raises NotAcceptable: it cannot be configured so.
        """

    async def owned(host: str, asker: str, node: str) -> Leaf:
        """
        The node, to its owner.

        :raises NotAllowed: the asker is none.
        """

    def default(type: str | None) -> Leaf:
        """
        What a node would be like that is created without saying how.

        :raises Unsupported: there is no such type.
        """

    def hasSecret(leaf: Leaf) -> bool:
        """
        Whether it is among its options to have a secret.
        """

    async def configure(
        host: str, asker: str, node: str, options: Mapping[str, tuple[str, ...]]
    ) -> Notice | None:
        """
        Configure it anew, in what is said. An empty secret leaves the one there is.

        :raises NotAllowed: the asker is no owner.
        :raises NotAcceptable: it cannot be configured so.
        """

    async def delete(host: str, asker: str, node: str) -> Notice | None:
        """
        Delete it, with all that is in it.

        :raises NotAllowed: the asker is no owner.
        """

    async def affiliate(host: str, asker: str, node: str, changes: Mapping[str, str]) -> Mapping[str, str]:
        """
        Change who is what to it: all of it, or nothing.

        :param changes: bare JIDs to words.
        :returns: who is to be told what he is now: bare JIDs to words.
        :raises NotAllowed: the asker is no owner.
        :raises NotAcceptable: nobody would own it any more.
        :raises QuotaReached: more than may be affiliated with one node.
        """

    async def manage(host: str, asker: str, node: str, changes: Mapping[str, str]) -> Sequence[str]:
        """
        Change who is told of what is published to it: all of it, or nothing. Nobody but the asker can be subscribed
        who is not already.

        :param changes: JIDs, bare or full, to words.
        :returns: whose subscriptions are over: the JIDs as they subscribed, but those of the asker.
        :raises NotAllowed: the asker is no owner.
        :raises NotAcceptable: somebody else was to be subscribed.
        :raises TooManySubscribers: no more may be told.
        """

    async def concerning(host: str, asker: str) -> Sequence[Leaf]:
        """
        Nodes with which the asker has to do: those that he may know of.
        """

    async def subscribe(host: str, asker: str, node: str, jid: str) -> None:
        """
        Tell this JID of what is published from now on.

        :param jid: the asker's own, bare or full.
        :raises NotAllowed: he may not.
        :raises ClosedNode: he is not on the node's list.
        :raises TooManySubscribers: no more may be told.
        """

    async def unsubscribe(host: str, asker: str, node: str, jid: str) -> None:
        """
        Tell this JID no more.

        :raises NotAllowed: it is somebody else's.
        :raises NotSubscribed: it was not told.
        """

    async def unreachable(host: str, jid: str) -> None:
        """
        This JID is gone: tell it nothing any more, of whatever node.

        :param jid: as it subscribed.
        """

    async def item(host: str, asker: str, node: str) -> Item | None:
        """
        What was published last.

        :raises NotAllowed: the asker may not know.
        :raises ClosedNode: he is not on the node's list.
        :raises Unsupported: nothing is kept there.
        """

    async def published(leaf: Leaf, publish: Publish) -> Notice | None:
        """
        Keep what was published, if the node keeps anything.

        :returns: who is told what; None: that is not how this type works.
        """

    async def retract(host: str, asker: str, node: str, item: str | None, notify: bool = False) -> Notice | None:
        """
        Take back what was published.

        :param item: its id; None: whatever there is.
        :param notify: whether it is told of in any case.
        :raises NotAllowed: it is not the asker's to take back.
        :raises NoSuchNode: there is no such item, too.
        :raises Unsupported: nothing is kept there.
        """
