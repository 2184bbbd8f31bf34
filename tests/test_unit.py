"""
tap/pushsvc.service: pushsvc under systemd.
"""

import configparser
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from twisted.scripts.twistd import ServerOptions

TAP = Path(__file__).parent.parent / "tap"
BIN = Path(sys.executable).parent
UNIT = TAP / "pushsvc.service"

CONFIGURATION = """
[storage]
url = "sqlite:///{folder}/pushsvc.db"
[[links]]
kind = "component"
endpoint = "unix:{folder}/nobody"
domain = "push.example.net"
secret = "s"
[hosts."push.example.net"]
[apps.trial]
provider = "demo"
"""


@pytest.fixture
def unit():
    parser = configparser.RawConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(UNIT.read_text())
    return parser["Service"]


def test_itsCommandIsUnderstood(unit):
    """
    twistd understands every option with which the unit starts it.
    """
    program, *arguments = unit["ExecStart"].split()
    options = ServerOptions()

    options.parseOptions(arguments)

    assert "/opt/pushsvc/bin/twistd" == program
    assert ("pushsvc", "/etc/pushsvc/pushsvc.toml") == (options.subCommand, options.subOptions["config"])
    assert (True, "") == (bool(options["nodaemon"]), options["pidfile"])


def test_itStartsReloadsAndStops(unit, tmp_path):
    """
    With the unit's command the service starts, reads its files again at the signal with which the unit reloads it, and
    stops cleanly when systemd asks it to.
    """
    file = tmp_path / "pushsvc.toml"
    file.write_text(CONFIGURATION.format(folder=tmp_path))
    command = unit["ExecStart"].replace("/opt/pushsvc/bin", str(BIN)).replace("/etc/pushsvc/pushsvc.toml", str(file))
    assert "/bin/kill -HUP $MAINPID" == unit["ExecReload"]

    service = subprocess.Popen(
        command.split(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=tmp_path
    )
    try:
        _until(service, "cannot be reached")
        service.send_signal(signal.SIGHUP)
        _until(service, "reloaded")
        service.terminate()
        output, _ = service.communicate(timeout=120)
    finally:
        service.kill()

    assert "Server Shut Down" in output
    # twistd ends by the signal that ended it, which systemd takes for a clean end.
    assert -signal.SIGTERM == service.returncode


def test_itComesBack(unit):
    """
    Whatever ends it, also a signal that systemd takes for a clean end, as a SIGHUP before it listens for one: it is
    started again, and not so soon that systemd gives up.
    """
    assert "always" == unit["Restart"]
    assert int(unit["RestartSec"]) > 2


def test_systemdTakesIt(tmp_path):
    """
    systemd finds nothing wrong with the unit.
    """
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("NOT TESTED with systemd: there is no systemd-analyze")
    copy = tmp_path / "pushsvc.service"
    copy.write_text(UNIT.read_text().replace("/opt/pushsvc/bin", str(BIN)))

    done = subprocess.run(
        [analyze, "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60, check=False
    )

    assert "" == "".join(line for line in done.stderr.splitlines() if "pushsvc" in line)
    assert 0 == done.returncode, done.stderr


def _until(service, said):
    assert service.stdout is not None
    seen = []
    for line in service.stdout:
        seen.append(line)
        if said in line:
            return
    pytest.fail(f"{said!r} was not said:\n" + "".join(seen))
