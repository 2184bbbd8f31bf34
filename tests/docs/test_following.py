"""
The pages that say how to add something to pushsvc, followed to the letter.
"""

import os
import subprocess

import pytest

from tests.docs.pages import ROOT, commands, write
from tests.docs.running import BIN

PAGES = ["add-a-provider", "add-a-node-type", "add-a-store", "add-a-dialect"]


@pytest.mark.parametrize("page", PAGES)
def test_whoFollowsIt(page, tmp_path):
    """
    Whoever copies the page's files and types its commands has an addition that keeps its contract, and a configuration
    that uses it.
    """
    mine = tmp_path / "mine"
    (tmp_path / "pushsvc").symlink_to(ROOT)
    write(f"howto/{page}", mine)
    environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}

    typed = commands(f"howto/{page}")
    assert typed
    said = ""
    for command in typed:
        done = subprocess.run(
            command, shell=True, cwd=mine, env=environment, capture_output=True, text=True, timeout=300, check=False
        )
        said += done.stdout
        assert 0 == done.returncode, f"{command}\n{done.stdout}{done.stderr}"

    assert "passed" in said
    assert "pushsvc.toml: understood; 1 host, 1 app\n" in said
