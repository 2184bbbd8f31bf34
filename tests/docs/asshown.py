"""
Real servers that are configured with what a page says, and nothing of our own about components.
"""

import json
import shlex
import shutil
import subprocess

import yaml

from tests.docs.pages import blocks, commands
from tests.servers.rig.ejabberd import Ejabberd
from tests.servers.rig.ports import isOpen
from tests.servers.rig.prosody import Prosody

PORT = 5347
INSTALLED = ("localhost.crt", "localhost.key")


class ShownProsody(Prosody):
    """
    Prosody with the lines of a page at the end of its configuration.
    """

    page = "howto/prosody"

    def configure(self) -> None:
        super().configure()
        (shown,) = blocks(self.page, "lua")
        with self._file.open("a") as file:
            file.write(shown.text)

    def serves(self) -> bool:
        return super().serves() and isOpen(self.ports["component"])


class TutorialProsody(ShownProsody):
    """
    The same for the tutorial.
    """

    page = "tutorial"

    def configure(self) -> None:
        super().configure()
        certificates = self.folder / "certificates"
        shutil.rmtree(certificates)
        certificates.mkdir()
        (making,) = (command for command in commands(self.page) if command.startswith("openssl "))
        subprocess.run(shlex.split(making), cwd=self.folder, capture_output=True, check=True)
        for name in INSTALLED:
            shutil.copy(self.folder / name, certificates)


class ShownEjabberd(Ejabberd):
    """
    ejabberd with the listener and the modules of a page.
    """

    def configure(self) -> None:
        super().configure()
        (shown,) = blocks("howto/ejabberd", "yaml")
        said = yaml.safe_load(shown.text)
        (listener,) = said["listen"]
        assert listener["port"] == PORT
        file = self._file("ejabberd.yml")
        configuration = json.loads(file.read_text())
        configuration["listen"].append({**listener, "port": self.ports["component"]})
        configuration["modules"].update(said["modules"])
        file.write_text(json.dumps(configuration))

    def serves(self) -> bool:
        return super().serves() and isOpen(self.ports["component"])
