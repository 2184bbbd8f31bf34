"""
What is told, to whom and how, unless a policy says otherwise: the rules of Prosody's mod_cloud_notify.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from zope.interface import implementer

from pushsvc.concurrently import atOnce
from pushsvc.enablement import Enablement, Pending
from pushsvc.event import Event, Occasion, Stanza
from pushsvc.ipushsvc import IPushPolicy
from pushsvc.model import Kind, Notification, Priority, Summary
from pushsvc.publisher.content import Content
from pushsvc.publisher.importance import isImportant, isSubscription, isUrgent

Publish = Callable[[Notification, Enablement], Coroutine[Any, Any, None]]

_ABOUT_A_SESSION = (Occasion.HIBERNATED, Occasion.QUEUED, Occasion.OVERDUE)


@implementer(IPushPolicy)
class Default:
    """
    Tells every device that is not there, and how much is waiting for it.
    """

    def __init__(self, content: Content) -> None:
        self._content = content

    async def concerning(self, event: Event, service: Enablement) -> Sequence[Stanza]:
        """
        All of them: what wakes nobody the publisher has left out.
        """
        return event.stanzas

    async def shouldPublish(self, event: Event, services: Sequence[Enablement]) -> Sequence[Enablement]:
        """
        A call concerns every device. Else what happened to a session concerns the services that it enabled, and what
        was archived those whose session is not there: the others have it. Who has read everything knows.
        """
        if any(isUrgent(stanza) for stanza in event.stanzas):
            return services
        if event.occasion in _ABOUT_A_SESSION:
            return [service for service in services if service.session == event.session]
        if event.occasion is Occasion.ARCHIVED:
            return [service for service in services if isMissing(service, event)]
        if event.occasion is Occasion.READ and event.session is not None:
            return [service for service in services if service.session != event.session]
        return services

    async def prepareNotification(self, event: Event, notification: Notification | None) -> Notification | None:
        """
        The latest of what matters, and how much there is of it.
        """
        holding = self._content.holding(event.options)
        if event.occasion is Occasion.READ:
            # Nothing else says that there is nothing any more.
            return Notification(Kind.CLEAR, Priority.NORMAL, Summary(0)) if holding.messageCount else None
        ringing = [stanza for stanza in event.stanzas if isUrgent(stanza)]
        matters = ringing or [stanza for stanza in event.stanzas if isImportant(stanza)]
        asking = [stanza for stanza in event.stanzas if isSubscription(stanza)]
        summary = self._content.told(_summary(event.pending, matters, asking), holding, bool(matters))
        return Notification(
            Kind.CALL if ringing else Kind.MESSAGE,
            Priority.HIGH if matters else Priority.NORMAL,
            summary if summary != Summary() else None,
        )

    async def publishNotification(
        self, event: Event, notification: Notification, services: Sequence[Enablement], publish: Publish
    ) -> None:
        """
        All of them are told the same, at once: they share a commit.
        """
        await atOnce(publish(notification, service) for service in services)


def isMissing(service: Enablement, event: Event) -> bool:
    """
    Whether a service's session is not there to see what was archived, while others are: or is there but away, if its
    client wants to be told then.
    """
    if not event.present:
        # Of an account that nobody is there of, what is archived is also put aside: that is told already.
        return False
    return service.session not in event.present or ("away" in service.extras and service.session in event.away)


def _summary(pending: Pending, matters: Sequence[Stanza], asking: Sequence[Stanza]) -> Summary:
    latest = matters[-1] if matters else None
    # What a session that is there has not acknowledged waits for its device, though it is not counted.
    messages, subscriptions = max(pending.messages, len(matters)), max(pending.subscriptions, len(asking))
    return Summary(
        messageCount=messages or None,
        pendingSubscriptionCount=subscriptions or None,
        lastMessageSender=latest.sender if latest is not None else None,
        # What stands beside something encrypted says that it is encrypted, at length.
        lastMessageBody=latest.body if latest is not None and not latest.encrypted else None,
        lastSubscriptionSender=asking[-1].sender if asking else None,
    )
