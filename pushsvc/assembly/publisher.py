"""
The publisher: ``[publisher]``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pushsvc.apps import App
from pushsvc.assembly.loading import load
from pushsvc.assembly.policies import policyOf
from pushsvc.config import Configuration, ConfigurationError, build
from pushsvc.config import Publisher as Options
from pushsvc.enablement import ContentOptions
from pushsvc.ipushsvc import IDelivery, ILink, IRegistrar, IStanzaFeed, IStorage
from pushsvc.jids import addressOf
from pushsvc.providers.enabled import EnabledServices
from pushsvc.publisher.chain import Chain
from pushsvc.publisher.content import Content
from pushsvc.publisher.default import Default
from pushsvc.publisher.departing import Departing
from pushsvc.publisher.dispatching import APP, Dispatching
from pushsvc.publisher.enabling import Enabling
from pushsvc.publisher.probation import Probation
from pushsvc.publisher.publisher import Publisher
from pushsvc.publisher.service import PublisherService
from pushsvc.publisher.virtual import VirtualHosts
from pushsvc.xmpp.accounts import AccountRequests
from pushsvc.xmpp.delegates import EnablingDelegate
from pushsvc.xmpp.edge import Handler
from pushsvc.xmpp.enabling import EnablingRequests
from pushsvc.xmpp.handlers import HandlerParts
from pushsvc.xmpp.hearing import Hearing
from pushsvc.xmpp.publishing import Publishing
from pushsvc.xmpp.voices import Voices


@dataclass(frozen=True)
class Half:
    """
    The user's-server half, put together.

    :ivar service: what is started and stopped.
    :ivar domains: whose accounts it publishes for.
    :ivar hearing: makes what hears messages, for one link.
    :ivar accounts: makes what answers accounts, for a link that serves their domain.
    """

    publisher: Publisher
    service: PublisherService
    enabling: EnablingDelegate
    domains: Sequence[str]
    hearing: Callable[[], Handler] = field(repr=False)
    accounts: Callable[[], Handler] = field(repr=False)


def voicesOf(configuration: Configuration, links: Sequence[ILink], clock: Any) -> Voices | None:
    """
    In whose name is published for accounts; None: there is no publisher.

    :raises ConfigurationError: no host of ours can.
    """
    options = configuration.publisher
    if options is None:
        return None
    served = [domain for domain in _domains(options.domains) if any(link.serves(domain) for link in links)]
    if options.publishFrom == "server" and len(served) != len(options.domains):
        raise ConfigurationError("publisher.publish-from: no link serves all of these domains: not by 'server'")
    host = _hostOf(configuration, options)
    speaking = [link for link in links if link.serves(host)]
    return Voices(options.publishFrom, host, served, lambda: _areUp(speaking), clock)


def partsOf(link: ILink, publishing: Publishing, half: Half | None) -> HandlerParts:
    """
    What is handed to a link beside what every link gets.
    """
    if half is None:
        return HandlerParts(publishing)
    isTheirs = any(link.serves(domain) for domain in half.domains)
    return HandlerParts(publishing, half.enabling, half.hearing, half.accounts if isTheirs else None)


def enabledOf(configuration: Configuration, storage: IStorage, publishing: Publishing, clock: Any) -> App | None:
    """
    The app that enablements are of; None: there is no publisher.
    """
    options = configuration.publisher
    if options is None:
        return None
    provider = EnabledServices(APP, publishing, probationOf(options, storage, clock))
    return App(APP, APP, "pubsub", provider, registerHost="", pubsubHost="", ttl=options.ttl)


def publisherOf(
    configuration: Configuration,
    storage: IStorage,
    delivery: IDelivery,
    apps: dict[str, App],
    voices: Voices | None,
    reactor: Any,
    publishing: Publishing,
    registrar: IRegistrar,
    links: Sequence[ILink],
) -> Half | None:
    """
    All of it; None: there is no publisher.

    :raises ConfigurationError: it cannot be.
    """
    options = configuration.publisher
    if options is None or voices is None:
        return None
    domains = _domains(options.domains)
    content = contentOf(options)
    default = Default(content)
    enabling = Enabling(storage.enablements, content, reactor, options.maxServices, options.expires)
    probation = probationOf(options, storage, reactor)
    dispatching = Dispatching(
        delivery, storage.registrations, apps, VirtualHosts(options.virtualPubsubHosts), probation.refused
    )
    departing = Departing(publishing, registrar, options.tellRemoved, reactor, storage.nodes)
    policy = Chain([policyOf(name, default) for name in options.policies], default)
    publisher = Publisher(
        domains,
        storage.enablements,
        enabling,
        policy,
        dispatching.dispatch,
        reactor,
        departing.farewell,
        dispatching.handedOn,
    )
    feeds = [_feedOf(index, table, publisher, reactor) for index, table in enumerate(options.feeds)]
    requests = EnablingRequests(publisher, reactor, options.policies)
    service = PublisherService(
        publisher,
        storage.enablements,
        feeds,
        reactor,
        options.wakeOnStart,
        options.expires,
        options.probation,
        lambda: _areUp(links),
    )
    listening: Sequence[IStanzaFeed] = [feed for feed in feeds if IStanzaFeed.providedBy(feed)]
    return Half(
        publisher,
        service,
        EnablingDelegate(requests, publisher, _hostOf(configuration, options)),
        domains,
        lambda: Hearing(domains, publisher, voices, listening),
        lambda: AccountRequests(domains, requests),
    )


def probationOf(options: Options, storage: IStorage, clock: Any) -> Probation:
    """
    What becomes of services that refuse what they are told.
    """
    return Probation(storage.enablements, clock, options.maxErrors, options.probation)


def contentOf(options: Options) -> Content:
    """
    What may be told.
    """
    mayHave = {name: None if word in options.allowed else False for name, word in _WORDS.items()}
    defaults = ContentOptions(
        senders=options.includeSenders,
        messageCount=options.includeMessageCount,
        subscriptionCount=options.includeSubscriptionCount,
        bodies=options.includeMessageBodies,
    )
    # What is told by default everybody gets, whether or not one could ask for it.
    ceiling = {name: None if getattr(defaults, name) else limit for name, limit in mayHave.items()}
    return Content(defaults, ContentOptions(**ceiling), options.importantBody)


_WORDS = {
    "senders": "senders",
    "messageCount": "message-count",
    "subscriptionCount": "subscription-count",
    "bodies": "message-bodies",
}


def _areUp(links: Sequence[ILink]) -> bool:
    return all(link.trouble() is None for link in links)


def _feedOf(index: int, table: dict[str, Any], publisher: Publisher, reactor: Any) -> Any:
    at = f"publisher.feeds.{index}"
    if not isinstance(table.get("kind"), str):
        raise ConfigurationError(f"{at}: kind is missing")
    module = load("feeds", table["kind"], f"{at}.kind")
    try:
        return module.makeFeed(build(module.Options, table, at), publisher, reactor)
    except ValueError as e:
        raise ConfigurationError(f"{at}: {e}") from None


def _hostOf(configuration: Configuration, options: Options) -> str:
    hosts = list(configuration.hosts)
    if options.host is None:
        if len(hosts) != 1:
            raise ConfigurationError(f"publisher.host: is missing: there are {len(hosts)} hosts")
        return hosts[0]
    if options.host not in hosts:
        raise ConfigurationError(f"publisher.host: {options.host!r} is not among the hosts: {', '.join(hosts)}")
    return options.host


def _domains(said: tuple[str, ...]) -> list[str]:
    domains = []
    for entry in said:
        address = addressOf(entry)
        if address is None or address.full != address.domain:
            raise ConfigurationError(f"publisher.domains: {entry!r} is not a domain")
        domains.append(address.domain)
    if not domains:
        raise ConfigurationError("publisher.domains: names nobody")
    return domains

