"""
Registers, lists and unregisters devices; makes nodes and secrets.
"""

import secrets
from collections.abc import Mapping, Sequence

from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer

from pushsvc.apps import App, chosen
from pushsvc.command import CommandField
from pushsvc.errors import QuotaReached
from pushsvc.fields import Fields
from pushsvc.ipushsvc import ICare, IRegistrar, IRegistrations, IVerdicts, IWithdrawals
from pushsvc.model import NO_SECRET, Credentials, Device, Offer, Registration, Target, digest, isTokenId

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
        quota: int = 0,
    ) -> None:
        """
        :param quota: registrations that an account may have; 0: as many as it likes.
        """
        self.care: ICare | None = None
        self._registrations = registrations
        self._apps = apps
        self._withdrawals = withdrawals
        self._clock = clock
        self._quota = quota

    def providers(self, registerHost: str) -> Sequence[str]:
        return sorted({app.kind for app in self._apps.values() if app.registerHost == registerHost})

    def offers(self, registerHost: str) -> Sequence[Offer]:
        return [
            Offer(app.name, app.kind, app.providerIds, tuple(app.features), app.payloadSize)
            for app in self._apps.values()
            if app.registerHost == registerHost
        ]

    def form(self, registerHost: str, provider: str, fields: Fields) -> Sequence[CommandField]:
        return chosen(self._apps.values(), registerHost, provider, fields).form

    async def register(
        self, registerHost: str, owner: str, device: Device, provider: str, fields: Fields, secret: bool = True
    ) -> Credentials:
        app = chosen(self._apps.values(), registerHost, provider, fields)
        token, details = app.provider.readTarget(fields)
        await self._oneMore(owner, device, app.name, token)
        node = secrets.token_urlsafe(NODE_BYTES)
        issued = secrets.token_urlsafe(SECRET_BYTES) if secret else NO_SECRET
        now = self._clock.seconds()
        kept = await self._registrations.register(
            Registration(
                node=node,
                host=app.pubsubHost,
                owner=owner,
                deviceId=device.id,
                target=Target(node, app.name, token, details),
                digests=(digest(issued),),
                registered=now,
                renewed=now,
                deviceName=device.name,
                room=device.room,
            )
        )
        return Credentials(kept.host, kept.node, issued or None, app.facts)

    async def withToken(
        self, registerHost: str, owner: str, provider: str, fields: Fields
    ) -> Sequence[Registration]:
        app = chosen(self._apps.values(), registerHost, provider, fields)
        token, _ = app.provider.readTarget(fields)
        return [
            registration
            for registration in await self._registrations.ofOwner(owner)
            if (registration.target.app, registration.target.token) == (app.name, token)
        ]

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

    async def _oneMore(self, owner: str, device: Device, app: str, token: str) -> None:
        known = await self._registrations.ofOwner(owner)
        if any((each.deviceId, each.room) == (device.id, device.room) for each in known):
            return
        for each in known:
            isSame = (each.room, each.target.app, each.target.token) == (device.room, app, token)
            if isSame and isTokenId(each.deviceId):
                # It registered in a vocabulary in which devices have no ids. Its node stays, now and from now on.
                await self._registrations.rename(owner, each.node, device.id)
                return
        if self._quota and len(known) >= self._quota:
            raise QuotaReached("this account has registered as many devices as it may")

    async def gone(self, target: Target, since: float | None) -> Target | None:
        removed = await self._registrations.removeGone(target.key, target.token, since)
        if removed is not None:
            self._withdrawals.withdrawn(removed.host, removed.node, removed.owner)
            return None
        registration = await self._registrations.byNode(target.key)
        return None if registration is None else registration.target
