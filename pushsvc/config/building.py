"""
One table as a value of its type. An unknown key is an error that names its path and the likely key.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import SecretStr, TypeAdapter, ValidationError

from pushsvc.config.basics import ConfigurationError, T, Table, kebab, whyUnread


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
        built = TypeAdapter(cls).validate_python(_expanded(table, at))
    except ValidationError as e:
        problems = [_problem(cls, error, at) for error in e.errors(include_url=False, include_input=False)]
        raise ConfigurationError("\n".join(problems)) from None
    if problems := list(_takenForNumbers(table, built, at)):
        raise ConfigurationError("\n".join(problems))
    return built


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
        raise ConfigurationError(f"{at}.{key}-file: {file}: cannot be read: {whyUnread(e)}") from None


def _notEmpty(secret: str, at: str) -> str:
    if not secret:
        raise ConfigurationError(f"{at}: is empty")
    return secret


_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


def _expanded(value: Any, at: str) -> Any:
    if isinstance(value, Mapping):
        return {key: _expanded(inner, f"{at}.{key}".lstrip(".")) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_expanded(inner, f"{at}.{index}") for index, inner in enumerate(value)]
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
        if not likely and location[0] == "hosts" and "." not in str(location[1]):
            hint = f'; a name with dots stands in quotes: [hosts."{location[1]}.…"]'
        return f"{where}: there is no such key{hint}"
    if error["type"] in ("missing", "missing_argument"):
        return f"{where}: is missing"
    if error["type"] == "tuple_type" and where in ("links", "publisher.feeds"):
        return f"{where}: there may be several: write [[{where}]]"
    return f"{where}: {_SAID.get(error['type'], error['msg'].removeprefix('Value error, '))}"


def _takenForNumbers(table: Table, built: Any, at: str) -> Iterator[str]:
    """
    ``true`` is 1 to Python; to who writes it, it is none.
    """
    for f in fields(built):
        said, value, where = table.get(kebab(f.name)), getattr(built, f.name), f"{at}.{kebab(f.name)}".lstrip(".")
        if isinstance(said, bool) and not isinstance(value, bool):
            yield f"{where}: this is no number"
        elif isinstance(said, Mapping) and is_dataclass(value):
            yield from _takenForNumbers(said, value, where)


# What the reader of the types says of them in Python's words.
_SAID = {
    "tuple_type": 'this is a list: ["…"]',
    "dict_type": "this is a table",
    "dataclass_type": "this is a table",
    "string_type": 'this is text: "…"',
}


def _keysAt(cls: Any, path: list[Any]) -> list[str]:
    for part in path:
        for f in fields(cls) if hasattr(cls, "__dataclass_fields__") else ():
            if kebab(f.name) == part:
                cls = f.type
                break
        else:
            cls = getattr(cls, "__args__", (None, cls))[-1]
    return [kebab(f.name) for f in fields(cls)] if hasattr(cls, "__dataclass_fields__") else []
