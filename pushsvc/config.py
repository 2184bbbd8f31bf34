"""
One TOML file to frozen values. An unknown key is an error that names its path and the likely key.

What keys apps and links have depends on their kind, so these tables stay raw here: whoever loads the kind calls
`build` with its ``Options``.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import field, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, ConfigDict, Field, SecretStr, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass

Table = Mapping[str, Any]
T = TypeVar("T")


class ConfigurationError(Exception):
    """
    The configuration cannot work. The text is for the operator: where, what, and what to do.
    """


def kebab(name: str) -> str:
    """
    ``maxInFlight`` is ``max-in-flight`` in the file.
    """
    return re.sub(r"(?<=[a-z0-9])([A-Z])", r"-\1", name).lower()


options = ConfigDict(alias_generator=kebab, extra="forbid", strict=False, validate_default=False)


@dataclass(frozen=True, config=options)
class Storage:
    """
    ``[storage]``

    :ivar url: as SQLAlchemy spells it (``sqlite:////var/lib/pushsvc/pushsvc.db``, ``postgresql://…``), or ``memory:``.
    """

    url: str = "sqlite:///pushsvc.db"


def _uri(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9+-]*:[^\s<>\"]+", text):
        raise ValueError("not a URI, such as mailto:admin@example.org, xmpp:admin@example.org or https://example.org/")
    return text


URIs = tuple[Annotated[str, AfterValidator(_uri)], ...]


@dataclass(frozen=True, config=options)
class Contact:
    """
    ``[hosts."push.example.org".contact]``: to whom one may turn, and for what (XEP-0157). Each is a list of URIs.
    """

    abuse: URIs = ()
    admin: URIs = ()
    feedback: URIs = ()
    sales: URIs = ()
    security: URIs = ()
    status: URIs = ()
    support: URIs = ()


@dataclass(frozen=True, config=options)
class Host:
    """
    ``[hosts."push.example.org"]``: a domain we serve.

    :ivar nodetree: which nodes exist on it.
    :ivar nodetypes: what publishes mean, the default type first; empty: not a pubsub host.
    :ivar dialects: the ad-hoc vocabularies offered; empty: not a register host.
    :ivar access: domains or JIDs that may use the commands; None: everybody.
    :ivar publishers: who may publish: ``owner`` (the owner's domain or bare JID), or domains; None: whoever has the
        secret.
    :ivar uniformErrors: answer a wrong secret as if there were no such node, so that nodes cannot be probed.
    :ivar withdrawals: the shapes in which users' servers are told that a node is gone: ``xep-0357``, ``mod_push``.
    :ivar contact: to whom one may turn; shown in service discovery.
    """

    nodetree: str = "virtual"
    nodetypes: tuple[str, ...] = ("push",)
    dialects: tuple[str, ...] = ("modpush",)
    access: tuple[str, ...] | None = None
    publishers: tuple[str, ...] | None = None
    uniformErrors: bool = False
    withdrawals: tuple[Literal["xep-0357", "mod_push"], ...] = ("xep-0357",)
    contact: Contact = field(default_factory=Contact)


@dataclass(frozen=True, config=options)
class AppOptions:
    """
    ``[apps.NAME]``: the keys that every app has, whatever its provider.

    :ivar provider: the push network.
    :ivar registerHost: where its devices register; None: the only host that has dialects.
    :ivar pubsubHost: where its nodes are; None: the only host that has nodetypes.
    :ivar appName: how it is called in service discovery; None: the table's name.
    :ivar default: taken when several apps of one provider share a host and the client does not say which it is.
    :ivar content: what of a summary may reach the network: ``all``, ``counts``, ``none``.
    :ivar priority: ``auto``: as the server says, or high when there is a body; ``high``, ``normal``: always that.
    :ivar ttl: seconds that a notification may wait.
    :ivar maxInFlight: requests under way at once.
    :ivar endpoint: base URL; None: the network's own.
    :ivar trust: file with extra roots for that endpoint, PEM.
    """

    provider: str
    registerHost: str | None = None
    pubsubHost: str | None = None
    appName: str | None = None
    default: bool = False
    content: Literal["all", "counts", "none"] = "all"
    priority: Literal["auto", "high", "normal"] = "auto"
    ttl: int = Field(default=86400, ge=1, le=2419200)
    maxInFlight: int = Field(default=500, ge=1)
    endpoint: str | None = None
    trust: Path | None = None


@dataclass(frozen=True, config=options)
class LinkOptions:
    """
    ``[[links]]``: the keys that every link has.
    """

    kind: str


@dataclass(frozen=True, config=options)
class Web:
    """
    ``[web]``: pages for operators. Left out: there are none.

    :ivar listen: a Twisted server endpoint. Whoever can reach it may read the pages.
    """

    listen: str = "tcp:8080:interface=127.0.0.1"


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


def readFile(path: Path) -> Configuration:
    """
    Read a configuration.

    :raises ConfigurationError: it cannot be read, or not understood.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigurationError(f"{path}: cannot be read: {e}") from None
    return read(text, str(path))


def read(text: str, source: str = "configuration") -> Configuration:
    """
    Read a configuration from text.

    :param source: what to call it in errors.
    :raises ConfigurationError: it cannot be understood.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as e:
        raise ConfigurationError(f"{source}: not TOML: {e}") from None
    whole = build(Configuration, table, "")
    defaults = whole.appDefaults
    apps = {name: {**defaults, **app} for name, app in whole.apps.items()}
    for kind, tables in (("apps", apps), ("links", dict(enumerate(whole.links)))):
        needed = "provider" if kind == "apps" else "kind"
        for name, raw in tables.items():
            if not isinstance(raw.get(needed), str):
                raise ConfigurationError(f"{kind}.{name}: {needed} is missing")
    return Configuration(whole.storage, whole.links, whole.hosts, whole.appDefaults, apps, whole.web)


def build(cls: type[T], table: Table, at: str, ignored: Table | None = None) -> T:
    """
    One table as a value of its type.

    :param at: where the table stands, for errors.
    :param ignored: keys of ``[app-defaults]``: those that this type does not have concern other apps.
    :raises ConfigurationError: an unknown key, a wrong value, a variable that is not set. All that is wrong is listed.
    """
    known = {kebab(f.name) for f in fields(cls)}  # type: ignore[arg-type]
    if ignored:
        table = {key: value for key, value in table.items() if key in known or key not in ignored}
    try:
        return TypeAdapter(cls).validate_python(_expanded(table, at))
    except ValidationError as e:
        problems = [_problem(cls, error, at) for error in e.errors(include_url=False, include_input=False)]
        raise ConfigurationError("\n".join(problems)) from None


def secret(
    at: str, key: str, inline: SecretStr | None, file: Path | None, required: bool = True
) -> str | None:
    """
    A secret that stands in the file, or in a file of its own.

    :raises ConfigurationError: both, neither, or the file cannot be read.
    """
    if inline is not None and file is not None:
        raise ConfigurationError(f"{at}: {key} and {key}-file: one of them")
    if inline is not None:
        return _notEmpty(inline.get_secret_value(), f"{at}.{key}")
    if file is None:
        if required:
            raise ConfigurationError(f"{at}: {key}-file (or {key}) is missing")
        return None
    try:
        return _notEmpty(file.read_text("utf-8").strip(), f"{at}.{key}-file")
    except (OSError, UnicodeDecodeError) as e:
        raise ConfigurationError(f"{at}.{key}-file: {file}: cannot be read: {e}") from None


def _notEmpty(secret: str, at: str) -> str:
    if not secret:
        raise ConfigurationError(f"{at}: is empty")
    return secret


_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _expanded(value: Any, at: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _expanded(inner, f"{at}.{key}".lstrip(".")) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_expanded(inner, f"{at}[{index}]") for index, inner in enumerate(value)]
    if isinstance(value, str) and (variable := _VARIABLE.fullmatch(value)):
        if variable[1] not in os.environ:
            raise ConfigurationError(f"{at}: the environment has no {variable[1]}")
        return os.environ[variable[1]]
    return value


def _problem(cls: type, error: Any, at: str) -> str:
    location = [part for part in error["loc"] if not (isinstance(part, str) and part.endswith("]"))]
    where = ".".join(str(part) for part in (*([at] if at else []), *location))
    if error["type"] in ("unexpected_keyword_argument", "extra_forbidden"):
        key = str(location[-1])
        likely = get_close_matches(key, _keysAt(cls, location[:-1]), 1)
        hint = f"; did you mean {likely[0]!r}?" if likely else ""
        return f"{where}: there is no such key{hint}"
    if error["type"] in ("missing", "missing_argument"):
        return f"{where}: is missing"
    return f"{where}: {error['msg']}"


def _keysAt(cls: Any, path: list[Any]) -> list[str]:
    for part in path:
        for f in fields(cls) if hasattr(cls, "__dataclass_fields__") else ():
            if kebab(f.name) == part:
                cls = f.type
                break
        else:
            cls = getattr(cls, "__args__", (None, cls))[-1]
    return [kebab(f.name) for f in fields(cls)] if hasattr(cls, "__dataclass_fields__") else []
