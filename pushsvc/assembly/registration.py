"""
Registering over HTTP: ``[registration]``.
"""

from collections.abc import Mapping
from functools import partial
from typing import Any

from pushsvc.apps import App
from pushsvc.config import ConfigurationError, Registration
from pushsvc.config.endpoints import listeningAt
from pushsvc.hosts import ServedHost
from pushsvc.ipushsvc import IRegistrar, IStorage
from pushsvc.strangers import Strangers
from pushsvc.web.appserver import AppServer
from pushsvc.web.door import Door
from pushsvc.web.registering import Registering, Vocabulary
from pushsvc.web.server import WebServer
from pushsvc.web.tigase import Tigase
from pushsvc.web.visitors import Visitors

AT = "registration"


def registrationOf(
    options: Registration,
    hosts: Mapping[str, ServedHost],
    apps: Mapping[str, App],
    registrar: IRegistrar,
    storage: IStorage,
    reactor: Any,
) -> WebServer:
    """
    The server of its pages.

    :raises ConfigurationError: it could not do what it is for.
    """
    host = _registerHost(options.host, hosts)
    here = [app for app in apps.values() if app.registerHost == host.name]
    pubsubHosts = {app.pubsubHost: hosts[app.pubsubHost] for app in here}
    if "appserver" in options.dialects:
        _mustBeOpen(host, pubsubHosts)
    try:
        endpoint = listeningAt(reactor, options.listen)
    except ValueError as e:
        raise ConfigurationError(f"{AT}.listen: {options.listen!r}: {e}") from None
    try:
        rate = options.requestsPerAddress, options.burstPerAddress
        visitors = Visitors(rate, options.registrationsPerAddress, options.proxies, reactor)
    except ValueError as e:
        raise ConfigurationError(f"{AT}.proxies: {e}") from None
    strangers = Strangers(registrar, storage.registrations, host.name)
    known: dict[str, Vocabulary] = {
        "appserver": AppServer(strangers, storage.registrations, pubsubHosts).vocabulary,
        "tigase": Tigase(registrar, host.name, {host.name, *pubsubHosts}).vocabulary,
    }
    pages = Registering([known[dialect] for dialect in dict.fromkeys(options.dialects)], visitors)
    return WebServer(endpoint, pages, reactor, partial(Door, isProxy=visitors.isProxy), AT)


def _registerHost(named: str | None, hosts: Mapping[str, ServedHost]) -> ServedHost:
    able = [host for host in hosts.values() if host.dialects]
    if named is None:
        if len(able) != 1:
            raise ConfigurationError(f"{AT}.host: is missing: {len(able)} hosts have dialects")
        return able[0]
    for host in able:
        if host.name == named:
            return host
    names = ", ".join(host.name for host in able)
    raise ConfigurationError(f"{AT}.host: {named!r} is not among the hosts that have dialects: {names}")


def _mustBeOpen(host: ServedHost, pubsubHosts: Mapping[str, ServedHost]) -> None:
    """
    :raises ConfigurationError: who has no account would not be let in, or would be let in where nobody without is.
    """
    hint = f'; leave "appserver" out of {AT}.dialects'
    if host.access.entries is not None:
        raise ConfigurationError(
            f"hosts.{host.name}.access: says who may register, but who registers over HTTP has no account{hint}"
        )
    for each in pubsubHosts.values():
        if each.publishers == ("owner",):
            raise ConfigurationError(
                f"hosts.{each.name}.publishers: only the owner's server may publish, but who registers over HTTP has "
                f"no account, so that nobody could{hint}"
            )
