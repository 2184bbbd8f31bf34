"""
The rig itself: were it wrong, the other tests would say nothing.
"""

import signal
import socket
from pathlib import Path

import pytest

from tests.servers.client import Refused
from tests.servers.phone import Phones
from tests.servers.rig.ejabberd import Ejabberd
from tests.servers.rig.ports import LOOPBACK
from tests.servers.rig.process import Process
from tests.servers.rig.prosody import Prosody
from tests.servers.rig.server import Server
from tests.servers.rig.waiting import Waited, waitFor

pytestmark = pytest.mark.servers


def test_messagesAreKeptForThoseWhoAreOffline(server: Server, phones: Phones) -> None:
    """
    A message for somebody who is offline is there at the next login.
    """
    alice, bob = server.account("alice"), phones.online(server.account("bob"))

    bob.say(alice.jid, "are you there?")

    assert phones.online(alice).heard() == "are you there?"


def test_accountsSurviveARestart(server: Server, phones: Phones) -> None:
    """
    Whether a server is stopped or dies, it comes back with its accounts.
    """
    alice = server.account("alice")
    server.restart()
    phones.online(alice).logOff()

    server.kill()
    server.start()

    phones.online(alice).ping()


def test_serversFindAndTrustOneAnother(prosody: Prosody, ejabberd: Ejabberd, phones: Phones) -> None:
    """
    Messages pass between the servers, both ways: names and certificates are right.
    """
    alice, bob = phones.online(prosody.account("alice")), phones.online(ejabberd.account("bob"))

    alice.say(bob.jid, "there")
    assert bob.heard() == "there"
    bob.say(alice.jid, "and back")
    assert alice.heard() == "and back"


def test_absentComponentIsAnError(server: Server, phones: Phones) -> None:
    """
    While no pushsvc is connected, its domain answers nothing but errors.
    """
    alice = phones.online(server.account("alice"))

    with pytest.raises(Refused):
        alice.ping(f"push.{server.domain}")


def test_frozenServerAnswersNobody(server: Server, phones: Phones) -> None:
    """
    A frozen server takes connections and says nothing, until it is thawed.
    """
    alice = phones.online(server.account("alice"))
    server.freeze()
    try:
        with socket.create_connection((LOOPBACK, server.ports["c2s"])) as probe:
            probe.settimeout(0.2)
            probe.sendall(b"<stream:stream")
            with pytest.raises(TimeoutError):
                probe.recv(1)
    finally:
        server.thaw()

    alice.ping()


def test_busyEjabberdLogsEverything(ejabberd: Ejabberd, phones: Phones) -> None:
    """
    However much happens within a second, nothing that a test could wait for is left out of the log.
    """
    alice, bob = phones.online(ejabberd.account("alice")), phones.online(ejabberd.account("bob"))
    bodies = [f"number {number} of many" for number in range(400)]
    position = ejabberd.log.position()

    alice.say(bob.jid, *bodies)

    ejabberd.log.waitFor(bodies[-1], position)
    log = ejabberd.log.since(position)
    assert [body for body in bodies if body not in log] == []


def test_talkativeEjabberdKeepsItsLog(ejabberd: Ejabberd, phones: Phones) -> None:
    """
    However much ejabberd has to say, its log does not begin anew in the midst of a test.
    """
    alice, bob = phones.online(ejabberd.account("alice")), phones.online(ejabberd.account("bob"))
    position = ejabberd.log.position()

    alice.say(bob.jid, *["long " * 4_000] * 110)
    alice.say(bob.jid, "this is the end")

    ejabberd.log.waitFor("this is the end", position)
    assert ejabberd.log.position() > position + 10 * 2**20


def test_processTakesItsChildrenAlong(tmp_path: Path) -> None:
    """
    What a program started ends with it, even when the program is killed.
    """
    script = "sleep 1000 & echo $! > child.new; mv child.new child; wait"
    process = Process(["sh", "-c", script], tmp_path, tmp_path / "output", {"PATH": "/usr/bin:/bin"})
    waitFor((tmp_path / "child").exists, "the child was started")
    child = Path("/proc") / (tmp_path / "child").read_text().strip()

    process.kill()

    assert not process.isAlive()
    waitFor(lambda: not child.exists() or ") Z " in (child / "stat").read_text(), "the child is gone")


def test_processThatDoesNotStopIsKilled(tmp_path: Path) -> None:
    """
    A program that is frozen or deaf ends all the same.
    """
    script = "trap '' TERM; touch ready; while :; do sleep 0.05; done"
    process = Process(["sh", "-c", script], tmp_path, tmp_path / "output", {"PATH": "/usr/bin:/bin"})
    waitFor((tmp_path / "ready").exists, "it runs")
    process.send(signal.SIGSTOP)

    assert process.stop(0.2) is None
    assert not process.isAlive()


def test_waitingIsOverAtTheDeadline() -> None:
    """
    What does not come is said to be missing, in words.
    """
    with pytest.raises(Waited, match="snow in August: not within 0 seconds"):
        waitFor(lambda: False, "snow in August", 0)
