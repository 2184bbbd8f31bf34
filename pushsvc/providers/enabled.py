"""
Push services that accounts have enabled, as a push network: the app of the publisher's enablements.

What a service answers is told to the publisher, which counts: no single refusal ends an enablement here.
"""

from collections.abc import Awaitable, Mapping
from contextlib import suppress
from typing import Protocol

from zope.interface import implementer

from pushsvc.enablement import Enablement
from pushsvc.errors import BadForm, ProviderDown, Refused, RequestError, Throttled, TryLater, Undisclosed
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IProvider, IPushService
from pushsvc.jids import addressOf
from pushsvc.model import Notification, Target
from pushsvc.providers.failures import deliveryErrorsOnly


class Outcome(Protocol):
    """
    Who is told what services answer.
    """

    async def find(self, account: str, service: str, node: str) -> Enablement | None:
        """
        What is enabled, as it is now; None: it is not to be told.
        """

    async def taken(self, enablement: Enablement) -> None:
        """
        It took a publish.
        """

    async def refused(self, enablement: Enablement) -> None:
        """
        It refused one, for good.
        """


@implementer(IProvider)
class EnabledServices:
    """
    Publishes to whom accounts have enabled.
    """

    def __init__(self, name: str, pushService: IPushService, outcome: Outcome) -> None:
        self._name = name
        self._pushService = pushService
        self._outcome = outcome

    def speaksFor(self, fields: Fields) -> bool:
        return False

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        raise BadForm("push services are enabled, not registered")

    def lane(self, target: Target) -> str:
        service = addressOf(target.details.get("enabled-service", ""))
        return f"{self._name} {service.domain if service is not None else ''}"

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            enablement = await self._enablement(target)
            if enablement is None:
                raise Refused("it is not enabled any more, or is left alone")
            account, service, node = enablement.account, enablement.service, enablement.node or None
            try:
                await self._pushService.publishFor(account, service, node, notification, enablement.form, pushId)
            except Undisclosed:
                # Perhaps a node that is no more: the service's others do not answer for that.
                raise Throttled("publishing in the name of an account failed, nobody says why") from None
            except TryLater:
                raise ProviderDown("the push service cannot be reached, or asks to wait", maybeSent=True) from None
            except RequestError as e:
                await self._tell(self._outcome.refused(enablement))
                raise Refused(f"the push service refuses it: {type(e).__name__}") from None
            await self._tell(self._outcome.taken(enablement))
            return True

    async def check(self) -> None:
        """
        There are no credentials.
        """

    async def _enablement(self, target: Target) -> Enablement | None:
        # It may have been disabled, or enabled anew, since it was to be told: only what holds now is replayed.
        which = (target.details[f"enabled-{what}"] for what in ("account", "service", "node"))
        try:
            return await self._outcome.find(*which)
        except TryLater:
            raise ProviderDown("the storage does not answer") from None

    async def _tell(self, telling: Awaitable[None]) -> None:
        # Storage trouble is none of the service's: it will answer again.
        with suppress(TryLater):
            await telling
