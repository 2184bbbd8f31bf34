"""
Policies of an older shape: a module of plain functions, in the shape that MongooseIM's plugins had.

``should_publish(sender, account, packet)``
    whether anybody is told.
``publish_notification(publish, sender, account, packet, services)``
    tells the services. ``publish`` stands where MongooseIM has its accumulator: called with a service it tells it what
    is told by default.

Either may be missing, and may be a coroutine function. ``packet`` is a `pushsvc.event.Stanza`, or None when nobody sent
anything; ``services`` are `pushsvc.enablement.Enablement`.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from zope.interface import implementer

from pushsvc.enablement import Enablement
from pushsvc.event import Event, Stanza
from pushsvc.ipushsvc import IPushPolicy
from pushsvc.model import Notification
from pushsvc.publisher.chain import outcome
from pushsvc.publisher.default import Publish
from pushsvc.publisher.importance import isImportant


def isOlder(module: Any) -> bool:
    """
    Whether it is a policy of that shape.
    """
    return any(callable(getattr(module, name, None)) for name in ("should_publish", "publish_notification"))


@implementer(IPushPolicy)
class Older:
    """
    Asks such functions, and the default for what they do not know.
    """

    def __init__(self, module: Any, default: IPushPolicy) -> None:
        self._decides: Callable[..., Any] | None = getattr(module, "should_publish", None)
        self._publishes: Callable[..., Any] | None = getattr(module, "publish_notification", None)
        self._default = default
        self._latest: tuple[Event | None, Sequence[Stanza]] = (None, ())

    async def concerning(self, event: Event, service: Enablement) -> Sequence[Stanza]:
        # One service after the other is asked about, and the functions know of none: they are asked once.
        latest, stanzas = self._latest
        if latest is not event:
            stanzas = [stanza for stanza in event.stanzas if await self._isWanted(event, stanza)]
            self._latest = event, stanzas
        return stanzas

    async def shouldPublish(self, event: Event, services: Sequence[Enablement]) -> Sequence[Enablement]:
        if not event.stanzas and not await self._isWanted(event, None):
            return []
        # The functions say yes or no; which devices are not there is not for them to know.
        chosen: Sequence[Enablement] = await self._default.shouldPublish(event, services)
        return chosen

    async def prepareNotification(self, event: Event, notification: Notification | None) -> Notification | None:
        if notification is not None:
            return notification
        prepared: Notification | None = await self._default.prepareNotification(event, None)
        return prepared

    async def publishNotification(
        self, event: Event, notification: Notification, services: Sequence[Enablement], publish: Publish
    ) -> None:
        if self._publishes is None:
            await self._default.publishNotification(event, notification, services, publish)
            return

        def byDefault(service: Enablement) -> Awaitable[None]:
            return publish(notification, service)

        packet = _packet(event)
        await outcome(self._publishes(byDefault, packet and packet.sender, event.account, packet, services))

    async def _isWanted(self, event: Event, packet: Stanza | None) -> bool:
        if self._decides is None:
            return True
        return bool(await outcome(self._decides(packet and packet.sender, event.account, packet)))


def _packet(event: Event) -> Stanza | None:
    # What is told is told of the latest that matters.
    matters = [stanza for stanza in event.stanzas if isImportant(stanza)] or event.stanzas
    return matters[-1] if matters else None
