"""
How stanzas reach us.
"""

from collections.abc import Sequence
from typing import Any

from zope.interface import Attribute, Interface


class ILink(Interface):
    """
    A way by which stanzas reach us and leave us: a service of its own.
    """

    def serves(host: str) -> bool:
        """
        Whether stanzas of this host leave by this link.
        """

    def send(stanza: Any) -> None:
        """
        Send a stanza of a host that this link serves; queued while the link is being made, within bounds.

        :param stanza: a domish element with ``from`` and ``to``.
        """

    async def reload() -> None:
        """
        Read again the files that may have changed: certificates.

        :raises ConfigurationError: they cannot be used; what was in use stays.
        """

    def trouble() -> str | None:
        """
        Why no stanzas can reach us by this link now, for the operator; None when they can.
        """

    def addHandlers(handlers: Sequence[Any]) -> None:
        """
        What stanzas are handed to, once they arrive.

        :param handlers: IXMPPHandlers.
        """


class IDoubting(Interface):
    """
    What a link may be beside being an `ILink`: one that sees, before anybody has met it, what will hardly work.
    """

    def doubts() -> Sequence[str]:
        """
        What is odd about its configuration, and the files that are named there, for the operator. Empty when all is
        well.
        """


class ILinkKind(Interface):
    """
    A module in ``pushsvc/links``.
    """

    Options = Attribute("The link's keys: a subclass of ``pushsvc.config.LinkOptions``.")

    def makeLink(options: Any, hosts: Sequence[str], reactor: Any) -> Any:
        """
        An `ILink` that is also an IService; opens nothing before startService.

        :param hosts: the domains we serve.
        """
