"""
``pushsvc enablements``: look at which push services the publisher's accounts have enabled, while it runs beside it.
"""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from shlex import quote
from typing import Any

import click

from pushsvc.cli import options, showing
from pushsvc.cli.stored import bareJID, onStorage
from pushsvc.enablement import Account, Enablement
from pushsvc.ipushsvc import IEnablements, IStorage
from pushsvc.jids import addressOf

# Accounts that are fetched at once.
HANDFUL = 500


@click.group()
def enablements() -> None:
    """
    Look at enabled push services.

    They have short names here; nodes and options, which may be secrets, are never shown whole.
    """


@enablements.command("list")
@options.config
@click.option("--account", metavar="JID", help="Only those of this account.")
@click.option("--service", metavar="JID", help="Only those at this push service.")
@click.option("--failing", is_flag=True, help="Only those whose service refused the latest push.")
@click.option("--after", metavar="JID", default="", help="Go on behind this account.")
@click.option("--limit", default=100, show_default=True, type=click.IntRange(1, 10_000), help="Show so many accounts.")
@click.option("--count", is_flag=True, help="Say how many there are at each service, and show none.")
def list_(
    config: Path, account: str | None, service: str | None, failing: bool, after: str, limit: int, count: bool
) -> None:
    """
    Show what accounts have enabled, a page at a time.
    """
    name = None if account is None else bareJID(account)
    at = None if service is None else _full(service)
    behind = after and bareJID(after)

    def isWanted(each: Enablement) -> bool:
        return at in (None, each.service) and (bool(each.failures) or not failing)

    async def listed(storage: IStorage, *_: Any) -> None:
        found = _chosen(storage.enablements, name, behind)
        if count:
            await _counted(found, isWanted)
            return
        shown, accounts, last = 0, 0, ""
        async for which, known in found:
            wanted = [each for each in known.enablements if isWanted(each)]
            if wanted and accounts == limit:
                click.echo(f"{_several(shown, 'enablement')} of {_several(accounts, 'account')}")
                # Accounts are named by whoever makes them, and this is for a shell.
                click.echo(f"the next ones: --after={quote(last)}")
                return
            for each in wanted:
                click.echo(showing.enablementRow(each))
            if wanted:
                shown, accounts, last = shown + len(wanted), accounts + 1, which
        click.echo(f"{_several(shown, 'enablement')} of {_several(accounts, 'account')}")

    onStorage(config, listed)


@enablements.command()
@options.config
@click.argument("account")
def show(config: Path, account: str) -> None:
    """
    Show all that is known of one account: what waits for it, what it has chosen to have told, what it has enabled.
    """
    name = bareJID(account)

    async def shown(storage: IStorage, *_: Any) -> None:
        known = await _found(storage, name)
        for index, values in enumerate((showing.account(known), *map(showing.enablement, known.enablements))):
            if index:
                click.echo()
            for called, value in values:
                click.echo(f"{called:12}  {value}")

    onStorage(config, shown)


@enablements.command()
@options.config
@click.argument("account")
@click.argument("which", metavar="NAME|SERVICE")
def revoke(config: Path, account: str, which: str) -> None:
    """
    Forget one that an account has enabled, by the name that the list gives it, or all of it at a push service; and what
    waits for that.

    The client is not told: nothing of XMPP tells it. It enables its service again when it logs in again, as most do.
    """
    name = bareJID(account)

    async def revoked(storage: IStorage, *_: Any) -> None:
        known = await _found(storage, name)
        service = _address(which)
        gone = [each for each in known.enablements if which == showing.nameOf(each) or service == each.service]
        if not gone:
            options.fail("the account has enabled no such thing")
        number = 0
        for each in gone:
            number += len(await storage.enablements.disable(name, each.service, each.node))
        if not number:
            options.fail("it was gone already")
        click.echo(f"forgotten: {_several(number, 'enablement')}, with what waited for it")
        click.echo("the client is not told: it enables its service again when it logs in again, as most do")

    onStorage(config, revoked)


async def _chosen(kept: IEnablements, name: str | None, after: str) -> AsyncIterator[tuple[str, Account]]:
    if name is not None:
        yield name, await kept.account(name)
        return
    while True:
        page = await kept.page(after, HANDFUL)
        for each in page:
            yield each
        if len(page) < HANDFUL:
            return
        after = page[-1][0]


async def _counted(found: AsyncIterator[tuple[str, Account]], isWanted: Any) -> None:
    every: Counter[str] = Counter()
    resting: Counter[str] = Counter()
    async for _, known in found:
        for each in known.enablements:
            if isWanted(each):
                every[each.service] += 1
                resting[each.service] += each.suspended is not None
    for service, number in sorted(every.items()):
        click.echo(f"{number:8}  {showing.line(service)}{_resting(resting[service])}")
    click.echo(f"{sum(every.values()):8}  in all{_resting(sum(resting.values()))}")


def _resting(number: int) -> str:
    return f", {number} on probation" if number else ""


async def _found(storage: IStorage, name: str) -> Account:
    known: Account = await storage.enablements.account(name)
    if not known.enablements:
        options.fail("the account has enabled nothing")
    return known


def _full(text: str) -> str:
    service = _address(text)
    if service is None:
        options.fail(f"{text!r} is not a JID")
    return service


def _address(text: str) -> str | None:
    address = addressOf(text)
    return None if address is None else address.full


def _several(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"
