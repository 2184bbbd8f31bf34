"""
``twistd pushsvc``: the composition root, the only module that knows everybody.

`makeService` reads the configuration and puts the parts together; it opens nothing, for twistd forks after it. The
parts have names: ``service.getServiceNamed("delivery")``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.python import usage

from pushsvc.apps import App
from pushsvc.assembly.apps import appsOf
from pushsvc.assembly.hosts import hostOf
from pushsvc.assembly.links import Outgoing, linksOf
from pushsvc.assembly.renewal import Renewal
from pushsvc.assembly.storage import storageOf
from pushsvc.assembly.web import webOf
from pushsvc.config import Configuration, ConfigurationError, readFile
from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.delivery import Delivery
from pushsvc.hosts import ServedHost
from pushsvc.interpreter import Interpreter
from pushsvc.ipushsvc import IHTTP, IStorage
from pushsvc.registrar import Registrar
from pushsvc.reloading import Reloading
from pushsvc.service import PushService
from pushsvc.web.metrics import Metrics
from pushsvc.web.readiness import Readiness
from pushsvc.xmpp.handlers import makeHandlers
from pushsvc.xmpp.ongoing import Ongoing
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
    # Not in compose: the process is ours only where twistd runs us.
    Interpreter().setServiceParent(service)  # type: ignore[no-untyped-call]
    return service


@dataclass(frozen=True)
class Composition:
    """
    The parts, put together.

    :ivar service: starts and stops them all.
    """

    service: PushService
    storage: IStorage
    apps: Mapping[str, App] = field(repr=False)
    hosts: Mapping[str, ServedHost] = field(repr=False)


def compose(
    configuration: Configuration, reactor: Any, again: Callable[[], Configuration] | None = None
) -> Composition:
    """
    Put the parts together.

    :param again: reads the configuration once more, when it may have changed; None: it never does.
    :raises ConfigurationError: they do not fit.
    """
    clients: dict[Path | None, IHTTP] = {}
    apps = appsOf(configuration, clients, reactor)
    storage = storageOf(configuration, reactor)
    links = linksOf(configuration, reactor)
    hosts: dict[str, ServedHost] = {}
    registrar = Registrar(storage.registrations, apps, Withdrawals(hosts, Outgoing(links).send), reactor)
    attempts = Attempts(apps, registrar, reactor)
    delivery = Delivery(storage.outbox, apps, attempts, reactor)
    for name in configuration.hosts:
        hosts[name] = hostOf(configuration, name, apps, registrar, storage, delivery)
    sessions, ongoing = Sessions(reactor), Ongoing(reactor)
    for link in links:
        link.addHandlers(makeHandlers(hosts, sessions, ongoing))
    service = PushService(storage, delivery, links, ongoing, clients.values())
    renewal = Renewal(configuration, again, apps, clients, reactor)
    Reloading([renewal, *links], reactor).setServiceParent(service)  # type: ignore[no-untyped-call]
    if configuration.web is not None:
        metrics = Metrics(storage, delivery, attempts, apps, hosts, links, reactor)
        readiness = Readiness(storage, links, lambda: ongoing.closing, reactor)
        webOf(configuration.web, metrics, readiness, reactor).setServiceParent(service)  # type: ignore[no-untyped-call]
    return Composition(service, storage, apps, hosts)
