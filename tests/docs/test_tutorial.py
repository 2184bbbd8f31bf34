"""
The tutorial, followed from the first line to the last.
"""

import re
import shutil
import subprocess
import sys

import pytest

from tests.docs.asshown import INSTALLED, PORT, TutorialProsody
from tests.docs.pages import ROOT, blocks, commands, write
from tests.docs.running import BIN, TWISTD
from tests.docs.test_commands import packages, targets
from tests.servers.conftest import needed

pytestmark = pytest.mark.servers


def test_theTutorial(rig, run, tmp_path):
    """
    Whoever follows the tutorial sees in pushsvc's log the line that the tutorial promises.
    """
    needed(TutorialProsody)
    server = rig.server(TutorialProsody, "localhost")
    here = {"5222": server.ports["c2s"], str(PORT): server.ports["component"]}
    for script in write("tutorial", tmp_path):
        script.write_text(moved(script.read_text("utf-8"), here), "utf-8")
    pushsvc = None

    for command in commands("tutorial"):
        match command.split():
            case ["make", "run"]:
                assert f"{' '.join(TWISTD)} --config tap/demo.toml" in (ROOT / "Makefile").read_text()
                pushsvc = run(moved((ROOT / "tap/demo.toml").read_text(), here))
                pushsvc.log.waitFor("attached", alive=pushsvc.isAlive)
            case ["make", target]:
                assert target in targets()
            case [".venv/bin/pip", "install", package]:
                assert package in packages()
            case ["apt-get", "install", *wanted]:
                assert set(wanted) <= set((ROOT / "tests/packages").read_text().split())
            case ["openssl", *_]:
                shutil.copy(server.folder / "localhost.crt", tmp_path)
            case ["install", "-o", "prosody", "-m", "600", *files, "/etc/prosody/certs/"]:
                assert list(INSTALLED) == files
            case ["systemctl", "restart", "prosody"]:
                assert server.serves()
            case ["prosodyctl", "register", name, "localhost", password]:
                server.register(name, password)
            case [".venv/bin/pushsvc", "check", "--config", file]:
                typed([str(BIN / "pushsvc"), "check", "--config", file], ROOT)
            case [".venv/bin/python", script]:
                typed([sys.executable, script], tmp_path)
            case _:
                pytest.fail(f"nobody tries this: {command}")

    assert pushsvc is not None
    *_, promised = blocks("tutorial", "text")
    pushsvc.log.waitFor(re.sub(r"push [0-9a-f-]{36}", "push [0-9a-f-]{36}", promised.text.strip()))


def moved(text: str, ports: dict[str, int]) -> str:
    """
    The same with the ports of this test.
    """
    assert any(known in text for known in ports)
    # All at once: what is put in may look like what is still to be replaced.
    return re.sub("|".join(ports), lambda known: str(ports[known[0]]), text)


def typed(command: list[str], folder) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert 0 == done.returncode, done.stdout + done.stderr
