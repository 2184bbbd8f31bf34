"""
Registers, lists and unregisters devices; makes nodes and secrets.
"""

import secrets
from collections.abc import Mapping, Sequence

from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from pushsvc.apps import App, chosen
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IRegistrar, IRegistrations, IVerdicts, IWithdrawals
from pushsvc.model import Credentials, Device, Registration, Target, digest

# Nodes may not be guessable: in some vocabularies they are all that a publisher has to know.
NODE_BYTES = 18
SECRET_BYTES = 24


@implementer(IRegistrar, IVerdicts)
class Registrar:
    """
    The registrations of all hosts.
    """

    def __init__(
        self,
        registrations: IRegistrations,
        apps: Mapping[str, App],
        withdrawals: IWithdrawals,
        clock: IReactorTime,
    ) -> None:
        self._registrations = registrations
        self._apps = apps
        self._withdrawals = withdrawals
        self._clock = clock

    def providers(self, registerHost: str) -> Sequence[str]:
        return sorted({app.kind for app in self._apps.values() if app.registerHost == registerHost})

    async def register(
        self, registerHost: str, owner: str, device: Device, provider: str, fields: Fields
    ) -> Credentials:
        app = chosen(self._apps.values(), registerHost, provider, fields)
        token, details = app.provider.readTarget(fields)
        node, secret = secrets.token_urlsafe(NODE_BYTES), secrets.token_urlsafe(SECRET_BYTES)
        now = self._clock.seconds()
        kept = await self._registrations.register(
            Registration(
                node=node,
                host=app.pubsubHost,
                owner=owner,
                deviceId=device.id,
                target=Target(node, app.name, token, details),
                digests=(digest(secret),),
                registered=now,
                renewed=now,
                deviceName=device.name,
                room=device.room,
            )
        )
        return Credentials(kept.host, kept.node, secret)

    async def registrations(self, owner: str) -> Sequence[Registration]:
        return await self._registrations.ofOwner(owner)

    async def unregister(self, owner: str, deviceId: str, room: str | None = None) -> Sequence[Registration]:
        nodes = [
            registration.node
            for registration in await self._registrations.ofOwner(owner)
            if (registration.deviceId, registration.room) == (deviceId, room)
        ]
        return await self.unregisterNodes(owner, nodes) if nodes else []

    async def unregisterNodes(self, owner: str, nodes: Sequence[str]) -> Sequence[Registration]:
        removed = {registration.node: registration for registration in await self._registrations.remove(owner, nodes)}
        for registration in removed.values():
            self._withdrawals.withdrawn(registration.host, registration.node, registration.owner)
        return [removed[node] for node in dict.fromkeys(nodes) if node in removed]

    async def gone(self, target: Target, since: float | None) -> Target | None:
        removed = await self._registrations.removeGone(target.key, target.token, since)
        if removed is not None:
            self._withdrawals.withdrawn(removed.host, removed.node, removed.owner)
            return None
        registration = await self._registrations.byNode(target.key)
        return None if registration is None else registration.target
