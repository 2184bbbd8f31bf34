"""
Push services elsewhere, as a push network: what is pushed is published to them (XEP-0357).

A device registers with the ``jid``, ``node`` and ``secret`` that its push service gave it. So that nobody makes us
publish to whom they please, the operator lists the services.
"""

from collections.abc import Mapping

from pydantic.dataclasses import dataclass
from twisted.internet.interfaces import IReactorTime
from zope.interface import implementer, moduleProvides

from pushsvc.config import AppOptions, options
from pushsvc.errors import BadForm, DeviceGone, NoSuchNode, ProviderDown, Refused, RequestError, TryLater
from pushsvc.fields import Fields
from pushsvc.ipushsvc import IHTTP, IProvider, IProviderKind, IPushService, IRelaying
from pushsvc.jids import Address, addressOf
from pushsvc.model import Notification, Target
from pushsvc.providers.failures import deliveryErrorsOnly
from pushsvc.providers.tokens import LONGEST, readToken

moduleProvides(IProviderKind)

# Networks have a limit of their own; a field of a form has none, so that this is ours.
SECRET_MAX = LONGEST


@dataclass(frozen=True, config=options)
class Options(AppOptions):
    """
    ``[apps.NAME]`` with ``provider = "pubsub"``

    :ivar services: domains of the push services that devices may name.
    """

    services: tuple[str, ...] = ()


@implementer(IProvider, IRelaying)
class PubsubProvider:
    """
    Publishes, and takes the answer for the network's word.
    """

    def __init__(self, name: str, services: frozenset[str]) -> None:
        self._name = name
        self._services = services
        self._pushService: IPushService | None = None
        self._host = ""

    def publishBy(self, service: IPushService, host: str) -> None:
        self._pushService, self._host = service, host

    def speaksFor(self, fields: Fields) -> bool:
        service = _jid(fields)
        return service is not None and service.domain in self._services

    def readTarget(self, fields: Fields) -> tuple[str, Mapping[str, str]]:
        service = _jid(fields)
        if service is None:
            raise BadForm("jid is missing")
        if not self._mayPublishTo(service):
            raise BadForm("jid: we do not publish to this service")
        node = readToken(fields, "node")
        if node is None:
            raise BadForm("node is missing")
        secret = fields.one("secret")
        if secret is None:
            return node, {"jid": service.full}
        if len(secret) > SECRET_MAX:
            raise BadForm("secret cannot be one")
        return node, {"jid": service.full, "secret": secret}

    def lane(self, target: Target) -> str:
        service = addressOf(target.details.get("jid", ""))
        return f"{self._name} {service.domain if service is not None else ''}"

    async def send(self, target: Target, notification: Notification, pushId: str, expires: float) -> bool:
        with deliveryErrorsOnly(self._name):
            if self._pushService is None:
                raise ProviderDown("only the running service can publish")
            service = addressOf(target.details.get("jid", ""))
            if service is None or not self._mayPublishTo(service):
                raise Refused("the service is not among those that we publish to any more")
            try:
                await self._pushService.publish(
                    self._host, service.full, target.token, notification, _publishOptions(target), pushId
                )
            except NoSuchNode:
                raise DeviceGone("the push service knows no such node") from None
            except TryLater:
                raise ProviderDown("the push service cannot be reached, or asks to wait", maybeSent=True) from None
            except RequestError as e:
                raise Refused(f"the push service refuses it: {type(e).__name__}") from None
            return True

    async def check(self) -> None:
        """
        There are no credentials: a service takes what is published to a node of it, or does not.
        """

    def _mayPublishTo(self, service: Address) -> bool:
        # Not to ourselves: a node could name itself, and its pushes would go round for ever.
        return service.domain in self._services and service.domain != self._host


def _jid(fields: Fields) -> Address | None:
    said = fields.one("jid")
    if said is None:
        return None
    address = addressOf(said.strip())
    if address is None:
        raise BadForm("jid cannot be one")
    return address


def _publishOptions(target: Target) -> Mapping[str, tuple[str, ...]]:
    return {"secret": (target.details["secret"],)} if "secret" in target.details else {}


def makeProvider(name: str, options: Options, http: IHTTP, clock: IReactorTime) -> PubsubProvider:
    if not options.services:
        raise ValueError("services is missing: the domains of the push services that devices may name")
    services = []
    for entry in options.services:
        address = addressOf(entry)
        if address is None or address.full != address.domain:
            raise ValueError(f"services: {entry!r} is not a domain")
        services.append(address.domain)
    return PubsubProvider(name, frozenset(services))
