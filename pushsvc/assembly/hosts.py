"""
Domains that are served: ``[hosts.*]``.
"""

import sys
from collections.abc import Mapping
from dataclasses import asdict

from pushsvc.apps import App
from pushsvc.assembly.loading import load
from pushsvc.config import Configuration, ConfigurationError
from pushsvc.dialects import tigase
from pushsvc.hosts import AccessRule, ServedHost
from pushsvc.ipushsvc import IDelivery, INodeTree, INodeType, IRegistrar, IStorage
from pushsvc.jids import addressOf


def hostOf(
    configuration: Configuration,
    name: str,
    apps: Mapping[str, App],
    registrar: IRegistrar,
    storage: IStorage,
    delivery: IDelivery,
) -> ServedHost:
    """
    One of them, ready for use.

    :raises ConfigurationError: it cannot be.
    """
    host, at = configuration.hosts[name], f"hosts.{name}"
    kinds = {kind: load("nodetypes", kind, f"{at}.nodetypes") for kind in host.nodetypes}
    types = {kind: module.makeNodeType(storage, delivery, apps) for kind, module in kinds.items()}
    tree = _treeOf(configuration, name, types, storage) if types else None
    dialects = {kind: load("dialects", kind, f"{at}.dialects").makeDialect(registrar) for kind in host.dialects}
    claimed: dict[str, str] = {}
    for kind, dialect in dialects.items():
        for command in dialect.commands(name):
            if command in claimed:
                raise ConfigurationError(f"{at}.dialects: {claimed[command]} and {kind} both claim {command}")
            claimed[command] = kind
    registering = [app for app in apps.values() if app.registerHost == name]
    for app in registering:
        if app.providerIds and tigase.REGISTER not in claimed:
            raise ConfigurationError(
                f"apps.{app.name}.provider-ids: whoever looks for these runs {tigase.REGISTER}, and no dialect of "
                f'{name} has it; add "tigase" to {at}.dialects'
            )
    sizes = [app.payloadSize for app in registering if app.payloadSize is not None]
    return ServedHost(
        name=name,
        tree=tree,
        types=types,
        dialects=tuple(dialects.values()),
        access=AccessRule(_jids(host.access, f"{at}.access")),
        publishers=_jids(host.publishers, f"{at}.publishers", ("owner",)),
        uniformErrors=host.uniformErrors,
        withdrawals=host.withdrawals,
        appNames=tuple(sorted({app.publicName for app in registering})),
        contact={whom: addresses for whom, addresses in asdict(host.contact).items() if addresses},
        features=tuple(sorted({feature for app in registering for feature in (*app.features, *app.providerIds)})),
        payloadSize=min(sizes, default=None),
        push2=host.push2,
        delay=delivery.delay,
    )


def _treeOf(configuration: Configuration, name: str, types: Mapping[str, INodeType], storage: IStorage) -> INodeTree:
    host, limits, at = configuration.hosts[name], configuration.limits, f"hosts.{name}"
    if host.nodetree == "virtual" and "flat" in host.nodetypes:
        raise ConfigurationError(
            f"{at}.nodetypes: nodes of type 'flat' have to be created, which nobody can on nodetree = \"virtual\"; "
            'it is for nodetree = "tree"'
        )

    def most(creator: str) -> int:
        # A domain is an app server, or speaks for many.
        return (limits.nodesPerAccount if "@" in creator else limits.nodesPerDomain) or sys.maxsize

    try:
        tree: INodeTree = load("nodetrees", host.nodetree, f"{at}.nodetree").makeNodeTree(types, storage, most)
    except ValueError as e:
        raise ConfigurationError(f"{at}.nodetypes: {e}") from None
    return tree


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
