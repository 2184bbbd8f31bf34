"""
The whole file, from TOML.
"""

import tomllib
from dataclasses import field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic.dataclasses import dataclass

from pushsvc.config.basics import ConfigurationError, options, whyUnread
from pushsvc.config.building import build
from pushsvc.config.hosts import Host
from pushsvc.config.kinds import isWord
from pushsvc.config.operating import Limits, Registration, Storage, Web
from pushsvc.config.publisher import Publisher
from pushsvc.jids import addressOf


@dataclass(frozen=True, config=options)
class Configuration:
    """
    The whole file.

    :ivar links: raw; each has a ``kind``.
    :ivar apps: raw, with ``[app-defaults]`` filled in; each has a ``provider``.
    """

    storage: Storage = field(default_factory=Storage)
    links: tuple[dict[str, Any], ...] = ()
    hosts: dict[str, Host] = field(default_factory=dict)
    appDefaults: dict[str, Any] = field(default_factory=dict, repr=False)
    apps: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    web: Web | None = None
    limits: Limits = field(default_factory=Limits)
    publisher: Publisher | None = None
    registration: Registration | None = None


def readFile(path: Path) -> Configuration:
    """
    Read a configuration.

    :raises ConfigurationError: it cannot be read, not understood, or says nothing: so does a file of which a full disk
        has left the name only.
    """
    try:
        # Some editors begin with a mark that is no TOML.
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigurationError(f"{path}: cannot be read: {whyUnread(e)}") from None
    configuration = read(text, str(path), path.parent)
    if not configuration.hosts:
        raise ConfigurationError(f'{path}: there is nothing to serve; [hosts."…"] is missing')
    return configuration


def read(text: str, source: str = "configuration", folder: Path | None = None) -> Configuration:
    """
    Read a configuration from text.

    :param source: what to call it in errors.
    :param folder: where policies are that it names by their files; None: where the process is.
    :raises ConfigurationError: it cannot be understood.
    """
    try:
        table = tomllib.loads(text)
    except RecursionError:
        raise ConfigurationError(f"{source}: not TOML: too many brackets within brackets") from None
    except ValueError as e:
        # Numbers may be too long for Python.
        raise ConfigurationError(f"{source}: not TOML: {e}") from None
    whole = build(Configuration, table if folder is None else _placed(table, folder), "")
    defaults = whole.appDefaults
    apps = {name: {**defaults, **app} for name, app in whole.apps.items()}
    for kind, tables in (("apps", apps), ("links", dict(enumerate(whole.links)))):
        needed = "provider" if kind == "apps" else "kind"
        for name, raw in tables.items():
            _mustSay(raw, needed, f"{kind}.{name}")
    for name in whole.hosts:
        _mustBeDomain(name)
    for name in apps:
        if not isWord(name):
            raise ConfigurationError(f"apps: {name!r} cannot be the name of an app: a word is")
    return Configuration(
        whole.storage,
        whole.links,
        whole.hosts,
        whole.appDefaults,
        apps,
        whole.web,
        whole.limits,
        whole.publisher,
        whole.registration,
    )


def _mustSay(raw: dict[str, Any], needed: str, at: str) -> None:
    said = raw.get(needed)
    if said is not None and not isinstance(said, str):
        raise ConfigurationError(f'{at}.{needed}: this is text: "…"')
    if said is None:
        likely = get_close_matches(needed, raw, 1)
        hint = f"; is {likely[0]!r} meant to be it?" if likely else ""
        raise ConfigurationError(f"{at}: {needed} is missing{hint}")


def _mustBeDomain(name: str) -> None:
    address = addressOf(name)
    if address is None or address.full != address.domain:
        raise ConfigurationError(f'hosts."{name}": this is not a domain')
    if (borne := address.domain.rstrip(".")) != name:
        # Stanzas bear it so: it would not be found as it is written.
        raise ConfigurationError(f'hosts."{name}": write [hosts."{borne}"]')


def _placed(table: dict[str, Any], folder: Path) -> dict[str, Any]:
    publisher = table.get("publisher")
    if not isinstance(publisher, dict) or not isinstance(policies := publisher.get("policies"), list):
        return table
    placed = [str(folder / each) if isinstance(each, str) and each.endswith(".py") else each for each in policies]
    return {**table, "publisher": {**publisher, "policies": placed}}
