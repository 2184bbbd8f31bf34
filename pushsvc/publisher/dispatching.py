"""
Where what a service is to be told goes: an enablement is a target of our own delivery like any other.

Its network is XMPP. Only the names of virtual pubsub hosts are served right here: what was enabled there is a
registration of ours, or a device that the options name.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace

from twisted.logger import Logger

from pushsvc.apps import App
from pushsvc.concurrently import atOnce
from pushsvc.enablement import Enablement
from pushsvc.errors import BadForm, PreconditionNotMet
from pushsvc.ipushsvc import IDelivery, IRegistrations
from pushsvc.jids import domainOf
from pushsvc.model import NO_SECRET, Notification, Priority, Registration, Target
from pushsvc.publisher.virtual import VirtualHosts
from pushsvc.targets import keyed, ofOptions

# What the enablements' own app is called: no app of the configuration can have this name.
APP = "[publisher]"


class Dispatching:
    """
    Finds the target, and hands it to the delivery.
    """

    log = Logger()

    def __init__(
        self,
        delivery: IDelivery,
        registrations: IRegistrations,
        apps: Mapping[str, App],
        virtual: VirtualHosts,
        refused: Callable[[Enablement], Awaitable[None]],
    ) -> None:
        """
        :param refused: told of what cannot be told, as of what a service elsewhere refuses.
        """
        self._delivery = delivery
        self._registrations = registrations
        self._apps = apps
        self._virtual = virtual
        self._refused = refused
        self._mistaken = 0

    async def dispatch(self, enablement: Enablement, notification: Notification) -> None:
        """
        See to it that a service is told; returns when that is on disk.

        :raises TryLater: storage trouble.
        """
        service = domainOf(enablement.service)
        if not self._virtual.isVirtual(service, domainOf(enablement.account)):
            if "priority" not in enablement.extras:
                # Services are told how urgent it is where clients ask for that.
                notification = replace(notification, priority=Priority.NORMAL)
            await self._delivery.accept(targetOf(enablement), notification)
            return
        target = await self._inside(enablement)
        if target is not None:
            # As any publish, it counts against the account's limit.
            await self._delivery.accept(target, notification, account=enablement.account)
            return
        self._mistaken += 1
        if self._mistaken & (self._mistaken - 1) == 0:
            # MP-62: only logged, and not each time; whose it is and what it is named stays with us.
            self.log.warn(
                "{service}: nothing here is what an account has enabled there ({count} by now)",
                service=service,
                count=self._mistaken,
            )
        await self._refused(enablement)

    async def handedOn(self, enablements: Sequence[Enablement]) -> Collection[str]:
        """
        Under which keys pushes for them wait in the outbox as those of a device that is registered here.

        :raises TryLater: storage trouble.
        """
        found = await atOnce(self._registered(each) for each in enablements if each.node)
        return [registration.target.key for registration in found if registration is not None]

    async def _registered(self, enablement: Enablement) -> Registration | None:
        registration: Registration | None = await self._registrations.byNode(enablement.node)
        isTheirs = registration is not None and registration.owner == enablement.account
        return registration if isTheirs else None

    async def _inside(self, enablement: Enablement) -> Target | None:
        registration = await self._registered(enablement) if enablement.node else None
        if registration is not None:
            given = enablement.options.get("secret", ())
            used = registration.usedDigest(given[0] if given else NO_SECRET) if len(given) <= 1 else None
            if used is not None:
                if used != registration.digests[0]:
                    # It is in use, so that those before it are over, and it is not.
                    await self._registrations.secretUsed(registration.node, used)
                return registration.target
        try:
            target = ofOptions(self._apps.values(), None, enablement.options)
        except (PreconditionNotMet, BadForm):
            return None
        return keyed(target, enablement.key, **whose(enablement))


def targetOf(enablement: Enablement) -> Target:
    """
    A service as a target: the provider of `APP` reads it.
    """
    # What was enabled there is looked up when it is told: it may have been enabled anew by then, or not be any more.
    return Target(enablement.key, APP, enablement.node, whose(enablement))


def whose(enablement: Enablement) -> dict[str, str]:
    """
    Which enablement a target stands for, among its details.
    """
    return {
        "enabled-account": enablement.account,
        "enabled-service": enablement.service,
        "enabled-node": enablement.node,
        "enabled-at": repr(enablement.enabled),
    }
