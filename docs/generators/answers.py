"""
What push networks' answers mean, out of the tables that providers decide by.
"""

import importlib
import importlib.util
from collections.abc import Iterator, Mapping
from typing import Any

from docs.generators import markdown
from docs.generators.markdown import code
from pushsvc import errors, kinds

# Where an answer says it, by what the table is called.
_PLACES = {
    "CODES": "code",
    "DETAILS": "details",
    "ERRNOS": "errno",
    "FAMILIES": "code that begins with",
    "GONE": "",
    "HTTP": "HTTP",
    "LABELS": "",
    "MEANING": "HTTP",
    "MEANINGS": "HTTP",
    "REASONS": "reason",
    "STATUSES": "status",
}
_HTTP = "HTTP"


def networks() -> list[str]:
    """
    Those whose answers are in tables.
    """
    return [kind for kind in kinds.names("providers") if importlib.util.find_spec(_module(kind)) is not None]


def text(kind: str) -> str:
    """
    A line for each error.
    """
    said: dict[Any, list[str]] = {}
    seen: set[tuple[Any, Any]] = set()
    for place, table in tables(kind):
        found: dict[Any, list[str]] = {}
        for answer, error in table.items():
            if (answer, error) not in seen:
                seen.add((answer, error))
                found.setdefault(error, []).append(code(_word(answer)))
        for error, answers in found.items():
            said.setdefault(error, []).append(f"{place} {', '.join(answers)}".strip())
    order = list(vars(errors).values())
    rows = ((code(error.__name__), "; ".join(said[error])) for error in sorted(said, key=order.index))
    return markdown.table(("error", "answers"), rows)


def tables(kind: str) -> Iterator[tuple[str, Mapping[Any, Any]]]:
    """
    Its tables, and where an answer says what is in them.
    """
    for name, value in vars(importlib.import_module(_module(kind))).items():
        if name.lstrip("_") == "GONE":
            value = dict.fromkeys(sorted(value), errors.DeviceGone)
        if isinstance(value, Mapping) and value and all(_isError(error) for error in value.values()):
            place = _PLACES.get(name.lstrip("_"), name.lstrip("_").lower())
            yield (_HTTP if all(isinstance(answer, int) and answer > 299 for answer in value) else place), value


def _isError(error: Any) -> bool:
    return isinstance(error, type) and issubclass(error, errors.DeliveryError)


def _word(answer: Any) -> str:
    return " ".join(map(str, answer)) if isinstance(answer, tuple) else str(answer)


def _module(kind: str) -> str:
    return f"pushsvc.providers.{kind}verdict"
