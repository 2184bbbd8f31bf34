"""
Where things are kept: ``[storage]``.
"""

from typing import Any

from pushsvc.assembly.loading import load
from pushsvc.config import Configuration, ConfigurationError
from pushsvc.ipushsvc import IStorage


def storageOf(configuration: Configuration, reactor: Any) -> IStorage:
    """
    The storage; nothing is open yet.

    :raises ConfigurationError: its URL means nothing that can be used here.
    """
    url = configuration.storage.url
    scheme = url.partition(":")[0]
    # A scheme with a dot is a third party's module, as with every other kind.
    kind = scheme if scheme == "memory" or "." in scheme else "sql"
    try:
        storage: IStorage = load("storage", kind, "storage.url").makeStorage(url, reactor)
    except ValueError as e:
        raise ConfigurationError(f"storage.url: {e}") from None
    return storage
