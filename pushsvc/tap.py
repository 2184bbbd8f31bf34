"""
``twistd pushsvc``: the composition root, the only module that knows everybody.

`makeService` reads the configuration and puts the parts together; it opens nothing, for twistd forks after it. The
parts have names: ``service.getServiceNamed("delivery")``.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from twisted.application.service import IService
from twisted.python import usage

from pushsvc import kinds
from pushsvc.apps import App
from pushsvc.config import Configuration, ConfigurationError, build, kebab, readFile
from pushsvc.delivery.attempts import Attempts
from pushsvc.delivery.delivery import Delivery
from pushsvc.hosts import AccessRule, ServedHost, domainOf
from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from pushsvc.ipushsvc import IHTTP, ILink, IStorage
from pushsvc.jids import addressOf
from pushsvc.registrar import Registrar
from pushsvc.service import PushService
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
        return compose(readFile(Path(options["config"])), reactor).service
    except ConfigurationError as e:
        raise SystemExit(f"pushsvc: {e}") from None


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


def compose(configuration: Configuration, reactor: Any) -> Composition:
    """
    Put the parts together.

    :raises ConfigurationError: they do not fit.
    """
    clients: dict[Path | None, IHTTP] = {}
    apps = _apps(configuration, clients, reactor)
    storage = _storage(configuration.storage.url, reactor)
    links = _links(configuration, reactor)
    hosts: dict[str, ServedHost] = {}
    registrar = Registrar(storage.registrations, apps, Withdrawals(hosts, Outgoing(links).send), reactor)
    delivery = Delivery(storage.outbox, apps, Attempts(apps, registrar, reactor), reactor)
    for name in configuration.hosts:
        hosts[name] = _host(configuration, name, apps, registrar, storage, delivery)
    sessions, ongoing = Sessions(reactor), Ongoing(reactor)
    for link in links:
        link.addHandlers(makeHandlers(hosts, sessions, ongoing))
    service = PushService(storage, delivery, links, ongoing, list(clients.values()))
    return Composition(service, storage, apps, hosts)


def _load(folder: str, name: str, at: str) -> Any:
    try:
        return kinds.load(folder, name)
    except kinds.UnknownKind as e:
        raise ConfigurationError(f"{at}: {e}") from None


def _storage(url: str, reactor: Any) -> IStorage:
    kind = "memory" if url.startswith("memory:") else "sql"
    try:
        storage: IStorage = _load("storage", kind, "storage.url").makeStorage(url, reactor)
    except ValueError as e:
        raise ConfigurationError(f"storage.url: {e}") from None
    return storage


def _links(configuration: Configuration, reactor: Any) -> list[ILink]:
    names = list(configuration.hosts)
    links: list[ILink] = []
    for index, table in enumerate(configuration.links):
        at = f"links.{index}"
        module = _load("links", table["kind"], f"{at}.kind")
        try:
            links.append(module.makeLink(build(module.Options, table, at), names, reactor))
        except ValueError as e:
            raise ConfigurationError(f"{at}: {e}") from None
    for name in names:
        serving = sum(link.serves(name) for link in links)
        if serving != 1:
            raise ConfigurationError(f"hosts.{name}: {'several links serve' if serving else 'no link serves'} it")
    return links


# Apps


def _apps(configuration: Configuration, clients: dict[Path | None, IHTTP], reactor: Any) -> dict[str, App]:
    defaults, known = configuration.appDefaults, {"provider"}
    apps = {}
    for name, table in configuration.apps.items():
        at = f"apps.{name}"
        kind = kinds.canonical("providers", table["provider"])
        module = _load("providers", kind, f"{at}.provider")
        known |= {kebab(f.name) for f in fields(module.Options)}
        options = build(module.Options, table, at, defaults)
        try:
            if options.trust not in clients:
                slow = makeHTTP(reactor, options.trust)
                clients[options.trust] = makeHTTP2(reactor, options.trust, otherwise=slow)
            provider = module.makeProvider(name, options, clients[options.trust], reactor)
        except ValueError as e:
            raise ConfigurationError(f"{at}: {e}") from None
        apps[name] = App(
            name=name,
            publicName=options.appName or name,
            kind=kind,
            provider=provider,
            registerHost=_hostOf(configuration, at, "register-host", options.registerHost, "dialects"),
            pubsubHost=_hostOf(configuration, at, "pubsub-host", options.pubsubHost, "nodetypes"),
            default=options.default,
            content=options.content,
            priority=options.priority,
            ttl=options.ttl,
            maxInFlight=options.maxInFlight,
        )
    for key in defaults:
        if apps and key not in known:
            raise ConfigurationError(f"app-defaults.{key}: no app has such a key")
    _unambiguous(apps)
    return apps


def _hostOf(configuration: Configuration, at: str, key: str, named: str | None, role: str) -> str:
    able = [name for name, host in configuration.hosts.items() if getattr(host, role)]
    if named is None:
        if len(able) != 1:
            raise ConfigurationError(f"{at}.{key}: is missing: {len(able)} hosts have {role}")
        return able[0]
    if named not in able:
        raise ConfigurationError(f"{at}.{key}: {named!r} is not among the hosts that have {role}: {', '.join(able)}")
    return named


def _unambiguous(apps: Mapping[str, App]) -> None:
    shared: dict[tuple[str, str], list[App]] = {}
    for app in apps.values():
        shared.setdefault((app.registerHost, app.kind), []).append(app)
    for (host, kind), several in shared.items():
        defaults = [app.name for app in several if app.default]
        if len(several) > 1 and len(defaults) != 1:
            names = ", ".join(f"apps.{app.name}" for app in several)
            raise ConfigurationError(
                f"{names}: all are {kind} apps whose devices register at {host}, so one of them "
                f"has to say default = true; {len(defaults)} do"
            )


# Hosts


def _host(
    configuration: Configuration,
    name: str,
    apps: Mapping[str, App],
    registrar: Registrar,
    storage: IStorage,
    delivery: Delivery,
) -> ServedHost:
    host, at = configuration.hosts[name], f"hosts.{name}"
    types = {
        kind: _load("nodetypes", kind, f"{at}.nodetypes").makeNodeType(storage, delivery) for kind in host.nodetypes
    }
    tree = _load("nodetrees", host.nodetree, f"{at}.nodetree").makeNodeTree(types) if types else None
    dialects = {kind: _load("dialects", kind, f"{at}.dialects").makeDialect(registrar) for kind in host.dialects}
    claimed: dict[str, str] = {}
    for kind, dialect in dialects.items():
        for command in dialect.commands(name):
            if command in claimed:
                raise ConfigurationError(f"{at}.dialects: {claimed[command]} and {kind} both claim {command}")
            claimed[command] = kind
    return ServedHost(
        name=name,
        tree=tree,
        types=types,
        dialects=tuple(dialects.values()),
        access=AccessRule(_jids(host.access, f"{at}.access")),
        publishers=_jids(host.publishers, f"{at}.publishers", ("owner",)),
        uniformErrors=host.uniformErrors,
        withdrawals=host.withdrawals,
        appNames=tuple(sorted({app.publicName for app in apps.values() if app.registerHost == name})),
    )


def _jids(entries: tuple[str, ...] | None, at: str, words: tuple[str, ...] = ()) -> tuple[str, ...] | None:
    """
    Entries as they are compared, prepared; what could never fit anybody is a mistake.
    """
    if entries is None:
        return None
    prepared = []
    for entry in entries:
        address = addressOf(entry)
        if entry not in words and (address is None or address.resource is not None or (words and address.local)):
            wanted = "a domain" if words else "a domain or a bare JID"
            raise ConfigurationError(f"{at}: {entry!r} is not {wanted}")
        prepared.append(entry if address is None or entry in words else address.bare)
    return tuple(prepared)


class Outgoing:
    """
    Spontaneous stanzas leave by the link that serves their host.
    """

    def __init__(self, links: Sequence[ILink]) -> None:
        self._links = links

    def send(self, stanza: Any) -> None:
        """
        :param stanza: a domish element with ``from`` and ``to``.
        """
        for link in self._links:
            if link.serves(domainOf(stanza["from"])):
                link.send(stanza)
                return
