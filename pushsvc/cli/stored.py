"""
Commands that work on what the configured storage keeps.

What is in the memory of a process, only that process knows.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pushsvc.assembly.storage import storageOf
from pushsvc.cli import options
from pushsvc.config import Configuration, ConfigurationError, readFile
from pushsvc.errors import CannotOpen, TryLater
from pushsvc.ipushsvc import IStorage
from pushsvc.jids import addressOf


def bareJID(text: str) -> str:
    """
    The account that somebody typed; what is none is told, and ends the command.
    """
    address = addressOf(text)
    if address is None:
        options.fail(f"{text!r} is not a JID")
    return address.bare


def onStorage(config: Path, command: Callable[[IStorage, Configuration, Any], Awaitable[None]]) -> None:
    """
    Open it, and let a command work on it; what is in the way is told, and ends the command.
    """

    async def running(reactor: Any) -> None:
        try:
            configuration = readFile(config)
            async with _opened(storageOf(configuration, reactor)) as storage:
                await command(storage, configuration, reactor)
        except ConfigurationError as e:
            options.fail(str(e))
        except CannotOpen as e:
            options.fail(f"storage: cannot be opened: {e}")
        except TryLater as e:
            options.fail(f"storage: does not answer: {e}")

    options.run(running)


@asynccontextmanager
async def _opened(storage: IStorage) -> AsyncIterator[IStorage]:
    # What is not there is not made: it would be this command's user's, and the service could not write to it.
    storage.open(make=False)
    try:
        yield storage
    finally:
        await storage.close()
