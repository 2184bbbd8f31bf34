"""
Whoever does what the pages about servers say has a pushsvc behind that server.
"""

import pytest

from tests.docs.asshown import PORT, ShownEjabberd, ShownProsody
from tests.docs.pages import blocks, commands
from tests.docs.running import TWISTD
from tests.docs.standins import standing
from tests.servers.conftest import needed

pytestmark = pytest.mark.servers


def attaches(kind, page, rig, run, tmp_path):
    needed(kind)
    server = rig.server(kind, "example.org")
    try:
        configuration = next(iter(blocks(page, "toml"))).text
        assert f"tcp:127.0.0.1:{PORT}" in configuration
        assert f"{' '.join(TWISTD)} --config /etc/pushsvc/pushsvc.toml" in commands(page)
        pushsvc = run(standing(configuration.replace(str(PORT), str(server.ports["component"])), tmp_path))

        server.log.waitFor(server.attached, alive=pushsvc.isAlive)
    finally:
        server.stop()


def test_behindProsody(rig, run, tmp_path):
    """
    With the lines of the page in its configuration, and after a restart, Prosody takes pushsvc in.
    """
    attaches(ShownProsody, "howto/prosody", rig, run, tmp_path)


def test_behindEjabberd(rig, run, tmp_path):
    """
    With the lines of the page in its configuration ejabberd takes pushsvc in.
    """
    attaches(ShownEjabberd, "howto/ejabberd", rig, run, tmp_path)
