"""
MongooseIM's enhanced plugin: what a client has not acknowledged is told to the service that the same client enabled, be
it a call, so that one device's dead connection does not wake the others.
"""

from collections.abc import Sequence

from zope.interface import implementer, moduleProvides

from pushsvc.enablement import Enablement
from pushsvc.event import Event
from pushsvc.ipushsvc import IPushPolicy, IPushPolicyKind

moduleProvides(IPushPolicyKind)


@implementer(IPushPolicy)
class Enhanced:
    """
    Narrows down whom the default would tell.
    """

    concerning = None
    prepareNotification = None
    publishNotification = None

    def __init__(self, default: IPushPolicy) -> None:
        self._default = default

    async def shouldPublish(self, event: Event, services: Sequence[Enablement]) -> Sequence[Enablement]:
        if event.session is not None:
            services = [service for service in services if service.session == event.session]
        chosen: Sequence[Enablement] = await self._default.shouldPublish(event, services)
        return chosen


def makePolicy(default: IPushPolicy) -> IPushPolicy:
    return Enhanced(default)
