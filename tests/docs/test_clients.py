"""
What the pages for those who write apps say, tried out.
"""

import os
import re
import shutil
import subprocess

import pytest

from pushsvc import kinds
from pushsvc.registrar import Registrar
from pushsvc.storage.memory import MemoryStorage
from tests.delivery.conftest import Withdrawn
from tests.delivery.network import Network, app
from tests.docs.pages import DOCS, ROOT, blocks, commands
from tests.servers.rig.ports import freePort, isOpen
from tests.servers.rig.waiting import waitFor
from tests.support import untested

# The page's app is on a network that is not asked here.
CONFIGURATION = """
[storage]
url = "sqlite:///pushsvc.db"
[[links]]
kind = "component"
endpoint = "tcp:127.0.0.1:1"
domain = "push.example.org"
secret = "s"
[hosts."push.example.org"]
dialects = ["modpush", "tigase"]
[apps.chat]
provider = "demo"
provider-ids = ["example:chat:apns:1"]
"""


@pytest.fixture
def curl():
    """
    A program that tests/packages installs.
    """
    if shutil.which("curl") is None:
        untested("curl is not installed")


def test_overHTTP(run, curl):
    """
    The commands of the page register a device, wake it, and unregister it.
    """
    (table,) = [block.text for block in blocks("howto/clients", "toml") if "[registration]" in block.text]
    port = freePort()
    service = run(CONFIGURATION + table.replace("8081", str(port)))
    waitFor(lambda: isOpen(port), "the port", alive=service.isAlive)
    typed = [command for command in commands("howto/clients") if command.startswith("curl ")]
    register, push, unregister, removed = [
        command.replace("https://push.example.org", f"http://127.0.0.1:{port}").replace("type=fcm", "type=demo")
        for command in typed
    ]

    def answer(command: str, **environment: str) -> str:
        command = command.replace("curl ", "curl --silent --show-error --noproxy '*' --max-time 120 ", 1)
        made = subprocess.run(
            command, shell=True, capture_output=True, text=True, check=True, env={**os.environ, **environment}
        )
        return made.stdout

    ok, node, secret = answer(register).split("\n")
    assert ok == "OK"
    assert answer(push, NODE=node, SECRET=secret) == f"OK\n{node}"
    assert answer(unregister).startswith("OK\n")
    assert answer(push, NODE=node, SECRET=secret) == "ERROR\nNode or secret not found!"
    assert answer(removed) == '{"result": "success"}'


def test_everyDialectIsDescribed(clock):
    """
    The reference has a section for each dialect, and names all of its commands.
    """
    page = (DOCS / "reference/dialects.md").read_text("utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.M | re.S))
    apps = {"chat": app(Network(), "chat", kind="fcm", providerIds=("example:chat:1",))}
    storage = MemoryStorage(clock)
    registrar = Registrar(storage.registrations, apps, Withdrawn(), clock)

    for name in kinds.names("dialects"):
        dialect = kinds.load("dialects", name).makeDialect(registrar)
        for command in dialect.commands("push.example.net"):
            general = re.sub(r"-(fcm|gcm)$", "-X", command)
            assert f"`{command}`" in sections[name] or f"`{general}`" in sections[name], (name, command)


def test_everyTranscriptIsShown():
    """
    The reference shows what every client that is tested sends and gets.
    """
    pages = "".join((DOCS / page).read_text("utf-8") for page in ("reference/dialects.md", "howto/clients.md"))
    transcripts = sorted(path.name for path in (ROOT / "tests/conversations/clients").glob("*.txt"))

    assert transcripts
    assert [] == [name for name in transcripts if f"/{name}\n" not in pages]
