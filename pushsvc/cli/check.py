"""
``pushsvc check``: whether a configuration will work.
"""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pushsvc.apps import App
from pushsvc.assembly.expiring import endsOf
from pushsvc.cli import options
from pushsvc.cli.secrecy import exposed
from pushsvc.config import Configuration, ConfigurationError, readFile
from pushsvc.errors import CannotOpen, DeliveryError, ProviderRefused
from pushsvc.ipushsvc import IDoubting
from pushsvc.tap import Composition, compose


@click.command()
@options.config
@click.option("--offline", is_flag=True, help="Ask neither the storage nor the push networks.")
def check(config: Path, offline: bool) -> None:
    """
    Say whether a configuration will work.

    Reads it, puts the service together without starting it, looks whether certificates are for our hosts and have not
    ended, whether the storage could be opened, and asks each push network whether it takes our credentials; no device
    is disturbed. Exits with 1 when something is wrong.
    """
    options.run(lambda reactor: _check(config, offline, reactor))


async def _check(config: Path, offline: bool, reactor: Any) -> None:
    try:
        configuration = readFile(config)
        composition = compose(configuration, reactor)
    except ConfigurationError as e:
        options.fail(str(e))
    if not offline:
        try:
            composition.storage.check()
        except CannotOpen as e:
            options.fail(f"storage: cannot be opened: {e}")
    hosts, apps = _counted(len(composition.hosts), "host"), _counted(len(configuration.apps), "app")
    click.echo(f"{config}: understood; {hosts}, {apps}")
    _warn(configuration)
    isFine = _certificates(composition, time.time())
    if not offline:
        isFine = await _credentials({name: composition.apps[name] for name in configuration.apps}) and isFine
    if not isFine:
        sys.exit(1)


def _warn(configuration: Configuration) -> None:
    """
    Say what works, but should not be so.
    """
    feeds = configuration.publisher.feeds if configuration.publisher is not None else ()
    named = {"links": configuration.links, "apps": configuration.apps, "publisher.feeds": feeds}
    # What several apps have from app-defaults is one file.
    whose = {path: where for where, path in reversed(list(exposed(named)))}
    for path, where in sorted(whose.items()):
        click.echo(f"{where}: {path}: everybody on this machine can read it: chmod o= {path}", err=True)


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _certificates(composition: Composition, now: float) -> bool:
    ended = [whose for whose, end in endsOf(composition.apps, composition.links).items() if end <= now]
    doubting = [IDoubting(link) for link in composition.links if IDoubting.providedBy(link)]
    wrong = [f"{whose}: the certificate has ended" for whose in sorted(ended)]
    wrong += [f"links: {doubt}" for each in doubting for doubt in each.doubts()]
    for complaint in wrong:
        click.echo(complaint, err=True)
    return not wrong


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
