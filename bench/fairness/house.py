"""
A pushsvc of its own with two apps, and the user's server that publishes to it.
"""

import asyncio
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.processes import ROOT
from bench.server import SECRET, Listening, registered
from bench.stanzas import DOMAIN, HEAD
from tests.servers.rig.process import Process

KIND = "bench.fairness.provider"
APPS = ("living", "other")

_CONFIGURATION = """
[storage]
url = "sqlite:///{folder}/pushsvc.db"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:{port}"
domain = "{domain}"
secret = "{secret}"
[hosts."{domain}"]
[apps.living]
provider = "{kind}"
endpoint = "{living}"
default = true
[apps.other]
provider = "{kind}"
endpoint = "{other}"
"""

_REGISTER = """<iq type='set' id='r{number}' from='user{number}@example.org/phone' to='push.example.net'>\
<command xmlns='http://jabber.org/protocol/commands' node='register-push-{kind}' action='execute'>\
<x xmlns='jabber:x:data' type='submit'><field var='app'><value>{app}</value></field><field var='token'>\
<value>device{number}</value></field></x></command></iq>"""

_PUBLISH = """'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{node}'><item>\
<notification xmlns='urn:xmpp:push:0'><x xmlns='jabber:x:data' type='submit'>\
<field var='FORM_TYPE' type='hidden'><value>urn:xmpp:push:summary</value></field>\
<field var='message-count' type='text-single'><value>%d</value></field>\
<field var='last-message-sender' type='jid-single'><value>juliet@capulet.example/balcony</value></field>\
</x></notification></item></publish><publish-options><x xmlns='jabber:x:data' type='submit'>\
<field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>\
<field var='secret'><value>{secret}</value></field></x></publish-options></pubsub></iq>"""

_RESULT = re.compile(rb"<iq\b[^>]*\btype=['\"](result|error)['\"]")


class House:
    """
    The service and its server.

    :ivar answered: publishes that were accepted.
    :ivar errors: those that were not.
    """

    def __init__(self, folder: Path, networks: Sequence[str], devices: int) -> None:
        """
        :param networks: URLs of the networks of both apps.
        :param devices: of each app.
        """
        self.answered = 0
        self.errors = 0
        self._number = 0
        self._hearing: asyncio.Task[None] | None = None
        self._listening = Listening()
        living, other = networks
        (folder / "pushsvc.toml").write_text(
            _CONFIGURATION.format(
                folder=folder,
                port=self._listening.port,
                domain=DOMAIN,
                secret=SECRET,
                kind=KIND,
                living=living,
                other=other,
            )
        )
        argv = [str(Path(sys.executable).with_name("twistd")), "-n", "--pidfile=", "--logger", "pushsvc.logs.text"]
        argv += ["pushsvc", "--config", str(folder / "pushsvc.toml")]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = Process(argv, ROOT, folder / "pushsvc.log", environment)
        self.pid = self._process.pid
        try:
            self._socket = self._listening.accept()
        except TimeoutError:
            self.stop()
            said = (folder / "pushsvc.log").read_text()[-2000:]
            raise RuntimeError(f"the service does not come. What it said:\n{said}") from None
        wanted = [app for app in APPS for _ in range(devices)]

        def register(number: int) -> bytes:
            return _REGISTER.format(number=number, kind=KIND, app=wanted[number]).encode()

        found = registered(self._socket, len(wanted), register)
        tails = [_PUBLISH.format(node=node, secret=secret) for node, secret in found]
        self._tails = {app: tails[index * devices : (index + 1) * devices] for index, app in enumerate(APPS)}

    async def connect(self) -> None:
        """
        From here on, publish and hear the answers.
        """
        self._socket.setblocking(False)
        reader, self._writer = await asyncio.open_connection(sock=self._socket)
        self._hearing = asyncio.create_task(self._hear(reader))

    async def publish(self, app: str, number: int) -> None:
        """
        Publish to the next device of an app; its push bears this number.
        """
        self._number += 1
        tails = self._tails[app]
        tail = tails[number % len(tails)] % number
        self._writer.write(b"%s%08x%s" % (HEAD, self._number, tail.encode()))
        await self._writer.drain()

    async def allAnswered(self, seconds: float = 60.0) -> None:
        """
        Wait for the answers.
        """
        await self.until(self._number, seconds)

    async def until(self, count: int, seconds: float = 60.0) -> None:
        """
        Wait until so many publishes in all have their answers.
        """
        end = time.monotonic() + seconds
        while self.answered + self.errors < count:
            if time.monotonic() > end:
                raise RuntimeError(f"{self._number - self.answered - self.errors} publishes have no answer")
            await asyncio.sleep(0.01)

    @property
    def published(self) -> int:
        """
        How many publishes there were.
        """
        return self._number

    def stop(self) -> None:
        """
        Leave nothing running.
        """
        if self._hearing is not None:
            self._hearing.cancel()
        self._process.stop()
        self._listening.close()

    async def _hear(self, reader: asyncio.StreamReader) -> None:
        rest = b""
        while data := await reader.read(262144):
            data = rest + data
            end = 0
            for found in _RESULT.finditer(data):
                end = found.end()
                if found[1] == b"result":
                    self.answered += 1
                else:
                    self.errors += 1
            rest = data[end:][-4096:]
