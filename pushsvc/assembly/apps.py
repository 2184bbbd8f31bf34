"""
Client applications: ``[apps.*]`` with ``[app-defaults]``.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeAlias

from pushsvc import kinds
from pushsvc.apps import App
from pushsvc.assembly.loading import load
from pushsvc.config import AppOptions, Configuration, ConfigurationError, build, kebab
from pushsvc.guard import Guard, allowing
from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from pushsvc.ipushsvc import IHTTP
from pushsvc.providers.endpoints import EndpointOptions

# By the roots that are trusted, and by what guards the way where devices name their servers.
Clients: TypeAlias = dict[tuple[Path | None, Guard | None], IHTTP]

# Node types whose nodes are no registrations.
_UNREGISTERED = {"token", "mongoose", "flat"}


def appsOf(configuration: Configuration, clients: Clients, reactor: Any) -> dict[str, App]:
    """
    The apps, by name.

    :param clients: filled with those that the apps need.
    :raises ConfigurationError: they do not fit.
    """
    apps = {name: appOf(configuration, name, clients, reactor) for name in configuration.apps}
    known = {"provider"}
    for name in apps:
        known |= {kebab(f.name) for f in fields(_moduleOf(configuration, name).Options)}
    for key in configuration.appDefaults:
        if apps and key not in known:
            raise ConfigurationError(f"app-defaults.{key}: no app has such a key")
    _unambiguous(apps)
    return apps


def appOf(configuration: Configuration, name: str, clients: Clients, reactor: Any) -> App:
    """
    One of them.

    :param clients: as for `appsOf`.
    :raises ConfigurationError: it cannot be.
    """
    at, module = f"apps.{name}", _moduleOf(configuration, name)
    options = build(module.Options, configuration.apps[name], at, configuration.appDefaults)
    try:
        provider = module.makeProvider(name, options, _clientFor(options, clients, reactor, at), reactor)
    except ValueError as e:
        raise ConfigurationError(f"{at}: {e}") from None
    return App(
        name=name,
        publicName=options.appName or name,
        kind=_kindOf(configuration, name),
        provider=provider,
        registerHost=_registerHostOf(configuration, at, options),
        pubsubHost=_hostOf(configuration, at, "pubsub-host", options.pubsubHost, "nodetypes"),
        default=options.default,
        content=options.content,
        priority=options.priority,
        ttl=options.ttl,
        maxInFlight=options.maxInFlight,
        providerIds=options.providerIds,
        unknownChildren=options.unknownChildren,
    )


def _clientFor(options: AppOptions, clients: Clients, reactor: Any, at: str) -> IHTTP:
    guard = allowing(options.allowedEndpoints) if isinstance(options, EndpointOptions) else None
    key = options.trust, guard
    if key not in clients:
        try:
            slow = makeHTTP(reactor, options.trust, guard)
        except ValueError as e:
            raise ConfigurationError(f"{at}.trust: {e}") from None
        clients[key] = makeHTTP2(reactor, options.trust, otherwise=slow, guard=guard)
    return clients[key]


def _kindOf(configuration: Configuration, name: str) -> str:
    return kinds.canonical("providers", configuration.apps[name]["provider"])


def _moduleOf(configuration: Configuration, name: str) -> Any:
    return load("providers", _kindOf(configuration, name), f"apps.{name}.provider")


def _registerHostOf(configuration: Configuration, at: str, options: AppOptions) -> str:
    pubsubHost = _hostOf(configuration, at, "pubsub-host", options.pubsubHost, "nodetypes")
    if options.registerHost is None and set(configuration.hosts[pubsubHost].nodetypes) <= _UNREGISTERED:
        # What is registered would have no node there.
        return ""
    return _hostOf(configuration, at, "register-host", options.registerHost, "dialects")


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
    claimed: dict[tuple[str, str], str] = {}
    for app in apps.values():
        shared.setdefault((app.registerHost, app.kind), []).append(app)
        for id in app.providerIds:
            other = claimed.setdefault((app.registerHost, id), app.name)
            if other != app.name:
                raise ConfigurationError(
                    f"apps.{other}, apps.{app.name}: both have {id!r} among their provider-ids, so that nobody could "
                    "tell for which of them a device registers"
                )
    for (host, kind), several in shared.items():
        if not host:
            # Nobody registers: publishes say which app they mean, or are refused.
            continue
        defaults = [app.name for app in several if app.default]
        if len(several) > 1 and len(defaults) != 1:
            names = ", ".join(f"apps.{app.name}" for app in several)
            raise ConfigurationError(
                f"{names}: all are {kind} apps whose devices register at {host}, so one of them "
                f"has to say default = true; {len(defaults)} do"
            )
