"""
Devices that are gone: those of registrations are the registrar's affair, those of enablements ours.
"""

from zope.interface import implementer

from pushsvc.ipushsvc import IEnablements, IVerdicts
from pushsvc.model import Target


@implementer(IVerdicts)
class Verdicts:
    """
    Sees whose a target is.
    """

    def __init__(self, enablements: IEnablements, otherwise: IVerdicts) -> None:
        self._enablements = enablements
        self._otherwise = otherwise

    async def gone(self, target: Target, since: float | None) -> Target | None:
        account = target.details.get("enabled-account")
        if account is None:
            now: Target | None = await self._otherwise.gone(target, since)
            return now
        service, node = target.details["enabled-service"], target.details["enabled-node"]
        for enablement in await self._enablements.ofAccount(account):
            if (enablement.service, enablement.node) != (service, node):
                continue
            isAnother = repr(enablement.enabled) != target.details["enabled-at"]
            if isAnother or (since is not None and enablement.enabled > since):
                # It was enabled again since the network saw the device go, perhaps with another device.
                return target
            await self._enablements.revise(enablement, lambda known: None)
        return None
