"""
What the pages about the publisher say, tried out.
"""

import json
import shutil
import subprocess

import pytest
import yaml

from tests.docs.asshown import PORT, ShownEjabberd
from tests.docs.pages import ROOT, blocks, commands, write
from tests.docs.standins import standing
from tests.servers.conftest import needed
from tests.servers.phone import NS_PUSH, Phones
from tests.servers.rig.ejabberd import Ejabberd
from tests.servers.rig.ports import freePort, isOpen
from tests.servers.rig.prosody import Prosody
from tests.servers.rig.waiting import waitFor
from tests.support import untested

PROSODY, EJABBERD, MONGOOSEIM = (f"howto/publisher-{name}" for name in ("prosody", "ejabberd", "mongooseim"))
INSTALLED = "/usr/local/lib/prosody/modules"
HOME = "/var/lib/ejabberd"


def typed(command, **places):
    """
    Run a command of a page, in the checkout, with other places in it.
    """
    for place, other in places.values():
        command = command.replace(place, str(other))
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


class ReportingProsody(Prosody):
    """
    Prosody with the module and the lines of the page.
    """

    number = 0

    def configure(self):
        super().configure()
        modules = self.folder / "modules"
        (install,) = [command for command in commands(PROSODY) if command.startswith("install ")]
        typed(install, at=(INSTALLED, modules))
        shown = list(blocks(PROSODY, "lua"))[self.number].text
        (script,) = [block.text for block in blocks(PROSODY, "text")]
        (self.folder / "push.pfw").write_text(script)
        text = self._file.read_text().replace('"cloud_notify"', '"version"').replace(str(ROOT / "contrib"), "/nowhere")
        text += shown.replace("/etc/prosody/push.pfw", str(self.folder / "push.pfw"))
        self._file.write_text(text.replace(INSTALLED, str(modules)))

    def serves(self):
        return super().serves() and isOpen(self.ports["component"])


class StockProsody(ReportingProsody):
    """
    The same without our module.
    """

    number = 1


class ReportingEjabberd(ShownEjabberd):
    """
    ejabberd with the module and the lines of the page.
    """

    page = EJABBERD

    def configure(self):
        Ejabberd.configure(self)
        for command in commands(self.page):
            if command.split()[0] in ("mkdir", "cp", "erlc"):
                typed(command, home=(HOME, self.folder))
        (shown,) = blocks(self.page, "yaml")
        said = yaml.safe_load(shown.text)
        (listener,) = said["listen"]
        file = self._file("ejabberd.yml")
        configuration = json.loads(file.read_text())
        configuration["listen"].append({**listener, "port": self.ports["component"]})
        configuration["access_rules"] = said["access_rules"]
        configuration["modules"].update(said["modules"])
        for other in ("mod_push", "mod_push_keepalive"):
            del configuration["modules"][other]
        file.write_text(json.dumps(configuration))


def enables(kind, page, rig, run, tmp_path):
    """
    Behind a server as the page has it, an account finds the feature, and enables.
    """
    needed(kind)
    server = rig.server(kind, "example.org")
    try:
        configuration = next(iter(blocks(page, "toml"))).text
        pushsvc = run(standing(configuration.replace(str(PORT), str(server.ports["component"])), tmp_path))
        pushsvc.log.waitFor("has its accounts' push services enabled by us", alive=pushsvc.isAlive)
        with Phones() as phones:
            phone = phones.online(server.account("juliet"))
            waitFor(lambda: NS_PUSH in phone.features(phone.jid), "the feature")
            phone.enable("push.example.net", "n1", {"secret": "s"})
            phone.disable("push.example.net")
    finally:
        server.stop()


@pytest.mark.servers
@pytest.mark.parametrize("kind", [ReportingProsody, StockProsody])
def test_behindProsody(kind, rig, run, tmp_path):
    """
    With the module and the lines of the page, or with the recipe, Prosody has pushsvc enable push services.
    """
    enables(kind, PROSODY, rig, run, tmp_path)


@pytest.mark.servers
def test_behindEjabberd(rig, run, tmp_path):
    """
    With the module compiled as the page says, and its lines, ejabberd has pushsvc enable push services.
    """
    enables(ReportingEjabberd, EJABBERD, rig, run, tmp_path)


@pytest.fixture
def curl():
    """
    A program that tests/packages installs.
    """
    if shutil.which("curl") is None:
        untested("curl is not installed")


def test_events(run, curl, tmp_path):
    """
    The event that the reference shows is taken when it is posted as it is shown.
    """
    (configuration,) = [block.text for block in blocks(MONGOOSEIM, "toml") if 'kind = "http"' in block.text]
    port = freePort()
    service = run(standing(configuration.replace("8081", str(port)), tmp_path))
    waitFor(lambda: isOpen(port), "the port", alive=service.isAlive)
    write("reference/events", tmp_path)
    (post,) = commands("reference/events")

    answer = typed(
        post.replace("curl ", "curl --silent --noproxy '*' --max-time 120 ", 1),
        at=("8081", port),
        file=("@event.json", f"@{tmp_path / 'event.json'}"),
    )

    assert {"taken": 1, "refused": [], "later": []} == json.loads(answer)
