"""
The benchmark's servers say to pushsvc what servers say, and everything they publish arrives once.
"""

import re
import shutil
import socket
import ssl
import threading
from pathlib import Path

import pytest

from bench.building import CannotBuild, build
from bench.line import Line
from bench.pump import Pump
from bench.s2s.front import S2SFront
from bench.s2s.home import Home, keyOf
from bench.s2s.talk import BIDI, STARTTLS, Talk
from bench.stanzas import DOMAIN, tail
from bench.trial import Trial
from tests.servers.rig.authority import Authority
from tests.support import untested

ROOT = Path(__file__).parents[2]

PING = "<iq type='get' from='push.example.net' to='{to}' id='ask'><ping xmlns='urn:xmpp:ping'/></iq>"


class Other(threading.Thread):
    """
    The other end of two connections: answers on the second what it hears on the first.

    :ivar said: what it has heard.
    """

    def __init__(self, domain):
        super().__init__(daemon=True)
        (out, self._hears), (back, self._says) = socket.socketpair(), socket.socketpair()
        self.line = Line(out, back, domain)
        self.line.tails = [tail(f"{domain}-{number}", "secret") for number in range(4)]
        self.said = b""
        self.start()

    def run(self):
        self._says.sendall(PING.format(to=self.line.domain).encode())
        while data := self._hears.recv(100):
            before, self.said = len(re.findall(b"</iq>", self.said)), self.said + data
            for id in re.findall(rb"id='(p[0-9a-f]+)'.*?</iq>", self.said)[before:]:
                # In pieces.
                self._says.sendall(b"<iq to='s' id='%s' " % id)
                self._says.sendall(b"from='x' type='result'/>")
        self._hears.close()
        self._says.close()


@pytest.fixture
def sink():
    """
    The push network in C, built.
    """
    if shutil.which("cc") is None:
        untested("there is no C compiler")
    try:
        return build("sink", ROOT / "build" / "bench")
    except CannotBuild as e:
        untested(str(e))


@pytest.fixture
def certificate(tmp_path):
    """
    Of a server.
    """
    return Authority(tmp_path / "authority").issue("a.example")


def test_linesPublishByTurns():
    """
    Each line publishes from its own domain to its own nodes, one after the other; who is asked whether it is still
    there says so.
    """
    others = [Other("a.example"), Other("b.example")]
    pump = Pump([other.line for other in others])

    answers = pump.closed(11, 3)
    for other in others:
        other.line.close()
        other.join(60)

    first, second = (other.said.decode() for other in others)
    assert (11, 0) == (answers.count, answers.errors)
    assert [0, 2, 4, 6, 8, 10] == [int(each, 16) for each in re.findall("id='p([0-9a-f]+)'", first)]
    assert ["0", "1", "2", "3", "0"] == re.findall("node='b.example-([0-9])'", second)
    assert "<iq type='result' from='b.example' to='push.example.net' id='ask'/>" in second


def test_aStreamThatEndsIsNoAnswer():
    """
    A run does not wait for answers that cannot come, nor takes what is said in the wrong place for one.
    """
    out, hears = socket.socketpair()
    back, says = socket.socketpair()
    line = Line(out, back)
    line.hurry()

    hears.sendall(b"<stream:error/>")
    with pytest.raises(RuntimeError, match="stream:error"):
        line.answers()
    says.close()
    with pytest.raises(RuntimeError, match="ended"):
        line.answers()
    line.close()
    hears.close()


def _context(protocol, certificate):
    context = ssl.SSLContext(protocol)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.load_cert_chain(certificate.certificate, certificate.key)
    return context


def test_whoComesHomeIsTakenIn(certificate):
    """
    Where pushsvc comes to, it is told which dialback keys are valid, and its stream is taken once it has said who it
    is.
    """
    home = Home(_context(ssl.PROTOCOL_TLS_SERVER, certificate), external=False)
    talk = Talk(socket.create_connection(("127.0.0.1", home.port)))

    talk.opens(DOMAIN, "a.example")
    talk.say(STARTTLS)
    talk.hears("<proceed")
    talk.encrypts(_context(ssl.PROTOCOL_TLS_CLIENT, certificate))
    talk.opens(DOMAIN, "a.example")
    verdicts = []
    for key in (keyOf("a.example", DOMAIN, "7"), "wrong"):
        talk.say(f"<db:verify from='{DOMAIN}' to='a.example' id='7'>{key}</db:verify>")
        verdicts += talk.hears("<db:verify[^>]* type='([a-z]+)'/>")
    talk.say(f"<db:result from='{DOMAIN}' to='a.example'>key</db:result>")
    talk.hears("<db:result[^>]* type='valid'/>")
    came = home.cameTo("a.example")
    talk.say(BIDI)
    heard = came.recv(1000)
    home.close()
    talk.connection.close()
    came.close()

    assert (["valid", "invalid"], BIDI.encode()) == (verdicts, heard)


@pytest.mark.parametrize(
    ("external", "bidi"), [(True, False), pytest.param(False, True, marks=pytest.mark.long)]
)
def test_everyPublishOfServersArrivesOnce(tmp_path, sink, external, bidi):
    """
    Servers with streams of their own, however they prove who they are and whichever way answers come, publish; each
    publish makes one request.
    """
    front = S2SFront(tmp_path / "rig", 2, external, bidi)
    trial = Trial(tmp_path / "s2s", front, sink, 20, 100)
    try:
        trial.round()
        trial.openLoop(100, 0.3)
        trial.knock()
    finally:
        trial.end()

    figures = trial.figures
    assert (130, 130, 130, 0) == (figures.published, figures.requests, figures.distinct, figures.errors)
    assert external == (figures.opening is not None)
    assert figures.isWhole
