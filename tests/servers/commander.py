"""
Somebody who runs ad-hoc commands by hand, with a client that shows them (slixmpp's own XEP-0050): it asks, gets a form,
fills it in, and completes it.
"""

import asyncio
from dataclasses import dataclass, field
from typing import Any

from tests.servers.client import Client
from tests.servers.phone import Phones
from tests.servers.rig.ports import LOOPBACK
from tests.servers.rig.server import Account
from tests.servers.rig.waiting import PATIENCE


@dataclass
class Shown:
    """
    What such a client shows.

    :ivar status: how far the command is.
    :ivar actions: the buttons.
    :ivar notes: what is said to the person.
    :ivar fields: what is to be filled in, by name: its type, and its options.
    :ivar rows: of a table.
    """

    status: str
    title: str = ""
    actions: set[str] = field(default_factory=set)
    notes: list[str] = field(default_factory=list)
    fields: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    rows: list[dict[str, str]] = field(default_factory=list)


class Commander:
    """
    A client of an account.
    """

    def __init__(self, account: Account, phones: Phones) -> None:
        self._phones = phones
        self._client = phones.run(self._logIn(account))
        self._session: dict[str, Any] = {}

    def commands(self, of: str) -> dict[str, str]:
        """
        What somebody offers: names, by node.
        """
        items = self._phones.run(self._listed(of))
        return {node: name for _, node, name in items["disco_items"]["items"]}

    def execute(self, of: str, node: str) -> Shown:
        """
        Begin.
        """
        return self._phones.run(self._begin(of, node))

    def complete(self, **said: str) -> Shown:
        """
        Fill in the form that is shown, and be done with it.
        """
        return self._phones.run(self._go(said))

    def logOff(self) -> None:
        """
        Go.
        """
        self._phones.run(self._client.logOff())

    async def _logIn(self, account: Account) -> Client:
        client = Client(account.jid, account.password, account.server.root, False)
        client.register_plugin("xep_0004")
        client.register_plugin("xep_0030")
        client.register_plugin("xep_0050")
        await client.logIn(LOOPBACK, account.server.ports["c2s"])
        return client

    async def _listed(self, of: str) -> Any:
        return await self._client.plugin["xep_0050"].get_commands(of, timeout=PATIENCE)

    async def _begin(self, of: str, node: str) -> Shown:
        arrived = self._awaited()
        self._client.plugin["xep_0050"].start_command(of, node, self._session)
        return _shown(await asyncio.wait_for(arrived, PATIENCE))

    async def _go(self, said: dict[str, str]) -> Shown:
        form = self._client.plugin["xep_0004"].make_form(ftype="submit")
        for name, value in said.items():
            form.add_field(var=name, value=value)
        session, arrived = self._session, self._awaited(self._session)
        session["payload"] = form
        self._client.plugin["xep_0050"].complete_command(session)
        return _shown(await asyncio.wait_for(arrived, PATIENCE))

    def _awaited(self, session: dict[str, Any] | None = None) -> "asyncio.Future[Any]":
        arrived: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

        def take(iq: Any, going: dict[str, Any]) -> None:
            self._session = going
            arrived.set_result(iq)

        self._session = session if session is not None else {}
        self._session.update(next=take, error=take)
        return arrived


def _shown(iq: Any) -> Shown:
    if iq["type"] == "error":
        return Shown(f"{iq['error']['type']}/{iq['error']['condition']}")
    command, form = iq["command"], iq["command"]["form"]
    shown = Shown(command["status"], form["title"], set(command["actions"]), [text for _, text in command["notes"]])
    for name, each in form.get_fields().items():
        shown.fields[name] = each["type"], {option["value"]: option["label"] for option in each["options"]}
    shown.rows = [dict(row) for row in form["items"]]
    return shown
