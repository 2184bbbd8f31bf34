"""
What of ours ends some day.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pushsvc.apps import App
from pushsvc.ipushsvc import IExpiring, ILink


def endsOf(apps: Mapping[str, App], links: Iterable[ILink]) -> Mapping[str, float]:
    """
    When certificates end, in seconds since 1970, by the place in the configuration that they are for.
    """
    ends: dict[str, float] = {}
    for place, holders in (("apps", [app.provider for app in apps.values()]), ("hosts", list(links))):
        for holder in holders:
            expiring: Any = IExpiring(holder, None)
            if expiring is not None:
                ends |= {f"{place}.{name}": end for name, end in expiring.expires().items()}
    return ends
