"""
An accepted notification on its way.
"""

from zope.interface import Interface

from pushsvc.model import Notification, Target


class IDelivery(Interface):
    """
    Takes notifications and sees to it that they reach their push network.
    """

    async def accept(target: Target, notification: Notification, publisher: str = "", account: str = "") -> None:
        """
        Promise that the device gets this notification, or a newer one of its kind, until the app's ttl ends.

        Returns once the notification is on disk; no network has spoken by then. What is beyond the limits of its
        publisher, account or device is accepted all the same: it waits until they allow it.

        :param publisher: the domain that it comes from; empty: it counts for none.
        :param account: the bare JID whose device it is; empty: it counts for none.
        :raises TryLater: it could not be stored; nothing was promised.
        """

    def delay(publisher: str, account: str, key: str) -> float:
        """
        Count something that is published and that no push network is sent, within the same limits.

        :param key: of the node.
        :returns: how many seconds it has to wait.
        """


class IVerdicts(Interface):
    """
    Learns what push networks say about devices.
    """

    async def gone(target: Target, since: float | None) -> Target | None:
        """
        The network no longer knows the device.

        :param since: seconds since 1970, or None when the network does not say.
        :returns: where notifications for it go now: a device that registered again meanwhile is not gone, and has
            another token, or was seen later than the network thinks. None: it is forgotten.
        :raises TryLater: storage trouble.
        """
