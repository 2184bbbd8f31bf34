"""
``pushsvc registrations``: look at what is registered, while the service runs beside it.

Works on the storage that the configuration names. What is in the memory of a process, only that process knows.
"""

from pathlib import Path
from typing import Any
from uuid import uuid4

import click

from pushsvc.assembly.apps import appOf
from pushsvc.cli import options, showing
from pushsvc.cli.stored import bareJID, onStorage
from pushsvc.config import Configuration
from pushsvc.ipushsvc import IStorage
from pushsvc.model import Notification, Priority, Registration, Summary, Waiting

# Seconds that a test is worth waiting for.
TEST_LASTS = 600
# Not the slot of messages: what waits for the device already must not be replaced by a test.
BESIDE = 1
# One node in 64 begins with a hyphen, and is no option for all that.
NODES = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


@click.group()
def registrations() -> None:
    """
    Look at registered devices.

    Tokens and secrets are never shown whole.
    """


@registrations.command("list")
@options.config
@click.option("--owner", metavar="JID", help="Only those of this account.")
@click.option("--app", metavar="NAME", help="Only those of this app.")
@click.option("--after", metavar="NODE", default="", help="Go on behind this node.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="Show so many.")
@click.option("--count", is_flag=True, help="Say how many there are of each app, and show none.")
def list_(config: Path, owner: str | None, app: str | None, after: str, limit: int, count: bool) -> None:
    """
    Show registrations, a page at a time.
    """
    account = None if owner is None else bareJID(owner)

    async def listed(storage: IStorage, *_: Any) -> None:
        counts = await storage.registrations.counts(account)
        chosen = {name: number for name, number in sorted(counts.items()) if app in (None, name)}
        if count:
            for name, number in chosen.items():
                click.echo(f"{number:8}  {showing.line(name)}")
            click.echo(f"{sum(chosen.values()):8}  in all")
            return
        page = await storage.registrations.page(after, limit, account, app)
        for registration in page:
            click.echo(showing.row(registration))
        total = sum(chosen.values())
        click.echo(f"{len(page)} of {total} registration{'' if total == 1 else 's'}")
        if len(page) == limit and await storage.registrations.page(page[-1].node, 1, account, app):
            click.echo(f"the next ones: --after={page[-1].node}")

    onStorage(config, listed)


@registrations.command(context_settings=NODES)
@options.longConfig
@click.argument("node")
def show(config: Path, node: str) -> None:
    """
    Show all that is known of one registration.
    """

    async def shown(storage: IStorage, *_: Any) -> None:
        registration = await _found(storage, node)
        remembered = (await storage.verdicts.ofNodes([node])).get(node)
        for name, value in (*showing.everything(registration), *showing.verdicts(remembered)):
            click.echo(f"{name:12}  {value}")

    onStorage(config, shown)


@registrations.command(context_settings=NODES)
@options.longConfig
@click.argument("node")
def revoke(config: Path, node: str) -> None:
    """
    Forget a registration, and what waits for it.

    The user's server is not told: that takes the running service's link. It learns at its next publish, which is
    answered as one to a node that never was; every server takes that for final. The client may register again.
    """

    async def revoked(storage: IStorage, *_: Any) -> None:
        registration = await _found(storage, node)
        if not await storage.registrations.remove(registration.owner, [node]):
            options.fail("it was gone already")
        click.echo("forgotten, with what waited for it")
        click.echo("the user's server is not told: it learns at its next publish, which is answered: no such node")

    onStorage(config, revoked)


@registrations.command(context_settings=NODES)
@options.longConfig
@click.argument("node")
def test(config: Path, node: str) -> None:
    """
    Have the running service send a notification to a device.

    It is put into the outbox, where the service finds it within a minute; without a running service it is dropped
    after ten. The service's metrics and log say what became of it.
    """

    async def tested(storage: IStorage, configuration: Configuration, reactor: Any) -> None:
        registration = await _found(storage, node)
        waiting = _testFor(registration, configuration, reactor)
        await storage.outbox.put(waiting, 0.0)
        click.echo(f"push {waiting.pushId} waits in the outbox: the running service takes it within a minute")

    onStorage(config, tested)


def _testFor(registration: Registration, configuration: Configuration, reactor: Any) -> Waiting:
    target = registration.target
    if target.app not in configuration.apps:
        options.fail(f"apps.{showing.line(target.app)}: is not configured")
    app = appOf(configuration, target.app, {}, reactor)
    summary = Summary(messageCount=1, lastMessageBody="Test notification")
    now = reactor.seconds()
    return Waiting(
        target=target,
        notification=app.allowed(Notification(priority=Priority.HIGH, summary=summary)),
        pushId=str(uuid4()),
        lane=app.provider.lane(target),
        expires=now + min(app.ttl, TEST_LASTS),
        due=now,
        slot=BESIDE,
    )


async def _found(storage: IStorage, node: str) -> Registration:
    registration: Registration | None = await storage.registrations.byNode(node)
    if registration is None:
        options.fail("there is no such registration")
    return registration
