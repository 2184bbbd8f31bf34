"""
Every key of the configuration, out of the types that read it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import SecretStr

from docs.generators import markdown
from docs.generators.docstrings import attributes, opening
from docs.generators.markdown import code
from pushsvc import kinds
from pushsvc.config import AppOptions, Configuration, FeedOptions, LinkOptions, kebab

_WORDS = {str: "text", SecretStr: "text", Path: "file", bool: "true or false", int: "number", float: "number"}


def text() -> str:
    """
    A section for each table.
    """
    return "\n".join(f"## {title}\n\n{body}" for title, body in sections())


def sections() -> Iterator[tuple[str, str]]:
    """
    Each table's name and what can stand in it.
    """
    for name, field in Configuration.__pydantic_fields__.items():  # type: ignore[attr-defined]
        for cls, named in _tables(field.annotation):
            yield from _section(f'{kebab(name)}."NAME"' if named else kebab(name), cls)
    for kind in kinds.names("links"):
        options: Any = kinds.load("links", kind).Options
        yield from _section("links", options, f' with kind = "{kind}"', LinkOptions, "[[{}]]")
    for kind in kinds.names("feeds"):
        options = kinds.load("feeds", kind).Options
        if set(options.__pydantic_fields__) != set(FeedOptions.__pydantic_fields__):
            yield from _section("publisher.feeds", options, f' with kind = "{kind}"', FeedOptions, "[[{}]]")
    yield from _section("apps.NAME", AppOptions)
    for kind in kinds.names("providers"):
        options = kinds.load("providers", kind).Options
        if options is not AppOptions:
            yield from _section("apps.NAME", options, f' with provider = "{kind}"', AppOptions)


def undescribed() -> list[str]:
    """
    Keys of which nothing is said.
    """
    rows = [row for _, body in sections() for row in body.splitlines() if row.startswith("| `")]
    return [row for row in rows if row.endswith("|  |")]


def _section(
    at: str, cls: Any, note: str = "", without: Any = None, brackets: str = "[{}]"
) -> Iterator[tuple[str, str]]:
    described = attributes(cls)
    known = {} if without is None else without.__pydantic_fields__
    rows, inner = [], []
    for name, field in cls.__pydantic_fields__.items():
        if name in known and without is not None:
            continue
        key, tables = kebab(name), list(_tables(field.annotation))
        meaning = _meaning(name, described, cls)
        rows.append((code(key), _values(field.annotation, field.metadata), _default(field), meaning))
        inner += [(f'{at}.{key}."NAME"' if named else f"{at}.{key}", table) for table, named in tables]
    said = _prose(opening(cls).partition("\n\n")[0], cls)
    # What a docstring opens with is the heading here.
    said = re.sub(r"^``\[.*?\]``( with ``[^`]*``)?[:.]? ?", "", said)
    # Nor are other types of any interest.
    said = re.sub(r"[^.]*(?<!`)`\w+`(?!`)[^.]*\. ?", "", said)
    body = f"{said[:1].upper()}{said[1:]}.\n\n" if said else ""
    yield code(brackets.format(at)) + _marked(note), body + markdown.table(("key", "value", "default", ""), rows)
    for place, table in inner:
        yield from _section(place, table)


def _marked(note: str) -> str:
    return re.sub(r" with (.*)", r" with `\1`", note)


def _tables(annotation: Any) -> Iterator[tuple[Any, bool]]:
    """
    Tables in a key's value, and whether they have names.
    """
    if get_origin(annotation) in (Union, UnionType):
        for each in get_args(annotation):
            yield from _tables(each)
    elif is_dataclass(annotation):
        yield annotation, False
    elif get_origin(annotation) is dict and is_dataclass(get_args(annotation)[1]):
        yield get_args(annotation)[1], True


def _meaning(name: str, described: dict[str, str], cls: Any) -> str:
    said = described.get(name)
    if said is None and name.endswith("File") and name.removesuffix("File") in described:
        return f"a file that holds {code(kebab(name.removesuffix('File')))}"
    if said is None and _isContact(cls):
        return "URIs"
    return _prose(said or "", cls)


def _isContact(cls: Any) -> bool:
    return bool(cls.__name__ == "Contact")


def _prose(said: str, cls: Any) -> str:
    names = cls.__pydantic_fields__
    said = re.sub(r"``(\w+)``", lambda word: f"``{kebab(word[1])}``" if word[1] in names else word[0], said)
    return " ".join(said.replace(". None:", "; left out:").replace("None:", "left out:").split()).removesuffix(".")


def _default(field: Any) -> str:
    if field.is_required():
        return "needed"
    value = field.get_default(call_default_factory=True)
    if value is None or is_dataclass(value) or value == {}:
        return ""
    return code(json.dumps(value))


def _values(annotation: Any, metadata: Any = ()) -> str:
    if get_origin(annotation) is Annotated:
        return _values(get_args(annotation)[0])
    arguments = [each for each in get_args(annotation) if each is not NoneType]
    if get_origin(annotation) in (Union, UnionType):
        return " or ".join(_values(each, metadata) for each in arguments)
    if get_origin(annotation) is Literal:
        return ", ".join(code(json.dumps(each)) for each in arguments)
    if get_origin(annotation) is tuple:
        return f"list of {_values(arguments[0]).replace(',', ' or')}"
    if get_origin(annotation) is dict or is_dataclass(annotation):
        return "table"
    return f"{_WORDS[annotation]}{_bounds(metadata)}"


def _bounds(metadata: Any) -> str:
    said = []
    for bound in metadata:
        if isinstance(bound, Ge):
            said.append(f"at least {bound.ge}")
        elif isinstance(bound, Gt):
            said.append(f"more than {bound.gt}")
        elif isinstance(bound, Le):
            said.append(f"at most {bound.le}")
    return f", {', '.join(said)}" if said else ""
