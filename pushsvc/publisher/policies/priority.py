"""
Says to push services how urgent it is (``tigase:push:priority:0``), whether or not the client asked for that.
"""

from collections.abc import Sequence
from dataclasses import replace

from zope.interface import implementer, moduleProvides

from pushsvc.concurrently import atOnce
from pushsvc.enablement import Enablement
from pushsvc.event import Event
from pushsvc.ipushsvc import IPushPolicy, IPushPolicyKind
from pushsvc.model import Notification
from pushsvc.publisher.default import Publish

moduleProvides(IPushPolicyKind)


@implementer(IPushPolicy)
class ToldPriority:
    """
    Publishes as if every client had asked for it.
    """

    concerning = None
    shouldPublish = None
    prepareNotification = None

    async def publishNotification(
        self, event: Event, notification: Notification, services: Sequence[Enablement], publish: Publish
    ) -> None:
        asking = [replace(service, extras={**service.extras, "priority": ""}) for service in services]
        await atOnce(publish(notification, service) for service in asking)


def makePolicy(default: IPushPolicy) -> IPushPolicy:
    return ToldPriority()
