"""
What happens when a message wakes a phone, hop by hop, for real: two servers that find each other by DNS and talk over
TLS, the service with its database, and a push network that shows what a phone would get.
"""

import re
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent, indent
from typing import Any

import click
from twisted.internet.task import deferLater

from pushsvc.config import read
from pushsvc.demo.certificates import Authority, selfSigned
from pushsvc.demo.names import LOOPBACK, Names, freePort
from pushsvc.demo.server import PATIENCE, DemoServer
from pushsvc.ipushsvc import IStorage
from pushsvc.providers.demo import DemoProvider
from pushsvc.tap import Composition, compose

US, THEM = "push.example.net", "example.net"
CONFIGURATION = """\
    [storage]
    url = "sqlite:///{folder}/pushsvc.db"

    [[links]]
    kind = "s2s"
    listen = ["tcp:{port}:interface=127.0.0.1"]
    certificate = "{certificate}"
    private-key = "{key}"
    dns = ["127.0.0.1:{names}"]
    private-addresses = ["127.0.0.0/8", "::1/128"]

    [hosts."push.example.net"]

    [apps.demo]
    provider = "demo"
    """

REGISTER = """\
    <iq type='set' id='{id}' from='juliet@example.net/phone' to='push.example.net'>
      <command xmlns='http://jabber.org/protocol/commands' node='register-push-demo' action='execute'>
        <x xmlns='jabber:x:data' type='submit'>
          <field var='token'><value>fail:slow</value></field>
          <field var='device-id'><value>phone</value></field>
        </x>
      </command>
    </iq>"""

PUBLISH = """\
    <iq type='set' id='{id}' from='example.net' to='push.example.net'>
      <pubsub xmlns='http://jabber.org/protocol/pubsub'>
        <publish node='NODE'>
          <item>
            <notification xmlns='urn:xmpp:push:0'>
              <x xmlns='jabber:x:data' type='submit'>
                <field var='FORM_TYPE' type='hidden'><value>urn:xmpp:push:summary</value></field>
                <field var='message-count'><value>1</value></field>
                <field var='last-message-sender' type='jid-single'><value>romeo@example.org/garden</value></field>
                <field var='last-message-body'><value>Wherefore art thou silent?</value></field>
              </x>
            </notification>
          </item>
        </publish>
        <publish-options>
          <x xmlns='jabber:x:data' type='submit'>
            <field var='FORM_TYPE' type='hidden'>
              <value>http://jabber.org/protocol/pubsub#publish-options</value>
            </field>
            <field var='secret'><value>SECRET</value></field>
          </x>
        </publish-options>
      </pubsub>
    </iq>"""


async def tour(reactor: Any) -> None:
    """
    Walk the whole path once, and tell what is seen.

    :raises Exception: a hop did not do what it should.
    """
    with TemporaryDirectory(prefix="pushsvc-demo-") as folder:
        names = Names(reactor)
        nameServer = names.listen()
        authority = Authority(Path(folder))
        files = authority.issue(US)
        ours, theirs = freePort(), freePort()
        configuration = dedent(CONFIGURATION).format(
            folder=folder, port=ours, certificate=files.certificate, key=files.key, names=nameServer
        )
        composition = compose(read(configuration), reactor)
        others = selfSigned(Path(folder), THEM)
        server = DemoServer(reactor, THEM, theirs, (LOOPBACK, nameServer), others, authority.root)
        composition.service.startService()
        server.start()
        try:
            _say("1. pushsvc is a server among servers", "Its whole configuration:")
            _show(configuration)
            _say(None, "And what DNS says, here a name server of this program:")
            _show(names.tell(US, ours) + names.tell(THEM, theirs))
            await _walk(server, composition, Path(folder) / "pushsvc.db", reactor)
        finally:
            await composition.service.stopService()
            await server.close()
            await names.close()


async def _walk(server: DemoServer, composition: Composition, database: Path, reactor: Any) -> None:
    provider = composition.apps["demo"].provider
    assert isinstance(provider, DemoProvider)

    _say(
        "2. A phone registers",
        "Juliet's client runs one ad-hoc command (XEP-0050). Its token makes the demo network take five seconds over\n"
        "a push, so that there is time to look at the disk. Her server, played by this program, sends:",
    )
    answer = await _ask(server, REGISTER)
    _say(
        None,
        "Before any of that the two servers had to find and believe each other. The certificate of pushsvc is from an\n"
        "authority that example.net trusts; that of example.net is its own work, so DNS has to say who it is:",
    )
    _show("\n".join(server.streams()))
    node, secret = _field(answer, "node"), _field(answer, "secret")
    _say(None, "Stored of the registration (the secret only as a digest, so that a stolen database opens nothing):")
    _show(_rows(database, "registrations"))

    _say(
        "3. The server holds a message",
        "The client told its server node and secret (XEP-0357 enable) and went to sleep. Romeo writes; the server\n"
        "keeps the message and publishes. It sends:",
    )
    pushed = provider.awaitDelivery().addTimeout(PATIENCE, reactor)
    publish = PUBLISH.replace("NODE", node)
    await _ask(server, publish.replace("SECRET", secret))
    _say(None, "It left after the notification was on disk: nothing can lose it any more. In the outbox:")
    _show(_rows(database, "outbox"))

    target, notification, pushId = await pushed
    _say("4. The push network", f"The demo network was handed push {pushId}. What the phone gets:")
    _show(provider.shown(target, notification))
    await _emptied(composition.storage, reactor)
    _say(None, "In the outbox, now that the network has it:")
    _show(_rows(database, "outbox"))

    _say("5. Somebody else tries", "A stranger knows the node but not the secret. What they get:")
    refusal = await server.ask(publish.replace("SECRET", "guessed").replace("{id}", server.nextId()))
    _show(refusal)
    if "forbidden" not in refusal:
        raise AssertionError("the stranger was not refused")
    _say(
        "That was the whole path.",
        "Next: README.md says how to run it, as a server of its own or behind Prosody or ejabberd.",
    )


async def _emptied(storage: IStorage, reactor: Any) -> None:
    """
    That the network has it is written a moment later, with whatever is written then.
    """
    for _ in range(100):
        if not await storage.outbox.standings():
            return
        await deferLater(reactor, PATIENCE / 100)
    raise AssertionError("the outbox should have been empty")


async def _ask(server: DemoServer, stanza: str) -> str:
    stanza = dedent(stanza).replace("{id}", server.nextId())
    _show(stanza)
    answer = await server.ask(stanza)
    _say(None, "pushsvc answers:")
    _show(answer)
    if 'type="result"' not in answer:
        raise AssertionError("that should have been a result")
    return answer


def _field(answer: str, name: str) -> str:
    found = re.search(rf'var="{name}"[^>]*>\s*<value>([^<]+)</value>', answer)
    if found is None:
        raise AssertionError(f"the answer has no {name}")
    return found[1]


def _rows(database: Path, table: str) -> str:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        connection.row_factory = sqlite3.Row
        rows = connection.execute(f"SELECT * FROM {table}").fetchall()
    if not rows:
        return f"{table}: nothing"
    return "\n\n".join(
        "\n".join(f"{key:<14} {_short(row[key])}" for key in row.keys() if row[key] is not None)  # noqa: SIM118
        for row in rows
    )


def _short(value: object) -> str:
    text = value.hex() if isinstance(value, bytes) else str(value)
    return text if len(text) <= 80 else text[:77] + "..."


def _say(heading: str | None, text: str) -> None:
    if heading is not None:
        click.echo(f"\n{heading}\n{'-' * len(heading)}")
    click.echo(f"\n{text}")


def _show(text: str) -> None:
    click.echo("\n" + indent(text.strip("\n"), "    "))
