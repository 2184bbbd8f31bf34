"""
Kinds that a configuration names, and where it does.
"""

from typing import Any

from pushsvc import kinds
from pushsvc.config import ConfigurationError


def load(folder: str, name: str, at: str) -> Any:
    """
    The module of a kind.

    :param at: where the configuration names it.
    :raises ConfigurationError: there is none.
    """
    try:
        return kinds.load(folder, name)
    except kinds.UnknownKind as e:
        raise ConfigurationError(f"{at}: {e}") from None
