"""
The benchmark measures what it says, as far as can be seen in a moment: its figures are nobody's tests.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import pushsvc
from bench import report, stages
from bench.building import CannotBuild, build
from bench.figures import Figures, Least
from bench.processes import runComponent
from bench.pump import Answers, Pump
from bench.server import Listening
from bench.stanzas import DOMAIN, head, publish, tail
from pushsvc.wire.notification import readPublish
from tests.support import untested
from tests.wire.support import tree

ROOT = Path(__file__).parents[2]


@pytest.fixture
def component():
    """
    The component in C, built.
    """
    if shutil.which("cc") is None:
        untested("there is no C compiler")
    try:
        return build("component", ROOT / "build" / "bench")
    except CannotBuild as e:
        untested(str(e))


def test_whatIsPublishedIsAPublish():
    """
    What the benchmark publishes is read as a notification with a summary, and has the node's secret.
    """
    stanza = tree(publish(1, tail("node", "secret"), head("other.example", DOMAIN)).decode())

    read = readPublish(stanza, DOMAIN, "other.example")

    assert ("node", ("secret",)) == (read.node, read.options["secret"])
    assert 1 == read.notifications[0].summary.messageCount
    assert ("other.example", DOMAIN) == (stanza.attribute("from"), stanza.attribute("to"))


def test_everyPublishIsAnsweredAndTimed(component):
    """
    A closed loop and an open loop end when every publish has its answer.
    """
    listening = Listening()
    process, line = runComponent(component, listening)
    line.tails = [tail(f"node-{number}", "secret") for number in range(10)]
    pump = Pump([line])

    closed = pump.closed(1000, 5)
    opened = pump.open(100, 2000)
    line.close()
    listening.close()
    process.wait(60)

    assert (1000, 1000, 0) == (closed.count, len(closed.latencies), closed.errors)
    assert (100, 100, 0) == (opened.count, len(opened.latencies), opened.errors)
    assert 0.049 < opened.seconds


def test_everythingIsAPartOfTheWork():
    """
    Every file that a push goes through is counted to one part of the work.
    """
    house = Path(pushsvc.__file__).parent
    rooms = ("links", "wire", "xmpp", "nodetrees", "nodetypes", "delivery", "providers", "httpclient", "storage")
    files = [file for room in rooms for file in (house / room).rglob("*.py")]

    assert [] == [file for file in files if stages.ofFile(str(file)) is None]
    assert stages.PARSE == stages.ofFile(str(house / "links" / "elementstream.py"))
    assert stages.ofFile("/usr/lib/python3/select.py") is None


def test_aStackIsItsInnermostFileOfOurs():
    """
    What libraries do for us counts as ours, and what nobody of us asked for is the reactor's.
    """

    def frame(file, name, back=None):
        return SimpleNamespace(f_code=SimpleNamespace(co_filename=file, co_name=name), f_back=back)

    link = frame("/x/pushsvc/links/stream.py", "send")

    assert stages.REPLY == stages.stageOf(frame("/x/twisted/internet/tcp.py", "write", link))
    assert stages.DEFERRED == stages.stageOf(frame("/x/twisted/internet/defer.py", "callback", link))
    assert stages.REACTOR == stages.stageOf(frame("/x/twisted/internet/tcp.py", "doRead"))


def test_theTableSaysIt():
    """
    The table holds the medians, the ratio, and the count.
    """
    answers = Answers(4, 1.0, [0.001, 0.002, 0.003, 0.004], 0)
    component = Figures([300.0, 310.0, 900.0], [200.0], [3000.0], 250.0, published=7, requests=7, distinct=6)
    s2s = Figures([400.0], [300.0], [2000.0], opening=2000.0, open=[(1000, answers, 400.0)])
    component.open, s2s.stages = s2s.open, {stages.SQL: 80.0}
    component.stages = {stages.SQL: 90.0}

    table = report.table({"component": component, "s2s": s2s}, Least([6.0], [4.0]), 10, 5)

    assert "| CPU per push, µs | 310 (300 to 900) | 400 (400 to 400) |" in table
    assert "| 31.0 | 40.0 |" in table
    assert "| a stream opened and closed, µs | - | 2000 |" in table
    assert "| s2s, 1000 a second | 3.0 | 4.0 | 4.0 | 400 |" in table
    assert f"| {stages.SQL} | 90 | 80 |" in table
    assert "| different apns-ids | 6 | 0 |" in table


def test_oneRequestForEachPublish():
    """
    A run in which one is missing, doubled or refused is not whole.
    """
    runs = [(7, 7, 7, 0), (7, 6, 6, 0), (7, 8, 7, 0), (7, 7, 6, 0), (7, 7, 7, 1)]

    whole = [
        Figures(published=published, requests=requests, distinct=distinct, errors=errors).isWhole
        for published, requests, distinct, errors in runs
    ]

    assert [True, False, False, False, False] == whole


def test_itSaysHowItIsUsed():
    """
    Whoever asks is told what there is to choose.
    """
    argv = [sys.executable, "-m", "bench", "--help"]

    said = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120)

    assert 0 == said.returncode
    assert "--rounds" in said.stdout
