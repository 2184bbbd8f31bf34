"""
What all tables have in common.
"""

import re
from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import ConfigDict

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


def whyUnread(error: OSError | UnicodeDecodeError) -> str:
    """
    Why a file could not be read; which one it was, the operator has been told.
    """
    return "this is no text in UTF-8" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)


options = ConfigDict(alias_generator=kebab, extra="forbid", strict=False, validate_default=False)
