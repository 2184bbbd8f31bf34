"""
What several commands have in common.
"""

import os
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import react

F = TypeVar("F", bound=Callable[..., Any])


def _config(*spellings: str) -> Callable[[F], F]:
    return click.option(
        *spellings,
        # Whether it can be read is found out where it is, and said in the same words as by the service.
        type=click.Path(path_type=Path, readable=False),
        default=Path("/etc/pushsvc/pushsvc.toml"),
        show_default=True,
        help="The configuration.",
    )


config = _config("--config", "-c")
# Where an argument may begin with -c.
longConfig = _config("--config")


def run(command: Callable[[Any], Coroutine[Any, Any, None]]) -> None:
    """
    Run a coroutine to its end, with the reactor.
    """

    def running(reactor: Any) -> Deferred[None]:
        return ensureDeferred(_listenedTo(command(reactor)))

    react(running)


async def _listenedTo(said: Coroutine[Any, Any, None]) -> None:
    try:
        await said
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has read enough, as `head` does. Nothing else may be said to him, not even at the very end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def fail(text: str) -> NoReturn:
    """
    Say what is wrong, and end with 1.
    """
    click.echo(text, err=True)
    sys.exit(1)
