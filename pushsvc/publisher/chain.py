"""
Several policies as one.
"""

from collections.abc import Sequence
from inspect import isawaitable
from typing import Any

from zope.interface import implementer

from pushsvc.enablement import Enablement
from pushsvc.event import Event, Stanza
from pushsvc.ipushsvc import IPushPolicy
from pushsvc.model import Notification
from pushsvc.publisher.default import Publish


@implementer(IPushPolicy)
class Chain:
    """
    Asks them in their order. Where none of them has a word, the default has; a veto by one wins.
    """

    def __init__(self, policies: Sequence[Any], default: IPushPolicy) -> None:
        """
        :param policies: each has what it wants of `IPushPolicy`.
        """
        self._narrowing = [each for each in _those(policies, "concerning", default) if each is not default]
        self._choosing = _those(policies, "shouldPublish", default)
        self._preparing = _those(policies, "prepareNotification", default)
        self._publishing = _those(policies, "publishNotification", default)

    async def concerning(self, event: Event, service: Enablement) -> Sequence[Stanza]:
        stanzas: Sequence[Stanza] = event.stanzas
        for policy in self._narrowing:
            # The very same: to compare a long queue with itself takes long.
            wanted = set(map(id, await outcome(policy.concerning(event, service))))
            stanzas = [stanza for stanza in stanzas if id(stanza) in wanted]
        return stanzas

    async def shouldPublish(self, event: Event, services: Sequence[Enablement]) -> Sequence[Enablement]:
        for policy in self._choosing:
            # A policy chooses among those that are left; it cannot bring one back.
            chosen = await outcome(policy.shouldPublish(event, services))
            services = [service for service in services if service in chosen]
            if not services:
                break
        return services

    async def prepareNotification(self, event: Event, notification: Notification | None) -> Notification | None:
        for policy in self._preparing:
            notification = await outcome(policy.prepareNotification(event, notification))
            if notification is None:
                return None
        return notification

    async def publishNotification(
        self, event: Event, notification: Notification, services: Sequence[Enablement], publish: Publish
    ) -> None:
        await _through(self._publishing, event, notification, services, publish)


async def _through(
    policies: Sequence[Any],
    event: Event,
    notification: Notification,
    services: Sequence[Enablement],
    publish: Publish,
) -> None:
    """
    The first policy publishes by the second, and so on: each may change what the next one is given.
    """
    first, *rest = policies

    async def onwards(changed: Notification, service: Enablement) -> None:
        if rest:
            await _through(rest, event, changed, [service], publish)
        else:
            await publish(changed, service)

    await outcome(first.publishNotification(event, notification, services, onwards))


async def outcome(value: Any) -> Any:
    """
    What a policy says, be it a coroutine, a Deferred, or known at once.
    """
    return await value if isawaitable(value) else value


def _those(policies: Sequence[Any], method: str, default: IPushPolicy) -> list[Any]:
    having = [policy for policy in policies if getattr(policy, method, None) is not None]
    return having or [default]
