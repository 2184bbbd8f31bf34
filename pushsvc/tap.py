"""
``twistd pushsvc``: the composition root, the only module that knows everybody.

`makeService` reads the configuration and puts the parts together; it opens nothing, for twistd forks after it. The
parts have names: ``service.getServiceNamed("delivery")``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.python import usage

from pushsvc.apps import App
from pushsvc.assembly.apps import Clients, appsOf
from pushsvc.assembly.expiring import endsOf
from pushsvc.assembly.hosts import hostOf
from pushsvc.assembly.introducing import Introducing
from pushsvc.assembly.limits import limitsOf
from pushsvc.assembly.links import Outgoing, linksOf
from pushsvc.assembly.publisher import enabledOf, partsOf, publisherOf, voicesOf
from pushsvc.assembly.registration import registrationOf
from pushsvc.assembly.renewal import Renewal
from pushsvc.assembly.storage import storageOf
from pushsvc.assembly.web import webOf
from pushsvc.care import Care
from pushsvc.config import Configuration, ConfigurationError, readFile
from pushsvc.credentials import Credentials
from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.delivery import Delivery
from pushsvc.expiry import Expiry
from pushsvc.hosts import ServedHost
from pushsvc.interpreter import Interpreter
from pushsvc.ipushsvc import ILink, IPublisher, IStorage
from pushsvc.publisher.verdicts import Verdicts
from pushsvc.registrar import Registrar
from pushsvc.reloading import Reloading
from pushsvc.service import PushService
from pushsvc.timekeeping import Timekeeping
from pushsvc.unregistered import Unregistered
from pushsvc.web.metrics import Metrics
from pushsvc.web.readiness import Readiness
from pushsvc.xmpp.handlers import makeHandlers
from pushsvc.xmpp.ongoing import Ongoing
from pushsvc.xmpp.publishing import Publishing
from pushsvc.xmpp.sessions import Sessions
from pushsvc.xmpp.withdrawal import Withdrawals


class Options(usage.Options):
    """
    What can be said on twistd's command line; everything else is in the file.
    """

    synopsis = "[--config FILE]"
    longdesc = "A push service for XMPP. `pushsvc check --config FILE` says whether a configuration will work."
    optParameters = [["config", "c", "/etc/pushsvc/pushsvc.toml", "The configuration."]]


def makeService(options: Mapping[str, Any]) -> IService:
    """
    The service that a configuration describes.
    """
    from twisted.internet import reactor

    try:
        # twistd goes elsewhere before it reads it again.
        file = Path(options["config"]).absolute()
        service = compose(readFile(file), reactor, lambda: readFile(file)).service
    except ConfigurationError as e:
        raise SystemExit(f"pushsvc: {e}") from None
    delivery: Any = service.getServiceNamed("delivery")  # type: ignore[no-untyped-call]
    # Not in compose: the process is ours only where twistd runs us.
    for part in (Interpreter(), Timekeeping(reactor, delivery.clockSetBack)):
        part.setServiceParent(service)  # type: ignore[no-untyped-call]
    return service


@dataclass(frozen=True)
class Composition:
    """
    The parts, put together.

    :ivar service: starts and stops them all.
    :ivar publisher: where there is one: what servers in the same process tell of what happens.
    """

    service: PushService
    storage: IStorage
    apps: Mapping[str, App] = field(repr=False)
    hosts: Mapping[str, ServedHost] = field(repr=False)
    links: Sequence[ILink] = ()
    publisher: IPublisher | None = None


def compose(
    configuration: Configuration,
    reactor: Any,
    again: Callable[[], Configuration] | None = None,
    embedded: Sequence[ILink] = (),
) -> Composition:
    """
    Put the parts together.

    :param again: reads the configuration once more, when it may have changed; None: it never does.
    :param embedded: links that no configuration can name: `pushsvc.links.embedded`.
    :raises ConfigurationError: they do not fit.
    """
    clients: Clients = {}
    apps = appsOf(configuration, clients, reactor)
    storage = storageOf(configuration, reactor)
    links = linksOf(configuration, reactor, embedded)
    hosts: dict[str, ServedHost] = {}
    quota = configuration.limits.registrationsPerAccount
    registrar = Registrar(storage.registrations, apps, Withdrawals(hosts, Outgoing(links).send), reactor, quota)
    voices = voicesOf(configuration, links, reactor)
    publishing = Publishing(Outgoing(links).send, reactor, voices)
    introducing = Introducing(publishing)
    for app in apps.values():
        introducing.introduce(app)
    enabled = enabledOf(configuration, storage, publishing, reactor)
    if enabled is not None:
        apps[enabled.name] = enabled
    attempts = Attempts(apps, Verdicts(storage.enablements, Unregistered(storage.departures, registrar)), reactor)
    limits = limitsOf(configuration.limits)
    delivery = Delivery(storage.outbox, apps, attempts, reactor, limits=limits, book=storage.verdicts)
    registrar.care = Care(storage.registrations, storage.verdicts, delivery)
    for name in configuration.hosts:
        hosts[name] = hostOf(configuration, name, apps, registrar, storage, delivery)
    sessions, ongoing = Sessions(reactor), Ongoing(reactor)
    half = publisherOf(configuration, storage, delivery, apps, voices, reactor, publishing, registrar, links)
    for link in links:
        link.addHandlers(makeHandlers(hosts, sessions, ongoing, parts=partsOf(link, publishing, half)))
    telling = None if half is None else half.service
    service = PushService(storage, delivery, links, ongoing, clients.values(), telling)
    renewal = Renewal(configuration, again, apps, clients, reactor, delivery.mended, introducing)
    for part in (
        # A network that is slow to be asked keeps no certificate waiting.
        Reloading([*links, renewal], reactor),
        Credentials(apps, attempts.refused),
        Expiry(lambda: endsOf(apps, links), reactor),
    ):
        part.setServiceParent(service)  # type: ignore[no-untyped-call]
    if configuration.web is not None:
        metrics = Metrics(storage, delivery, attempts, apps, hosts, links, reactor)
        readiness = Readiness(storage, links, lambda: ongoing.closing, reactor)
        webOf(configuration.web, metrics, readiness, reactor).setServiceParent(service)  # type: ignore[no-untyped-call]
    if configuration.registration is not None:
        door = registrationOf(configuration.registration, hosts, apps, registrar, storage, reactor)
        door.setServiceParent(service)  # type: ignore[no-untyped-call]
    return Composition(service, storage, apps, hosts, links, None if half is None else half.publisher)
