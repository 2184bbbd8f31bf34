"""
The ``pushsvc`` command: what an operator or a curious person types. ``twistd pushsvc`` starts the service itself.
"""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.task import react

from pushsvc import __version__
from pushsvc.apps import App
from pushsvc.config import ConfigurationError, readFile
from pushsvc.errors import CannotOpen, DeliveryError, ProviderRefused
from pushsvc.tap import compose


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="pushsvc %(version)s")
def main() -> None:
    """
    A push service for XMPP. It is started by `twistd pushsvc --config FILE`.
    """


@main.command()
@click.option(
    "--config",
    "-c",
    type=click.Path(path_type=Path),
    default=Path("/etc/pushsvc/pushsvc.toml"),
    show_default=True,
    help="The configuration.",
)
@click.option("--offline", is_flag=True, help="Ask neither the storage nor the push networks.")
def check(config: Path, offline: bool) -> None:
    """
    Say whether a configuration will work.

    Reads it, puts the service together without starting it, looks whether the storage could be opened, and asks each
    push network whether it takes our credentials; no device is disturbed. Exits with 1 when something is wrong.
    """

    def checked(reactor: Any) -> Deferred[None]:
        return ensureDeferred(_check(config, offline, reactor))

    react(checked)


async def _check(config: Path, offline: bool, reactor: Any) -> None:
    try:
        composition = compose(readFile(config), reactor)
    except ConfigurationError as e:
        click.echo(str(e), err=True)
        sys.exit(1)
    if not offline:
        try:
            composition.storage.check()
        except CannotOpen as e:
            click.echo(f"storage: cannot be opened: {e}", err=True)
            sys.exit(1)
    click.echo(f"{config}: understood; {len(composition.hosts)} hosts, {len(composition.apps)} apps")
    if not offline and not await _credentials(composition.apps):
        sys.exit(1)


async def _credentials(apps: Mapping[str, App]) -> bool:
    fine = True
    for name, app in apps.items():
        try:
            await app.provider.check()
        except ProviderRefused as e:
            fine = False
            click.echo(f"apps.{name}: the network refuses our credentials: {e}", err=True)
        except DeliveryError as e:
            fine = False
            click.echo(f"apps.{name}: the network could not be asked: {e}", err=True)
        else:
            click.echo(f"apps.{name}: the network takes our credentials")
    return fine


@main.command()
def demo() -> None:
    """
    Show the whole path on this machine, without any other server.
    """
    from pushsvc.demo.tour import tour

    react(lambda reactor: ensureDeferred(tour(reactor)))


if __name__ == "__main__":
    main()
