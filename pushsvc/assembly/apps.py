"""
Client applications: ``[apps.*]`` with ``[app-defaults]``.
"""

from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from pushsvc import kinds
from pushsvc.apps import App
from pushsvc.assembly.loading import load
from pushsvc.config import Configuration, ConfigurationError, build, kebab
from pushsvc.httpclient.client import makeHTTP
from pushsvc.httpclient.http2.client import makeHTTP2
from pushsvc.ipushsvc import IHTTP


def appsOf(configuration: Configuration, clients: dict[Path | None, IHTTP], reactor: Any) -> dict[str, App]:
    """
    The apps, by name.

    :param clients: filled with a client for each set of roots that an app trusts.
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


def appOf(configuration: Configuration, name: str, clients: dict[Path | None, IHTTP], reactor: Any) -> App:
    """
    One of them.

    :param clients: as for `appsOf`.
    :raises ConfigurationError: it cannot be.
    """
    at, module = f"apps.{name}", _moduleOf(configuration, name)
    options = build(module.Options, configuration.apps[name], at, configuration.appDefaults)
    try:
        if options.trust not in clients:
            slow = makeHTTP(reactor, options.trust)
            clients[options.trust] = makeHTTP2(reactor, options.trust, otherwise=slow)
        provider = module.makeProvider(name, options, clients[options.trust], reactor)
    except ValueError as e:
        raise ConfigurationError(f"{at}: {e}") from None
    return App(
        name=name,
        publicName=options.appName or name,
        kind=_kindOf(configuration, name),
        provider=provider,
        registerHost=_hostOf(configuration, at, "register-host", options.registerHost, "dialects"),
        pubsubHost=_hostOf(configuration, at, "pubsub-host", options.pubsubHost, "nodetypes"),
        default=options.default,
        content=options.content,
        priority=options.priority,
        ttl=options.ttl,
        maxInFlight=options.maxInFlight,
    )


def _kindOf(configuration: Configuration, name: str) -> str:
    return kinds.canonical("providers", configuration.apps[name]["provider"])


def _moduleOf(configuration: Configuration, name: str) -> Any:
    return load("providers", _kindOf(configuration, name), f"apps.{name}.provider")


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
