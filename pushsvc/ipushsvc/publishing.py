"""
The publisher: the user's-server half.
"""

from collections.abc import Sequence
from typing import Any

from zope.interface import Attribute, Interface

from pushsvc.enablement import ContentOptions, Enablement
from pushsvc.event import Event, Stanza
from pushsvc.model import Notification


class IPushPolicy(Interface):
    """
    What to tell, to whom and how: MongooseIM's model. Each method is optional: what a policy does not have, the
    default does. Several policies are asked in the order of the configuration; a veto by one wins.
    """

    async def concerning(event: Event, service: Enablement) -> Sequence[Stanza]:
        """
        Of which of the event's stanzas, these very ones, a service may be told at all: the others are none for it.
        Asked before the rest, once for each service; of an event without stanzas it is not asked.
        """

    async def shouldPublish(event: Event, services: Sequence[Enablement]) -> Sequence[Enablement]:
        """
        Which of the services are to be told; none: nobody is.
        """

    async def prepareNotification(event: Event, notification: Notification | None) -> Notification | None:
        """
        What they are told.

        :param notification: what the policies before, or the default, would tell; None: nothing.
        :returns: None: it is not worth telling.
        """

    async def publishNotification(
        event: Event, notification: Notification, services: Sequence[Enablement], publish: Any
    ) -> None:
        """
        Tell them.

        :param publish: a coroutine function of a `Notification` and an `Enablement`: how it is done by default.
        """


class IPushPolicyKind(Interface):
    """
    A module in ``pushsvc/publisher/policies``.
    """

    def makePolicy(default: Any) -> Any:
        """
        An `IPushPolicy`, or an object with some of its methods; those that it lacks may also be None.

        :param default: the `IPushPolicy` that holds when nobody says otherwise.
        """


class IPublisher(Interface):
    """
    The user's-server half of XEP-0357: for servers that lack it, and for whoever builds one.
    """

    async def enable(enablement: Enablement, options: ContentOptions | None = None) -> ContentOptions:
        """
        An account wants a push service told.

        :param options: what its client wants told of what is waiting.
        :returns: what of the options was accepted, and changed anything; the others are None.
        :raises NotAllowed: the account is on none of the domains that we publish for.
        :raises TryLater: storage trouble.
        """

    async def disable(account: str, service: str, node: str | None = None) -> bool:
        """
        An account does not want one told any more.

        :param node: None: all nodes of the service.
        :returns: whether there was anything.
        :raises TryLater: storage trouble.
        """

    async def options(account: str) -> ContentOptions:
        """
        What holds for an account: what it has chosen, within what the server allows. Nothing is None.

        :raises TryLater: storage trouble.
        """

    async def withdrawn(service: str, account: str, node: str | None) -> bool:
        """
        A push service says that it takes no publishes any more (affiliation none).

        :returns: whether it was one of the account's.
        :raises TryLater: storage trouble.
        """

    async def happened(event: Event) -> None:
        """
        Something happened; returns when everything that is to be published because of it is on disk.

        :raises TryLater: storage trouble.
        """

    def serves(account: str) -> bool:
        """
        Whether the account is on one of the domains that we publish for.
        """


class IFeedKind(Interface):
    """
    A module in ``pushsvc/feeds``.
    """

    Options = Attribute("The feed's keys: a subclass of ``pushsvc.config.FeedOptions``.")

    def makeFeed(options: Any, publisher: Any, reactor: Any) -> Any:
        """
        An IService that tells the publisher of events; or an `IStanzaFeed`, or both. Opens nothing before startService.

        :param publisher: an `IPublisher`.
        """


class IStanzaFeed(Interface):
    """
    A feed to which stanzas of our links are handed.
    """

    def heard(message: Any) -> bool:
        """
        Look at a message that came by a link.

        :param message: a domish element.
        :returns: whether it was for this feed.
        """
